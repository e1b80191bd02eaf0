"""The fast path: articles to tags."""

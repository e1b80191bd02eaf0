"""Articles and paragraphs: everything up to the text that is tagged."""

"""Articles as people keep them: files of many kinds, web pages, archives."""

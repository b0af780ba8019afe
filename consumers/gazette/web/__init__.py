"""The gazette's pages and JSON: the open issue with its table of contents, and each document's text."""

"""Files that people share."""

"""HTTP: the pages, signing in, static files and health."""

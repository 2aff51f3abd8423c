"""The web pages: guard board, resident's home, manager's desk."""

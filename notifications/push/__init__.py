"""Web push: the browsers that can be woken, and how they are."""

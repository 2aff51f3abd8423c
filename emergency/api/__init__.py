"""Doors: REST. They translate and call; they decide nothing."""

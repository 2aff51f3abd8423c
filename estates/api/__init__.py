"""Doors: who am I, and in which estates."""

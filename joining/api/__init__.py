"""Doors: asking, deciding, inviting, answering, keeping a household."""

"""What can be done with lists: one verb per function."""

"""What can be done to estates and people: one verb per function."""

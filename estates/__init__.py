"""Estates, their units and people, and what each person may do in which estate."""

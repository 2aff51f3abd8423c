"""Devices that a person connected with: when each was last here, by which sign-in, and their end."""

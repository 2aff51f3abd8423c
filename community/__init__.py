"""Polls, feedback, help desk, documents, marketplace, directory, bookings."""

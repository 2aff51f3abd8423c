"""Announcements, conversations and meetings."""

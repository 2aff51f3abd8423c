"""Alerts: raised by anybody, climbing a ladder of people and channels until a human being acknowledges."""

"""Visitor passes and gate events: who is inside."""

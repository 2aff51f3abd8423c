"""Reads of alerts, their ladders and their record."""

"""Telephone calls, by whichever provider the settings name."""

from notifications.voice.registry import get_provider, is_set_up

__all__ = ["get_provider", "is_set_up"]

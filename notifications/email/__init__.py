"""Mail, by whichever provider the settings name."""

from notifications.email.registry import get_provider

__all__ = ["get_provider"]

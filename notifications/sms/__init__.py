"""SMS, by whichever provider the settings name."""

from notifications.sms.registry import get_provider

__all__ = ["get_provider"]

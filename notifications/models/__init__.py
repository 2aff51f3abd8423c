"""The record of who was told what, and what people want to be told."""

from notifications.models.choices import NotificationChoice, QuietHours
from notifications.models.deliveries import Delivery

__all__ = ["Delivery", "NotificationChoice", "QuietHours"]

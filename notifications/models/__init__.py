"""The record of who was told what, what people want to be told, and the devices that can be woken."""

from notifications.models.choices import NotificationChoice, QuietHours
from notifications.models.deliveries import Delivery
from notifications.models.subscriptions import PushSubscription

__all__ = ["Delivery", "NotificationChoice", "PushSubscription", "QuietHours"]

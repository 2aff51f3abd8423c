"""What can be done to an alert: one verb per function."""

from emergency.services.answering import acknowledge_alert, arrive_at_alert, resolve_alert, respond_to_alert
from emergency.services.contacts import add_contact, remove_contact
from emergency.services.ending import cancel_alert, close_alert, request_cancel
from emergency.services.links import acknowledge_by_call, acknowledge_by_link, link_behind, open_link
from emergency.services.messages import post_message
from emergency.services.raising import raise_alert

__all__ = [
    "acknowledge_alert",
    "acknowledge_by_call",
    "acknowledge_by_link",
    "add_contact",
    "arrive_at_alert",
    "cancel_alert",
    "close_alert",
    "link_behind",
    "open_link",
    "post_message",
    "raise_alert",
    "remove_contact",
    "request_cancel",
    "resolve_alert",
    "respond_to_alert",
]

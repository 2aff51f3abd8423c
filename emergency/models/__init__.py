"""Alerts, what is done about them, and the record."""

from emergency.models.alerts import Alert, AlertCounter, Raise, Responder
from emergency.models.contacts import Contact
from emergency.models.ladder import AlertStep, AuditorRun, EscalationPolicy
from emergency.models.messages import AlertMessage, MessageRead
from emergency.models.timeline import TimelineEntry

__all__ = [
    "Alert",
    "AlertCounter",
    "AlertMessage",
    "AlertStep",
    "AuditorRun",
    "Contact",
    "EscalationPolicy",
    "MessageRead",
    "Raise",
    "Responder",
    "TimelineEntry",
]

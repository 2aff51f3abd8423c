"""Verbs on deliveries.

Other apps use `intend`, `withdraw` and `acknowledge`; the rest is for this app's own doors.
"""

from notifications.services.intending import Body, Recipient, intend, withdraw
from notifications.services.proving import acknowledge

__all__ = ["Body", "Recipient", "acknowledge", "intend", "withdraw"]

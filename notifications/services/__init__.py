"""Verbs on deliveries.

Other apps use `intend`, `withdraw` and `acknowledge`; the rest is for this app's own doors.
"""

from notifications.services.intending import Body, Recipient, intend
from notifications.services.proving import acknowledge
from notifications.services.withdrawing import withdraw

__all__ = ["Body", "Recipient", "acknowledge", "intend", "withdraw"]

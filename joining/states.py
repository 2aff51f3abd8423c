"""What becomes of a request and of an invitation: open until somebody decides, and then for good."""

from enum import StrEnum


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class InvitationState(StrEnum):
    """An open one that has expired is shown as `expired`; it can be sent again."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Sending(StrEnum):
    """How far the text or mail of an invitation is."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"

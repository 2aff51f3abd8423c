"""What is told of an estate's homes."""

from typing import Final

from estates.permissions import Permission
from notifications.kinds import notification_kind
from notifications.states import Channel

HOME: Final = notification_kind(
    "estates.home.changed",
    "The office has moved you into a home, or out of one",
    channels=[Channel.SMS],
)

SUPPORT: Final = notification_kind(
    "estates.support.changed",
    "Somebody of the platform has entered the estate for support, or has left",
    channels=[Channel.SMS],
    is_mandatory=True,
    permission=Permission.READ_SUPPORT,
)

"""What is told of an estate's homes."""

from typing import Final

from notifications.kinds import notification_kind
from notifications.states import Channel

HOME: Final = notification_kind(
    "estates.home.changed",
    "The office has moved you into a home, or out of one",
    channels=[Channel.SMS],
)

"""What guard posts tell people."""

from typing import Final

from estates.permissions import Permission
from notifications.kinds import notification_kind
from notifications.states import Channel

#: An SOS is not seen there: as an emergency, nobody's choice holds it back.
DARK: Final = notification_kind(
    "staff.post.dark",
    "The tablet of a guard post is dark",
    channels=[Channel.WEBSOCKET, Channel.SMS],
    is_mandatory=True,
    permission=Permission.MANAGE_POSTS,
)
LIT: Final = notification_kind(
    "staff.post.lit",
    "The tablet of a guard post is back",
    channels=[Channel.WEBSOCKET, Channel.SMS],
    default=[Channel.WEBSOCKET],
    permission=Permission.MANAGE_POSTS,
)

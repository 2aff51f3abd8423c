"""Who may hear about alerts."""

from collections.abc import Iterable

from estates.members import Member
from estates.permissions import Permission
from realtime.topics import Topic, emergency_lane, listens


@listens
def emergency_topics(actor: Member) -> Iterable[Topic]:
    """Responders hear the lane. Everybody hears of his own alerts in his inbox."""
    if actor.may(Permission.READ_ALERTS):
        yield emergency_lane(actor.estate_id)

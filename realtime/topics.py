"""Topics: the streams a client may hear, and who may hear which."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from estates.members import Member
from estates.permissions import MANAGEMENT, RESPONDERS


class Topic(NamedTuple):
    """A stream's name, and the estate whose it is."""

    name: str
    estate_id: UUID


def everyone(estate_id: UUID) -> Topic:
    """All members of the estate."""
    return Topic(f"estate.{estate_id}.all", estate_id)


def guards(estate_id: UUID) -> Topic:
    """Guards, the security head and managers: the work of the gate."""
    return Topic(f"estate.{estate_id}.guards", estate_id)


def managers(estate_id: UUID) -> Topic:
    """Managers and the security head."""
    return Topic(f"estate.{estate_id}.managers", estate_id)


def emergency_lane(estate_id: UUID) -> Topic:
    """Alerts and nothing else, so that an SOS never waits behind anything."""
    return Topic(f"estate.{estate_id}.emergency", estate_id)


def inbox(member_id: UUID, estate_id: UUID) -> Topic:
    """One person's private topic in one estate."""
    return Topic(f"member.{member_id}", estate_id)


def is_emergency(name: str) -> bool:
    """Whether frames of this topic overtake others and are never shed."""
    return name.endswith(".emergency")


Listener = Callable[[Member], Iterable[Topic]]

listeners: list[Listener] = []


def listens(function: Listener) -> Listener:
    """Register a function that says which topics a member may hear. It decides by permission or role, once."""
    listeners.append(function)
    return function


def topics_of(actor: Member) -> list[Topic]:
    """Everything the member may hear, the emergency lane first: that is the order of replay.

    A topic of another estate would be a hole in the wall between estates, so it is refused here once more.
    """
    found = {
        topic for listener in listeners for topic in listener(actor) if topic.estate_id == actor.estate_id
    }
    return sorted(found, key=lambda topic: (not is_emergency(topic.name), topic.name))


@listens
def _own_topics(actor: Member) -> Iterable[Topic]:
    yield inbox(actor.id, actor.estate_id)
    if actor.kind == "support":
        # What the desk's pages need, and nothing in which an alert or a conversation could stand.
        yield managers(actor.estate_id)
        return
    if actor.lacks_second_factor:
        return
    yield everyone(actor.estate_id)
    if actor.role_keys & RESPONDERS:
        yield guards(actor.estate_id)
    if actor.role_keys & MANAGEMENT:
        yield managers(actor.estate_id)

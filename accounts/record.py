"""What happens to an account stands on the record of each estate that its owner belongs to."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from accounts.models import User
from core import audit
from core.actors import Actor

#: The estates to which a user belongs, each with who he is there.
Places = Callable[[User], Iterable[tuple[UUID, Actor]]]

_places: list[Places] = []


def says_where(places: Places) -> Places:
    """Register who knows where users belong: `estates`, of which nothing is imported here."""
    _places.append(places)
    return places


def record(user: User, action: str, changes: Mapping[str, Any], *, by: Actor | None = None) -> None:
    """Put `action` ("accounts.session.ended") on the record of each of the user's estates, or the platform's where he
    has none. `by`: who did it, where that was not himself. Raises `NoUnitOfWork` outside a unit of work.
    """
    found = [place for places in _places for place in places(user)]
    for estate_id, himself in found:
        audit.record(by or himself, action, user, changes, estate_id=estate_id)
    if not found:
        audit.record(by or Actor(kind="user", id=user.pk, name=user.name), action, user, changes)

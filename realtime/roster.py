"""Rosters: which devices of an estate's guards, security heads and managers are here, and what changed since."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, JSONField, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber

from realtime.frames import DeviceMeta, PersonHere, PostRef, PresenceDiff, PresenceState
from realtime.presence import responders_leases

#: Devices of one estate that are told; whoever has been here longest comes first. It bounds the frame, and so what an
#: SOS can have to wait behind.
MOST_DEVICES = 100


class Here(NamedTuple):
    """A device that is here. `post`: where it stands."""

    since: datetime
    member_id: UUID
    device: str
    name: str
    post: tuple[UUID, str] | None


class Roster(NamedTuple):
    """One estate's devices. `unlisted`: how many more there are."""

    devices: frozenset[Here]
    unlisted: int


#: An expression over leases: the post of each as JSON `{id, name}`, or null.
PostOf = Callable[[], Combinable]

_post_of: list[PostOf] = []


def knows_posts(function: PostOf) -> PostOf:
    """Register the function that says at which post a device stands. Part of the one query, not one more."""
    _post_of[:] = [function]
    return function


def read_rosters(estate_ids: Collection[UUID]) -> dict[UUID, Roster]:
    """Of each estate, in one query. What is not told is left out there: a thousand rows a second would be felt."""
    post = _post_of[0]() if _post_of else Value(None, output_field=JSONField())
    leases = responders_leases(estate_ids).annotate(
        place=Window(RowNumber(), partition_by="estate_id", order_by=("since", "membership_id", "device")),
        total=Window(Count("pk"), partition_by="estate_id"),
    )
    found: dict[UUID, list[Here]] = {estate_id: [] for estate_id in estate_ids}
    totals: dict[UUID, int] = {}
    rows = (
        leases.filter(place__lte=MOST_DEVICES)
        .annotate(post=post)
        .values_list(
            "estate_id", "total", "since", "membership_id", "device", "membership__user__name", "post"
        )
    )
    for estate_id, total, since, member_id, device, name, where in rows:
        found[estate_id].append(Here(since, member_id, device, name, _post(where)))
        totals[estate_id] = total
    return {
        estate_id: Roster(frozenset(devices), totals.get(estate_id, 0) - len(devices))
        for estate_id, devices in found.items()
    }


def state_of(roster: Roster) -> PresenceState:
    """The whole."""
    return PresenceState(present=_people(roster.devices), unlisted=roster.unlisted)


def diff_of(before: Roster, after: Roster) -> PresenceDiff | None:
    """What changed, if anything did. A device whose post or beginning changed leaves and joins."""
    if before == after:
        return None
    return PresenceDiff(
        joins=_people(after.devices - before.devices),
        leaves=_people(before.devices - after.devices),
        unlisted=after.unlisted,
    )


def _post(where: Mapping[str, Any] | None) -> tuple[UUID, str] | None:
    return (UUID(where["id"]), where["name"]) if where else None


def _people(devices: Iterable[Here]) -> dict[str, PersonHere]:
    names: dict[str, str] = {}
    metas: dict[str, list[DeviceMeta]] = defaultdict(list)
    for since, member_id, device, name, post in sorted(devices, key=lambda one: one[:3]):
        ref = PostRef(id=post[0], name=post[1]) if post else None
        names[str(member_id)] = name
        metas[str(member_id)].append(DeviceMeta(device=device, since=since, post=ref))
    return {member_id: PersonHere(name=name, metas=metas[member_id]) for member_id, name in names.items()}

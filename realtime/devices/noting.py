"""Writing down which devices connect. Leases say who is here now and go with the socket; this stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from core.clock import now
from core.ids import new_id
from realtime.models import Device
from realtime.upsert import upsert

#: Seconds after which a device that is still connected is written down again.
NOTED_EVERY_S: Final = 300.0


class Seen(NamedTuple):
    """`session_key`: the sign-in behind its socket."""

    session_key: str
    at: datetime


def note_devices(seen: Mapping[tuple[UUID, UUID, str], Seen]) -> None:
    """Make or renew the rows of devices (by estate, member and device), in one statement."""
    if not seen:
        return
    upsert(
        Device,
        [(new_id(), *key, found.session_key, found.at, found.at) for key, found in sorted(seen.items())],
        columns=("id", "estate", "membership", "name", "session_key", "first_seen_at", "last_seen_at"),
        unique=("membership", "name"),
        update=("session_key", "last_seen_at"),
    )


def seen_now(session_key: str) -> Seen:
    return Seen(session_key, now())

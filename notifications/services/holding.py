"""What people chose, applied to ordinary deliveries: when they are written down, and again before they are sent.

An emergency's never come here.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from core.clock import now
from estates.models import Estate
from notifications.kinds import Kind, kinds
from notifications.models import Delivery, NotificationChoice, QuietHours
from notifications.quiet import quiet_until
from notifications.services.advancing import advance
from notifications.services.claiming import claimed
from notifications.states import MUTED, QUIET, Channel, State, Work

MUTED_WORDS: Final = "He has switched this off"
QUIET_WORDS: Final = "It would have been too late after the quiet hours"


def as_chosen(rows: list[Delivery], kind: Kind, *, expires_at: datetime | None) -> list[Delivery]:
    """The deliveries (not written yet) as their people want them, by two queries more than none.

    Whoever never asked for a kind that is off by default gets none. Whoever switched it off himself gets one that says
    so. In quiet hours an SMS waits for their end. `expires_at`: after which it is of no use, where the caller knows.
    """
    if not rows:
        return []
    channel = Channel(rows[0].channel)
    members = {row.member_id for row in rows if row.member_id is not None}
    chosen = _choices(rows[0].estate_id, members, kind, channel)
    is_heard = kind.disturbs and channel is not Channel.WEBSOCKET
    ends = _quiet_ends(rows[0].estate_id, members) if is_heard else {}
    found = []
    for row in rows:
        is_on = chosen.get(row.member_id, channel in kind.default) if row.member_id else True
        if not is_on and row.member_id not in chosen:
            continue
        if not is_on:
            _end(row, MUTED, MUTED_WORDS)
        elif row.work == Work.SEND and (until := ends.get(row.member_id)):
            _hold(row, until, expires_at)
        found.append(row)
    return found


def held_back(row: Delivery) -> bool:
    """Whether a claimed ordinary delivery must not go out now. What is to become of it is then written down.

    It may have been written before its member changed his mind, or a try that failed may come back within his quiet
    hours.
    """
    if row.is_emergency or row.member_id is None or row.kind not in kinds:
        return False
    kind, channel = kinds[row.kind], Channel(row.channel)
    own = claimed(row).filter(work=Work.SEND)
    is_on = _choices(row.estate_id, {row.member_id}, kind, channel).get(
        row.member_id, channel in kind.default
    )
    if not is_on:
        advance(own, State.EXPIRED, channel=channel, error_code=MUTED, error=MUTED_WORDS)
        return True
    until = _quiet_ends(row.estate_id, {row.member_id}).get(row.member_id) if kind.disturbs else None
    if until is None:
        return False
    if until >= row.expires_at:
        advance(own, State.EXPIRED, channel=channel, error_code=QUIET, error=QUIET_WORDS)
    else:
        own.update(due_at=until)
    return True


def _choices(
    estate_id: UUID, members: Collection[UUID], kind: Kind, channel: Channel
) -> Mapping[UUID | None, bool]:
    if not kind.can_be_chosen(channel):
        return {}
    rows = NotificationChoice.objects.of(estate_id).filter(kind=kind.key, channel=channel)
    return dict(rows.filter(membership__pk__any_of=members).values_list("membership_id", "is_on"))


def _quiet_ends(estate_id: UUID, members: Collection[UUID]) -> Mapping[UUID | None, datetime]:
    """Of those who are in their quiet hours, when these are over."""
    rows = list(QuietHours.objects.of(estate_id).filter(membership__pk__any_of=members))
    if not rows:
        return {}
    zone, at = Estate.objects.values_list("time_zone", flat=True).get(pk=estate_id), now()
    ends = {
        row.membership_id: quiet_until(at, row.begins, row.ends, ZoneInfo(row.time_zone or zone))
        for row in rows
    }
    return {member_id: end for member_id, end in ends.items() if end is not None}


def _hold(row: Delivery, until: datetime, expires_at: datetime | None) -> None:
    if expires_at is not None and until >= expires_at:
        _end(row, QUIET, QUIET_WORDS)
        return
    if expires_at is None:
        row.expires_at += until - row.intended_at
    row.due_at = until


def _end(row: Delivery, code: str, words: str) -> None:
    row.state, row.expired_at, row.work, row.due_at = State.EXPIRED, row.intended_at, Work.NONE, None
    row.error_code, row.error = code, words

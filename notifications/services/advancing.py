"""The one way in which a delivery's state changes."""

from typing import Any

from django.db.models import QuerySet

from core.clock import now
from notifications import metrics
from notifications.models import Delivery
from notifications.states import REACHED_FROM, TERMINAL, UNPROVEN, State, Work


def advance(rows: QuerySet[Delivery], to: State, *, channel: str, **changes: Any) -> int:
    """Move those of `rows` (all of one channel) that may still come to the state `to`; answers how many were moved.

    One conditional update: of two callers that report the same thing, one wins. `changes` are written with it. A row
    that has ended already keeps its state and learns the time: a text that arrived after we had given it up did arrive.
    """
    stamp = f"{to}_at"
    if to not in UNPROVEN:
        changes |= {"work": Work.NONE, "due_at": None}
    at = now()
    moved = rows.filter(state__in=REACHED_FROM[to]).update(**{"state": to, stamp: at} | changes)
    if not moved and to not in TERMINAL:
        rows.filter(state__in=TERMINAL, **{f"{stamp}__isnull": True}).update(**{stamp: at})
    metrics.count(channel, to, moved)
    return moved


def advance_one(delivery: Delivery, to: State, **changes: Any) -> bool:
    """The same for one delivery; answers whether this caller moved it."""
    row = Delivery.objects.across_estates().filter(pk=delivery.pk)
    return advance(row, to, channel=delivery.channel, **changes) == 1

"""Support access as it is listed, and who else reacts when one begins or ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from core.actors import Actor
from core.clock import now
from core.http.filters import one_of, searched
from core.shapes import Page, View
from estates.models import Estate, SupportAccess


class SupportView(View):
    """A platform admin's access to the estate. `is_open`: he can enter now. `ended_by`: null while nobody ended it."""

    id: UUID
    name: str
    reason: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    is_open: bool


class SupportPage(Page):
    results: list[SupportView]


@dataclass(frozen=True, slots=True)
class SupportChange:
    """An access began, or it ended."""

    access: SupportAccess
    estate: Estate
    actor: Actor
    is_start: bool


Reaction = Callable[[SupportChange], None]

reactions: list[Reaction] = []


def on_support(function: Reaction) -> Reaction:
    """Register what else happens when one begins or ends. What it raises undoes it."""
    reactions.append(function)
    return function


def react(change: SupportChange) -> None:
    """Tell the features. Called within the unit of work that changes it."""
    for reaction in reactions:
        reaction(change)


def is_open() -> Q:
    return Q(ended_at__isnull=True, expires_at__gt=now())


#: What `?state=` takes.
STATES: Final[dict[str, Callable[[], Q]]] = {"open": is_open, "ended": lambda: ~is_open()}


def support_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[SupportAccess]:
    """The estate's: `q` in name or reason, `state`. Raises `FilterNotValid`."""
    found = SupportAccess.objects.of(estate)
    if given.get("state"):
        found = found.filter(one_of(STATES, given["state"], "state")())
    return searched(found, given, "name", "reason")


def support_view(access: SupportAccess) -> SupportView:
    return SupportView(
        id=access.pk,
        name=access.name,
        reason=access.reason,
        started_at=access.started_at,
        expires_at=access.expires_at,
        ended_at=access.ended_at,
        ended_by=access.ended_by or None,
        is_open=access.ended_at is None and access.expires_at > now(),
    )

"""What joining holds of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from accounts.erasing import DOMAIN, pseudonym_of
from core.batches import delete_some
from core.personal_data import holds
from joining.models import Invitation, JoinRequest
from joining.states import RequestState


def _requests(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = JoinRequest.objects.across_estates().filter(user_id=user_id)
    fields = ("unit_said", "kind", "note", "state", "reason", "asked_at", "decided_at")
    yield from rows.values("estate__name", *fields).iterator()


def _invitations(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Invitation.objects.across_estates().filter(membership__user_id=user_id)
    fields = ("name", "phone", "email", "kind", "state", "created_at", "answered_at")
    yield from rows.values("estate__name", *fields).iterator()


def _erase_requests(user_id: UUID) -> None:
    """An open one is gone: nobody is there any more who could be let in."""
    own = JoinRequest.objects.across_estates().filter(user_id=user_id)
    own.filter(state=RequestState.OPEN).delete()
    own.update(unit_said="", note="", reason="")


def _erase_invitations(user_id: UUID) -> None:
    # The database wants one address.
    nowhere = Concat(Cast(F("id"), CharField()), Value(f"@{DOMAIN}"), output_field=CharField())
    Invitation.objects.across_estates().filter(membership__user_id=user_id).update(
        name=pseudonym_of(user_id), phone=None, email=nowhere
    )


def _purge_requests(before: datetime, limit: int) -> int:
    over = JoinRequest.objects.across_estates().exclude(state=RequestState.OPEN).filter(asked_at__lt=before)
    return delete_some(over.order_by("asked_at"), limit)


def _purge_invitations(before: datetime, limit: int) -> int:
    """Also those that nobody ever answered: they have run out long ago."""
    over = Invitation.objects.across_estates().filter(created_at__lt=before, expires_at__lt=before)
    return delete_some(over.order_by("created_at"), limit)


holds(
    "joining.requests",
    what="Who asked to belong to an estate, which home he named, and what became of it",
    why="The office decides who comes in",
    models=["joining.JoinRequest", "joining.JoinCode"],
    days=365,
    purge=_purge_requests,
    on_deletion="an open one is deleted; others stay under the pseudonym, without words",
    export=_requests,
    erase=_erase_requests,
)
holds(
    "joining.invitations",
    what="Who was invited, at which number or address, and what became of it",
    why="Whoever is invited comes in by a link that he alone has",
    models=["joining.Invitation"],
    days=90,
    purge=_purge_invitations,
    on_deletion="stays under the pseudonym, without number and address; one that was never answered goes with time",
    export=_invitations,
    erase=_erase_invitations,
)

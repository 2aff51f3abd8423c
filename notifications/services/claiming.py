"""Which worker does what: rows are taken by a conditional update and a lease, whatever the database."""

from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, QuerySet

from core.clock import now
from notifications.models import Delivery
from notifications.states import UNPROVEN, Work

#: From taking a row to starting on it. A worker that needs longer has lost it.
CLAIM_LEASE: Final = timedelta(seconds=5)
#: From starting a call to having written down its end; more than a provider's time-outs together.
CALL_LEASE: Final = timedelta(seconds=12)


def claim_due(rows: QuerySet[Delivery], *, limit: int) -> list[Delivery]:
    """Take up to `limit` of `rows` that are due. Nobody else has them until their lease ends."""
    at = now()
    due = rows.filter(due_at__lte=at).order_by("due_at")
    # Almost every second nothing is due: this one read of a partial index is then all there is.
    if not due.exists():
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        return [row for row in due[:limit] if _take(row, due_at__lte=at)]


def _take(row: Delivery, **still: Any) -> bool:
    until = now() + CLAIM_LEASE
    taken = (
        Delivery.objects.across_estates()
        .filter(pk=row.pk, claim=row.claim, **still)
        .update(claim=F("claim") + 1, due_at=until)
    )
    row.claim, row.due_at = row.claim + 1, until
    return taken == 1


def claimed(row: Delivery) -> QuerySet[Delivery]:
    """The row, if this claim on it still holds."""
    return Delivery.objects.across_estates().filter(pk=row.pk, claim=row.claim)


def begin_call(row: Delivery, *, provider: str) -> bool:
    """Write down that the provider is about to be called to send it. False: it must not be sent (any more).

    From here until its end is written down, nobody can say whether the message exists.
    """
    at = now()
    former = [*row.former_provider_ids, row.provider_id] if row.provider_id else row.former_provider_ids
    begun = claimed(row).filter(state__in=UNPROVEN, work=Work.SEND, expires_at__gt=at)
    changes: dict[str, Any] = {
        "work": Work.RECONCILE,
        "due_at": at + CALL_LEASE,
        "attempt": row.attempt + 1,
        "attempted_at": at,
        "provider": provider,
        "provider_id": "",
        "former_provider_ids": former,
    }
    if not begun.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True


def extend(row: Delivery) -> bool:
    """Hold the row for the time of a question to the provider. False: somebody else has it by now."""
    return bool(claimed(row).update(due_at=now() + CALL_LEASE))

"""Taking back what nobody needs to hear any more."""

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from core.background import enqueue_on_commit
from core.clock import now
from notifications.models import Delivery
from notifications.services.advancing import advance
from notifications.states import UNPROVEN, WITHDRAWN, Channel, State, Work


def withdraw(*, subject_id: UUID) -> int:
    """Take back whatever about this subject has not been sent yet; answers how many.

    A text whose call to the provider is under way can no longer be stopped, but is not tried again. A telephone that
    rings is let ring no longer; whoever has picked it up is not cut off.
    """
    about = Delivery.objects.across_estates().filter(subject_id=subject_id)
    taken_back = sum(
        _withdraw_unsent(about.filter(channel=channel), channel)
        for channel in (Channel.SMS, Channel.VOICE, Channel.PUSH)
    )
    _stop_ringing(about)
    return taken_back


def _withdraw_unsent(rows: QuerySet[Delivery], channel: Channel) -> int:
    unsent = rows.filter(state=State.INTENDED, work=Work.SEND)
    taken_back = advance(unsent, State.EXPIRED, channel=channel, error_code=WITHDRAWN)
    # Reported as undelivered and waiting for another try: it stays on the record as that failure.
    undelivered = rows.filter(state__in=[State.ACCEPTED, State.SENT], work=Work.SEND)
    taken_back += advance(undelivered, State.FAILED, channel=channel)
    rows.filter(work__in=[Work.RECONCILE, Work.CONFIRM], expires_at__gt=now()).update(expires_at=now())
    return taken_back


def _stop_ringing(about: QuerySet[Delivery]) -> None:
    calls = about.filter(channel=Channel.VOICE, state__in=UNPROVEN, work__in=[Work.RECONCILE, Work.CONFIRM])
    calls.filter(withdrawn_at__isnull=True).update(withdrawn_at=now())
    # The rows are ours until the commit: whoever learns a call's id after this sees that it is withdrawn.
    placed = [str(pk) for pk in _placed(calls).values_list("pk", flat=True)]
    _placed(calls).update(**_hanging_up())
    if placed:
        enqueue_on_commit("notifications.deliver", delivery_ids=placed)


def hang_up_if_withdrawn(row: Delivery) -> None:
    """Have the sweeper stop a telephone's ringing, where it need ring no longer and the provider's name for the call is
    known. Whoever is asking the provider about it has lost his claim.
    """
    if row.channel != Channel.VOICE:
        return
    call = Delivery.objects.across_estates().filter(pk=row.pk, state__in=UNPROVEN)
    _placed(call.filter(work__in=[Work.RECONCILE, Work.CONFIRM])).update(**_hanging_up())


def _placed(calls: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return calls.filter(withdrawn_at__isnull=False).exclude(provider_id="")


def _hanging_up() -> dict[str, Any]:
    return {"work": Work.HANG_UP, "due_at": now(), "claim": F("claim") + 1}

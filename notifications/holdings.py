"""What notifications hold of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.erasing import pseudonym_of
from core.batches import delete_some
from core.personal_data import holds
from notifications.models import Delivery, NotificationChoice, PushSubscription, QuietHours
from notifications.states import Work


def _to(user_id: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.across_estates().filter(member__user_id=user_id)


def _deliveries(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    fields = ("subject", "channel", "address", "body", "state", "intended_at", "sent_at", "delivered_at")
    yield from _to(user_id).order_by("intended_at").values("estate__name", *fields).iterator()


def _choices(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    switches = NotificationChoice.objects.across_estates().filter(membership__user_id=user_id)
    yield from switches.values("estate__name", "kind", "channel", "is_on").iterator()
    hours = QuietHours.objects.across_estates().filter(membership__user_id=user_id)
    yield from hours.values("estate__name", "begins", "ends", "time_zone").iterator()


def _subscriptions_of(user_id: UUID) -> QuerySet[PushSubscription]:
    return PushSubscription.objects.across_estates().filter(membership__user_id=user_id)


def _subscriptions(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    fields = ("device", "user_agent", "endpoint", "created_at", "last_ok_at")
    yield from _subscriptions_of(user_id).values("estate__name", *fields).iterator()


def _erase_subscriptions(user_id: UUID) -> None:
    _subscriptions_of(user_id).delete()


def erase_addressee(rows: QuerySet[Delivery], name: str) -> None:
    """That somebody was told, by which way and when, stays; who, and at which number, does not."""
    rows.update(
        recipient_name=name,
        # One per step and channel, as before, and nobody's number.
        recipient_key=Concat(Value("erased:"), Cast(F("id"), CharField()), output_field=CharField()),
        address="",
        body="",
        error="",
        work=Work.NONE,
        due_at=None,
    )


def _erase(user_id: UUID) -> None:
    erase_addressee(_to(user_id), pseudonym_of(user_id))
    NotificationChoice.objects.across_estates().filter(membership__user_id=user_id).delete()
    QuietHours.objects.across_estates().filter(membership__user_id=user_id).delete()


def _purge(before: datetime, limit: int) -> int:
    over = Delivery.objects.across_estates().filter(intended_at__lt=before, due_at__isnull=True)
    return delete_some(over.order_by("intended_at"), limit)


holds(
    "notifications.deliveries",
    what="Who was told what, by which way, at which number, and how far it came",
    why="Proof that an alert reached people, or why it did not",
    models=["notifications.Delivery"],
    days=730,
    purge=_purge,
    on_deletion="stays without name, number and words",
    export=_deliveries,
    erase=_erase,
)
holds(
    "notifications.choices",
    what="What somebody wants to be told, and his quiet hours",
    why="His own choice",
    models=["notifications.NotificationChoice", "notifications.QuietHours"],
    kept="until he changes them",
    on_deletion="deleted",
    export=_choices,
)
holds(
    "notifications.subscriptions",
    what="Devices that are woken, and their addresses at the browsers' push services",
    why="An alert reaches somebody whose device sleeps",
    models=["notifications.PushSubscription"],
    kept="until it is turned off, signed out or gone",
    on_deletion="deleted",
    export=_subscriptions,
    erase=_erase_subscriptions,
)

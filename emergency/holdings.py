"""What alerts hold of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.erasing import pseudonym_of
from core.batches import delete_some
from core.personal_data import holds
from emergency.errors import AlertStillOpen
from emergency.models import Alert, AlertMessage, Contact, Raise
from emergency.notices import SUBJECT
from emergency.states import OPEN
from notifications.holdings import erase_addressee
from notifications.models import Delivery


def _alerts(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Alert.objects.across_estates().filter(Q(person__user_id=user_id) | Q(raised_by__user_id=user_id))
    fields = ("id", "number", "category", "state", "note", "latitude", "longitude", "outcome", "report")
    times = ("raised_at", "acknowledged_at", "resolved_at", "closed_at")
    yield from rows.order_by("raised_at").values("estate__name", *fields, *times).iterator()


def _words(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = AlertMessage.objects.across_estates().filter(author__user_id=user_id)
    yield from rows.order_by("at").values("alert_id", "at", "text").iterator()


def _contacts(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Contact.objects.across_estates().filter(member__user_id=user_id)
    yield from rows.values("estate__name", "name", "phone", "created_at").iterator()


def _erase(user_id: UUID) -> None:
    """His contacts, their numbers on the record of his alerts, what his app was answered, where he was, and his name in
    the texts that went out. Raises `AlertStillOpen`: whoever comes to help must find him.
    """
    own = Alert.objects.across_estates().filter(person__user_id=user_id)
    if own.filter(state__in=OPEN).exists():
        raise AlertStillOpen
    Contact.objects.across_estates().filter(member__user_id=user_id).delete()
    Raise.objects.across_estates().filter(member__user_id=user_id).update(
        answer={}, latitude=None, longitude=None, accuracy_m=None
    )
    own.update(latitude=None, longitude=None, accuracy_m=None, positioned_at=None)
    about = Delivery.objects.across_estates().filter(subject=SUBJECT, subject_id__in=own.values("pk"))
    about.update(body="")
    erase_addressee(about.filter(member__isnull=True), f"Contact of {pseudonym_of(user_id)}")


def _purge_alerts(before: datetime, limit: int) -> int:
    """Closed and cancelled ones, with everything that hangs on them."""
    over = Alert.objects.across_estates().exclude(state__in=OPEN).filter(raised_at__lt=before)
    return delete_some(over.order_by("raised_at"), limit)


def _purge_positions(before: datetime, limit: int) -> int:
    """Of alerts that are over: nobody comes to help there any more."""
    placed = Q(latitude__isnull=False) | Q(longitude__isnull=False) | Q(positioned_at__isnull=False)
    alerts = Alert.objects.across_estates().exclude(state__in=OPEN).filter(placed, raised_at__lt=before)
    found = list(alerts.order_by("raised_at").values_list("pk", flat=True)[:limit])
    Alert.objects.across_estates().filter(pk__in=found).update(
        latitude=None, longitude=None, accuracy_m=None, positioned_at=None
    )
    presses = (
        Raise.objects.across_estates()
        .exclude(alert__state__in=OPEN)
        .filter(latitude__isnull=False, at__lt=before)
    )
    pressed = list(presses.order_by("at").values_list("pk", flat=True)[:limit])
    Raise.objects.across_estates().filter(pk__in=pressed).update(
        answer={}, latitude=None, longitude=None, accuracy_m=None
    )
    return max(len(found), len(pressed))


holds(
    "emergency.positions",
    what="Where somebody was who raised an SOS",
    why="Those who help must find him",
    models=[],
    days=30,
    purge=_purge_positions,
    on_deletion="removed",
)
holds(
    "emergency.alerts",
    what="Alerts, who answered them, reports, the timeline and what was said",
    why="An estate must be able to show what happened and what was done",
    models=[
        "emergency.Alert",
        "emergency.Raise",
        "emergency.Responder",
        "emergency.TimelineEntry",
        "emergency.AlertMessage",
        "emergency.MessageRead",
    ],
    days=1825,
    purge=_purge_alerts,
    on_deletion="stays under the pseudonym; what was written (notes, reports, the timeline) keeps its words",
    export=_alerts,
)
holds(
    "emergency.messages",
    what="What somebody said on an alert",
    why="See `emergency.alerts`",
    models=[],
    kept="as long as the alert",
    on_deletion="stays under the pseudonym",
    export=_words,
)
holds(
    "emergency.contacts",
    what="Names and numbers of the people whom an SOS tells",
    why="Somebody's own people are told when he needs help",
    models=["emergency.Contact"],
    kept="until their member removes them",
    on_deletion="deleted; on the record of his alerts they stay without name and number",
    export=_contacts,
    erase=_erase,
)

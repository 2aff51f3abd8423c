"""What happened to an alert, and to each message about it."""

from django.db.models import QuerySet
from msgspec import convert

from emergency.models import Alert, TimelineEntry
from emergency.shapes import DeliveryView, TimelineActor, TimelineView
from notifications.models import Delivery


def timeline_of(alert: Alert) -> QuerySet[TimelineEntry]:
    """The alert's entries in the order in which things happened."""
    return TimelineEntry.objects.of(alert.estate_id).filter(alert=alert)


def timeline_view(entry: TimelineEntry) -> TimelineView:
    return TimelineView(
        id=entry.pk,
        at=entry.at,
        kind=entry.kind,
        actor=TimelineActor(kind=entry.actor_kind, id=entry.actor_id, name=entry.actor_name),
        text=entry.text,
        data=entry.data,
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    return convert(delivery, DeliveryView, from_attributes=True)

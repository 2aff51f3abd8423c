"""What the live feed holds of people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.batches import delete_some
from core.personal_data import holds
from realtime.models import Device, DeviceLease, ReceiptPosition


def _devices(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = Device.objects.across_estates().filter(membership__user_id=user_id)
    yield from rows.values("estate__name", "name", "first_seen_at", "last_seen_at").iterator()


def _receipts(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = ReceiptPosition.objects.across_estates().filter(membership__user_id=user_id)
    yield from rows.values("estate__name", "device", "topic", "kind", "offset", "at").iterator()


def _erase_devices(user_id: UUID) -> None:
    for model in (Device, DeviceLease, ReceiptPosition):
        model.objects.across_estates().filter(membership__user_id=user_id).delete()


def _purge_devices(before: datetime, limit: int) -> int:
    rows = Device.objects.across_estates().filter(last_seen_at__lt=before)
    return delete_some(rows.order_by("last_seen_at"), limit)


def _purge_receipts(before: datetime, limit: int) -> int:
    return delete_some(ReceiptPosition.objects.across_estates().filter(at__lt=before).order_by("at"), limit)


def _left_to_trim(before: datetime, limit: int) -> int:
    """`realtime.trim` deletes events: each stream must say up to where. Here is nothing left to do."""
    return 0


holds(
    "realtime.events",
    what="Events of the live feed, with names and what they tell",
    why="Whoever was away reads what he missed",
    models=["realtime.Event", "realtime.Stream"],
    days=30,
    purge=_left_to_trim,
    on_deletion="stays until its time is over, which is at most the period later",
)
holds(
    "realtime.devices",
    what="Devices that were connected, and when",
    why="Their owner signs out what he has lost; the estate knows who is here",
    models=["realtime.Device", "realtime.DeviceLease"],
    days=365,
    purge=_purge_devices,
    on_deletion="deleted",
    export=_devices,
    erase=_erase_devices,
)
holds(
    "realtime.receipts",
    what="Up to where each device has received and shown what was told",
    why="Nothing is lost, and an alert knows whom it has reached",
    models=["realtime.ReceiptPosition"],
    days=90,
    purge=_purge_receipts,
    on_deletion="deleted",
    export=_receipts,
)

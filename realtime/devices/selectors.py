"""Reads of one's own devices."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from core.clock import now
from core.shapes import Page, View
from estates.selectors import memberships_of
from realtime.models import Device, DeviceLease


class DeviceView(View):
    """A device that connected to an estate's live feed. `device`: what it calls itself. `is_here`: it is connected now.

    `last_seen_at`: to within 5 minutes. `is_signed_in`: the sign-in with which it connected still holds.
    """

    id: UUID
    device: str
    estate_id: UUID
    estate: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_here: bool
    is_signed_in: bool


class DevicePage(Page):
    results: list[DeviceView]


def devices_of(user: User) -> QuerySet[Device]:
    """In all the estates to which the user belongs."""
    leases = DeviceLease.objects.across_estates().filter(
        membership_id=OuterRef("membership_id"), device=OuterRef("name"), expires_at__gt=now()
    )
    own = Device.objects.across_estates().filter(membership__in=memberships_of(user).order_by().values("pk"))
    return own.select_related("estate").annotate(is_here=Exists(leases))


def device_view(device: Device, *, live: set[str]) -> DeviceView:
    """Of a row that comes from `devices_of`. `live`: the keys of sign-ins that hold."""
    return DeviceView(
        id=device.pk,
        device=device.name,
        estate_id=device.estate_id,
        estate=device.estate.name,
        first_seen_at=device.first_seen_at,
        last_seen_at=device.last_seen_at,
        is_here=device.is_here,  # type: ignore[attr-defined]
        is_signed_in=device.session_key in live,
    )

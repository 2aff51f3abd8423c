"""Who is here: a lease per device, renewed while its socket's client answers."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from core.clock import now
from estates.permissions import RESPONDERS
from estates.selectors import holders_across
from realtime.models import DeviceLease
from realtime.upsert import fields_of, rows_in_sql, upsert

#: Heartbeats that a lease outlives the last one that renewed it.
LEASE_HEARTBEATS = 2.5

#: `(estate_id, member_id, device)`.
DeviceKey = tuple[UUID, UUID, str]
#: Leases that one statement deletes.
_PORTION = 500


def lease() -> timedelta:
    """How long a device counts as present after it was renewed."""
    return timedelta(seconds=settings.CLUSTR_HEARTBEAT_S * LEASE_HEARTBEATS)


def renew_leases(devices: Collection[DeviceKey]) -> None:
    """Begin or extend the leases of devices, in one statement."""
    if not devices:
        return
    since = now()
    expires_at = since + lease()
    upsert(
        DeviceLease,
        [(*device, since, expires_at) for device in sorted(set(devices))],
        columns=("estate", "membership", "device", "since", "expires_at"),
        unique=("membership", "device"),
        update=("expires_at",),
        # One that had run out begins anew.
        update_if={"since": "{table}.{expires_at} < excluded.{since}"},
    )


def end_leases(devices: Mapping[DeviceKey, datetime]) -> None:
    """The devices' last sockets here were closed in good order, at these times.

    A lease that was renewed after that stays: the device is connected to another process by now.
    """
    rows = [(member_id, device, at + lease()) for (_, member_id, device), at in devices.items()]
    quote = connection.ops.quote_name
    fields = fields_of(DeviceLease, ("membership", "device", "expires_at"))
    table, (member, device, expires_at) = (
        quote(DeviceLease._meta.db_table),
        [quote(str(field.column)) for field in fields],
    )
    for at in range(0, len(rows), _PORTION):
        source, parameters = rows_in_sql(fields, rows[at : at + _PORTION])
        with connection.cursor() as cursor:
            # The time is compared with the lease's own: one that another process renews meanwhile is looked at again.
            cursor.execute(
                f"WITH closed (member, device, latest) AS ({source})"  # noqa: S608 - names of our own
                f" DELETE FROM {table} WHERE {member} IN (SELECT member FROM closed) AND EXISTS (SELECT 1 FROM closed"
                f" WHERE closed.member = {table}.{member} AND closed.device = {table}.{device}"
                f" AND {table}.{expires_at} <= closed.latest)",
                parameters,
            )


def live_leases(estate_id: UUID) -> QuerySet[DeviceLease]:
    """Leases of devices that answer. A dead wifi's device counts until its lease runs out."""
    return DeviceLease.objects.of(estate_id).filter(expires_at__gt=now())


def responders_leases(estate_ids: Collection[UUID]) -> QuerySet[DeviceLease]:
    """Live leases of those who respond to alerts, in several estates.

    A device's name is what its client says. So a resident who says the name of the gate's tablet is not in here.
    """
    responders = holders_across(estate_ids, *RESPONDERS).values("membership")
    return DeviceLease.objects.across_estates().filter(
        estate_id__in=estate_ids, membership__in=responders, expires_at__gt=now()
    )


def present(estate_id: UUID) -> set[UUID]:
    """Members with at least one live device."""
    return set(live_leases(estate_id).values_list("membership_id", flat=True))

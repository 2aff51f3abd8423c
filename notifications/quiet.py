"""Quiet hours by the clock on the wall, over midnight and over a change of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def is_quiet(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> bool:
    """Whether the wall's clock stands within the hours. The end does not belong to them."""
    wall = at.astimezone(zone).time()
    if begins < ends:
        return begins <= wall < ends
    return wall >= begins or wall < ends


def quiet_until(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours in which `at` lies are over, in UTC; None where it lies in none.

    Where the clocks are put back over the end, it comes twice: the first one after `at` counts. Where they are put
    forward over it, it does not come at all: they are over when it would have come.
    """
    if not is_quiet(at, begins, ends, zone):
        return None
    day = at.astimezone(zone).date()
    found = (
        datetime.combine(day + timedelta(days=days), ends.replace(fold=fold), zone).astimezone(UTC)
        for days in range(3)
        for fold in (0, 1)
    )
    return min(end for end in found if end > at and not is_quiet(end, begins, ends, zone))

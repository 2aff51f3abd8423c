"""Pulses: who of us is at work, and since when without a break.

Whoever draws a conclusion from silence must know that somebody was there to hear: a device has not gone dark because
all of us were down.
"""

import asyncio
import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Case, F, Value, When

from core.clock import now
from realtime.models import Pulse
from realtime.threads import in_thread

log = logging.getLogger(__name__)

#: Of all processes that serve sockets, together.
FEED = "feed"
#: Seconds between two beats of a process.
BEAT_S = 3.0
#: A pulse that was not felt for so long has stopped.
STOPPED_AFTER = timedelta(seconds=10)


def beat(name: str) -> None:
    """One sign of life. After a break the pulse counts from now."""
    at = now()
    has_stopped = When(beat_at__lt=at - STOPPED_AFTER, then=Value(at))
    felt = Pulse.objects.filter(name=name).update(
        alive_since=Case(has_stopped, default=F("alive_since")), beat_at=at
    )
    if not felt:
        Pulse.objects.bulk_create([Pulse(name=name, alive_since=at, beat_at=at)], ignore_conflicts=True)


async def keep_beating(name: str) -> None:
    """Until cancelled."""
    while True:
        try:
            await in_thread(beat, name)
        except Exception as error:
            log.warning("The pulse could not be written (%s)", error)
        await asyncio.sleep(BEAT_S)


def alive_since(names: Collection[str]) -> datetime | None:
    """Since when all of these are at work without a break; None while one of them is not."""
    pulses = list(Pulse.objects.filter(name__in=names))
    if len(pulses) < len(names) or any(pulse.beat_at < now() - STOPPED_AFTER for pulse in pulses):
        return None
    return max(pulse.alive_since for pulse in pulses)

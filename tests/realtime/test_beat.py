"""Pulses: who of us is at work, and since when without a break."""

import asyncio
from datetime import timedelta

import time_machine
from asgiref.sync import sync_to_async

from core.clock import now
from realtime.models import Pulse
from realtime.pulse import STOPPED_AFTER, alive_since, beat, keep_beating


def test_a_pulse_counts_from_its_first_beat_and_anew_after_a_break(transactional_db: None) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        beat("one")
        began = alive_since(["one"])
        clock.shift(STOPPED_AFTER - timedelta(seconds=1))
        beat("one")
        assert alive_since(["one"]) == began == Pulse.objects.get(name="one").alive_since
        clock.shift(STOPPED_AFTER + timedelta(seconds=1))
        assert alive_since(["one"]) is None
        beat("one")
        assert alive_since(["one"]) == now()


def test_all_of_them_must_be_at_work(transactional_db: None) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        beat("one")
        assert alive_since(["one", "other"]) is None
        clock.shift(timedelta(seconds=5))
        beat("other")
        assert alive_since(["one", "other"]) == now()


async def test_a_process_says_so_by_itself(transactional_db: None) -> None:
    beating = asyncio.create_task(keep_beating("of the test"))
    async with asyncio.timeout(10):
        while await sync_to_async(alive_since)(["of the test"]) is None:
            await asyncio.sleep(0.02)
    beating.cancel()

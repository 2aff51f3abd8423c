"""A tablet that stops reading is cut off, and nobody else notices."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.faults.conftest import Seeded
from tests.faults.scenes import assert_nothing_missing, settle
from tests.support.client import Client
from tests.support.systems import Embedded

pytestmark = [pytest.mark.fault, pytest.mark.timeout(90)]

#: Characters of an event, events of a burst, and bursts: far more than the buffers of the kernel and ours together.
SIZE, BURST, BURSTS = 40_000, 5, 60


def has_heard(client: Client, count: int) -> bool:
    return len(client.events) == count


async def test_a_stalled_reader_is_cut_off_and_holds_nobody_up(
    embedded: Callable[..., Embedded], seeded: Seeded
) -> None:
    town = seeded.towns().take()
    system = embedded(planted="none")
    stalled = await Client.start(system.door, person=town.gate, name="stalled")
    others = [
        await Client.start(system.door, person=person, name=person.key) for person in (town.chief, town.ada)
    ]
    sender = await system.door.tablet(town.sule, is_receipting=False)
    await stalled.stall()

    delays = []
    for number in range(1, BURSTS + 1):
        began = time.monotonic()
        await sender.command("planted.publish", {"count": BURST, "size": SIZE})
        for other in others:
            await other.until(partial(has_heard, other, number * BURST))
        delays.append(time.monotonic() - began)
    assert max(delays) < 1.5, delays
    assert len(stalled.events) < BURSTS * BURST

    stalled.read_on()
    await stalled.until(lambda: stalled.closes != [])
    assert stalled.closes[0] in (4008, None)
    await settle(system, [stalled, *others], f"estate.{town.estate_id}.all")
    assert_nothing_missing(system, [stalled, *others])
    assert all(other.closes == [] for other in others)
    await sender.close()
    await asyncio.gather(*(client.stop() for client in (stalled, *others)))

"""The checker is checked: with a bug planted in the server, it must say so; without one, it must say nothing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from tests.faults.conftest import Seeded
from tests.faults.scenes import found_missing
from tests.support.client import Client
from tests.support.history import Fault
from tests.support.systems import Embedded
from tests.support.wire import Tablet

pytestmark = [pytest.mark.fault, pytest.mark.timeout(90)]


async def publish(tablet: Tablet, count: int, **options: object) -> None:
    for _ in range(count):
        await tablet.command("planted.publish", options)


async def faults_with(system: Embedded, seeded: Seeded) -> list[Fault]:
    """Events, some of them undone, a break, more events; then what the checker finds with the guard."""
    town = seeded.towns().take()
    guard = await Client.start(system.door, person=town.gate, name="gate")
    sender = await system.door.tablet(town.sule, is_receipting=False)
    await publish(sender, 2)
    await publish(sender, 1, is_undone=True)
    await publish(sender, 3)
    await guard.away()
    await publish(sender, 4)
    await guard.back()
    # The fifteenth announcement is one of those that the deaf one loses, and no later one gives it away.
    await publish(sender, 6)
    topic = f"estate.{town.estate_id}.all"
    heads = await asyncio.to_thread(system.heads, topic)
    assert heads[topic] == 15
    with suppress(AssertionError):
        # With the bug in it, it may never come.
        await guard.until(partial(guard.has_all, heads), timeout_s=3)
    await sender.close()
    await guard.stop()
    return found_missing(system, [guard])


@pytest.mark.parametrize(
    ("bug", "kinds"),
    [
        ("none", set()),
        ("deaf", {"lost"}),
        ("hasty", {"phantom", "lost"}),
        ("forgetful", {"lost"}),
        ("stuttering", {"duplicated"}),
    ],
)
async def test_it_finds_the_bug_and_nothing_else(
    embedded: Callable[..., Embedded], seeded: Seeded, bug: str, kinds: set[str]
) -> None:
    faults = await faults_with(embedded(planted=bug), seeded)

    assert {fault.kind for fault in faults} == kinds, [str(fault) for fault in faults]

"""What reaches an open socket: everything, once, in order, whatever happens to the hints."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from core.actors import SYSTEM
from core.clock import now
from core.unit_of_work import unit_of_work
from realtime.broker import broker
from realtime.events import Fact
from realtime.log import MAX_REPLAY
from realtime.models import DeviceLease, Event, ReceiptPosition, Stream
from realtime.presence import present
from realtime.publishing import publish
from realtime.tasks import trim
from realtime.topics import Topic, guards, inbox
from tests.support.wire import Tablet

pytestmark = pytest.mark.socket


class Counted(Fact, type="test.thing.counted"):
    number: int


@sync_to_async
def tell(topic: Topic, *numbers: int) -> None:
    for number in numbers:
        with unit_of_work():
            publish(Counted(number=number), to=[topic], actor=SYSTEM)


async def numbers(tablet: Tablet, count: int) -> list[int]:
    return [(await tablet.event())["data"]["number"] for _ in range(count)]


async def eventually(check, *, timeout: float = 5.0) -> None:
    async with asyncio.timeout(timeout):
        while not await sync_to_async(check)():
            await asyncio.sleep(0.02)


async def test_everybody_in_the_topic_hears_it_and_nobody_else(server, cast):
    gate, sule, ada = [await server.tablet(person) for person in (cast.gate, cast.sule, cast.ada)]

    await tell(guards(cast.estate.pk), 1, 2, 3)

    assert await numbers(gate, 3) == await numbers(sule, 3) == [1, 2, 3]
    assert await ada.silent(0.5)
    for tablet in (gate, sule, ada):
        await tablet.close()


async def test_two_devices_of_one_person_both_hear_it(server, cast):
    phone, tablet = await server.tablet(cast.ada), await server.tablet(cast.ada)

    await tell(inbox(cast.ada.id, cast.estate.pk), 7)

    assert await numbers(phone, 1) == await numbers(tablet, 1) == [7]
    await phone.close()
    await tablet.close()


@pytest.mark.in_process
async def test_with_every_hint_lost_the_head_poll_brings_it_in_two_seconds(server, cast, monkeypatch):
    tablet = await server.tablet(cast.gate)
    monkeypatch.setattr(broker, "announce", lambda *_: None)

    async with asyncio.timeout(2):
        await tell(guards(cast.estate.pk), *range(20))
        assert await numbers(tablet, 20) == list(range(20))
    await tablet.close()


@pytest.mark.in_process
async def test_hints_out_of_order_or_twice_are_put_right(server, cast, monkeypatch):
    tablet = await server.tablet(cast.gate)
    hints = []
    monkeypatch.setattr(broker, "announce", lambda *hint: hints.append(hint))
    await tell(guards(cast.estate.pk), *range(6))
    monkeypatch.undo()

    for hint in [*reversed(hints), *hints]:
        broker.announce(*hint)

    assert await numbers(tablet, 6) == list(range(6))
    assert await tablet.silent(1.2)
    await tablet.close()


async def test_a_trimmed_log_is_told_not_half_replayed(server, cast):
    tablet = await server.tablet(cast.gate)
    await tell(guards(cast.estate.pk), *range(4))
    await numbers(tablet, 4)
    await tablet.close()
    topic = guards(cast.estate.pk).name
    stale = {**tablet.positions, topic: {**tablet.positions[topic], "offset": 1}}

    def grow_old() -> None:
        Event.objects.filter(stream__name=topic, offset__lte=3).update(at=now() - timedelta(days=31))
        trim()

    await sync_to_async(grow_old)()
    again = await server.tablet(cast.gate, positions=stale)

    assert again.welcome["topics"][topic] | {"epoch": ""} == {"head": 4, "epoch": "", "recovered": False}
    assert await again.silent(0.5)
    await again.close()


async def test_another_epoch_is_told(server, cast):
    tablet = await server.tablet(cast.gate)
    topic = guards(cast.estate.pk).name
    other = {topic: {"offset": 0, "epoch": "another"}}
    await tablet.close()

    again = await server.tablet(cast.gate, positions=other)

    assert not again.welcome["topics"][topic]["recovered"]
    await again.close()


@pytest.mark.in_process
async def test_a_database_put_back_to_yesterdays_sends_everybody_home_to_resync(server, cast, monkeypatch):
    monkeypatch.setattr("realtime.head_poll.SWEEP_S", 0)
    tablet = await server.tablet(cast.gate)
    await sync_to_async(
        Stream.objects.across_estates().filter(name=guards(cast.estate.pk).name).update, thread_sensitive=True
    )(epoch="restored")

    assert await tablet.close_code(timeout=4) == 4000


async def test_too_much_missed_is_a_snapshot(server, cast):
    tablet = await server.tablet(cast.gate)
    topic = guards(cast.estate.pk).name
    await tablet.close()
    await sync_to_async(Stream.objects.across_estates().filter(name=topic).update)(head=MAX_REPLAY + 1)

    again = await server.tablet(cast.gate, positions=tablet.positions)

    assert not again.welcome["topics"][topic]["recovered"]
    await again.close()


async def test_a_receipt_is_kept_and_none_from_the_future_is_believed(server, cast):
    tablet = await server.tablet(cast.gate, is_receipting=False)
    topic = guards(cast.estate.pk).name
    await tell(guards(cast.estate.pk), 1, 2)
    await numbers(tablet, 2)

    await tablet.send({"type": "received", "topics": {topic: 1}})
    await tablet.send({"type": "seen", "topics": {topic: 999, "estate.of.another": 5}})

    def kept():
        rows = ReceiptPosition.objects.of(cast.estate).values_list("topic", "kind", "offset")
        return sorted(rows) == [(topic, "received", 1), (topic, "seen", 2)]

    await eventually(kept)
    await tablet.close()


async def test_an_older_receipt_takes_nothing_back(server, cast):
    tablet = await server.tablet(cast.gate)
    topic = guards(cast.estate.pk).name
    await tell(guards(cast.estate.pk), 1, 2)
    await numbers(tablet, 2)
    await eventually(lambda: ReceiptPosition.objects.of(cast.estate).filter(topic=topic, offset=2).exists())

    await tablet.send({"type": "received", "topics": {topic: 1}})
    await tablet.send({"type": "ping", "ref": "p"})
    await tablet.frame("pong")

    assert await sync_to_async(ReceiptPosition.objects.of(cast.estate).get)(topic=topic) is not None
    assert (await sync_to_async(ReceiptPosition.objects.of(cast.estate).get)(topic=topic)).offset == 2
    await tablet.close()


async def test_presence_begins_with_the_socket_and_ends_with_it(server, cast):
    tablet = await server.tablet(cast.gate)

    # With the welcome, not with the first heartbeat: until then an SOS would take the gate for empty.
    assert await sync_to_async(present)(cast.estate.pk) == {cast.gate.id}
    await tablet.close()
    await eventually(lambda: present(cast.estate.pk) == set())


async def test_a_dead_devices_lease_runs_out(cast, transactional_db):
    await sync_to_async(DeviceLease.objects.create)(
        estate=cast.estate,
        membership=cast.gate.membership,
        device="d",
        expires_at=now() - timedelta(seconds=1),
    )

    assert await sync_to_async(present)(cast.estate.pk) == set()

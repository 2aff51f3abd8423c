"""The channel layer is deaf, mute or away: it is noticed, and mended."""

import asyncio
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from core.actors import SYSTEM
from core.errors import Unavailable
from core.unit_of_work import unit_of_work
from realtime import estate_groups
from realtime.arrival import Arrival
from realtime.broker import Broker, broker
from realtime.close_codes import CloseCode
from realtime.events import Fact
from realtime.head_poll import HeadPoll
from realtime.hub import Hub
from realtime.publishing import publish
from realtime.topics import guards

pytestmark = [pytest.mark.socket, pytest.mark.in_process]


class Rung(Fact, type="test.bell.rung"):
    pass


@sync_to_async
def ring(cast) -> None:
    with unit_of_work():
        publish(Rung(), to=[guards(cast.estate.pk)], actor=SYSTEM)


async def test_a_subscription_that_is_deaf_is_made_anew(server, cast, monkeypatch, caplog):
    """Its connection stands and its sends succeed, but nothing comes: only a probe can tell."""
    monkeypatch.setattr(estate_groups, "DEAF_AFTER_S", 2.0)
    receive = Broker.receive
    deaf = {"is": False}

    async def hear_nothing(self: Broker, channel: str):
        while True:
            announcements = await receive(self, channel)
            if not deaf["is"]:
                return announcements

    reset = Broker.reset

    async def mend(self: Broker) -> None:
        await reset(self)
        deaf["is"] = False

    async def look_away(self: HeadPoll) -> None:
        """So that nothing but a hint can bring the event."""

    monkeypatch.setattr(Broker, "receive", hear_nothing)
    monkeypatch.setattr(Broker, "reset", mend)
    tablet = await server.tablet(cast.gate)
    await ring(cast)
    await tablet.expect("test.bell.rung")
    deaf["is"] = True
    async with asyncio.timeout(15):
        while deaf["is"]:
            await asyncio.sleep(0.05)
    # Until the group is joined again.
    await asyncio.sleep(1.5)
    monkeypatch.setattr(HeadPoll, "look", look_away)

    await ring(cast)
    await tablet.expect("test.bell.rung", timeout=3)
    await tablet.close()


async def test_a_layer_that_cannot_be_probed_leaves_the_head_poll_in_charge(server, cast, monkeypatch):
    async def fail(self: Broker, *_: object) -> None:
        raise ConnectionError("the layer is away")

    tablet = await server.tablet(cast.gate)
    for name in ("probe", "join", "new_channel", "receive"):
        monkeypatch.setattr(Broker, name, fail)
    monkeypatch.setattr(broker, "announce", lambda *_: None)

    await ring(cast)
    await tablet.expect("test.bell.rung", timeout=3)
    await tablet.close()


async def test_a_group_joined_for_an_old_channel_is_joined_again_for_the_new_one(monkeypatch):
    estate_id, joined = uuid4(), []
    groups = estate_groups.EstateGroups({estate_id}, lambda _: None)

    async def join(self: Broker, estate: UUID, channel: str) -> None:
        joined.append(channel)
        if channel == "old":
            groups._channel = "new"

    monkeypatch.setattr(Broker, "join", join)
    groups._channel = "old"

    for _ in range(3):
        await groups.join(estate_id)

    assert joined == ["old", "new"]


async def test_who_was_let_in_before_the_batch_failed_is_sent_away_not_left_deaf():
    closed_with: list[int] = []

    class Open:
        def close(self, code: int, reason: str) -> None:
            closed_with.append(code)

    hub = Hub()
    arrival = Arrival(None, None, asyncio.get_running_loop().create_future())  # type: ignore[arg-type]
    arrival.session = Open()  # type: ignore[assignment]
    arrival.done.set_result(arrival.session)  # type: ignore[arg-type]

    hub.greeter._turn_away(arrival, Unavailable())

    assert closed_with == [CloseCode.RESTART]

"""Coming back: everything that was missed, once and in order, or a plain word that it cannot be had."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

from core.actors import SYSTEM
from core.clock import now
from core.unit_of_work import unit_of_work
from realtime.log import MAX_REPLAY
from realtime.models import Event
from realtime.publishing import publish
from realtime.topics import Topic, everyone
from staff.events import DutyEnded
from tests.support.background import run_task
from tests.support.cast import Cast
from tests.support.doors import Doors
from tests.support.wire import Tablet

pytestmark = pytest.mark.socket


@sync_to_async
def happen(cast: Cast, count: int, topic: Topic | None = None) -> None:
    """So many events, committed together."""
    with unit_of_work():
        for _ in range(count):
            fact = DutyEnded(member_id=cast.sule.id, name=cast.sule.name)
            publish(fact, to=[topic or everyone(cast.estate.pk)], actor=SYSTEM)


async def come_back(server: Doors, tablet: Tablet, **changes: Any) -> Tablet:
    options = {"positions": tablet.positions, "is_receipting": False, **changes}
    return await Tablet.connect(server.ws, resume_token=tablet.welcome["resume_token"], **options)


async def test_ten_events_come_once_and_in_order(server: Doors, cast: Cast) -> None:
    topic = everyone(cast.estate.pk).name
    tablet = await server.tablet(cast.gate)
    await happen(cast, 2)
    for _ in range(2):
        await tablet.event()
    await tablet.close()
    for _ in range(10):
        await happen(cast, 1)

    again = await come_back(server, tablet)

    assert all(state["recovered"] for state in again.welcome["topics"].values())
    assert [(await again.event())["offset"] for _ in range(10)] == list(range(3, 13))
    # And it is live.
    await happen(cast, 1)
    assert (await again.event())["offset"] == 13
    assert await again.silent(1.2)
    assert {frame["topic"] for frame in again.everything if frame["type"] == "event"} == {topic}
    await again.close()


async def test_what_is_committed_while_it_comes_back_is_neither_lost_nor_twice(
    server: Doors, cast: Cast
) -> None:
    tablet = await server.tablet(cast.gate)
    watcher = await server.tablet(cast.sule)
    await tablet.close()
    for number in range(1, 31):
        await happen(cast, 1)
        if number % 6 == 0:
            tablet = await come_back(server, tablet)
            # Some of it is read, the rest is lost with the connection.
            for _ in range(4):
                await tablet.event()
            await tablet.close()
    tablet = await come_back(server, tablet)

    offsets = [(await tablet.event())["offset"] for _ in range(10)]
    assert offsets == list(range(21, 31))
    assert [(await watcher.event())["offset"] for _ in range(30)] == list(range(1, 31))
    for one in (tablet, watcher):
        await one.close()


async def test_a_position_of_another_epoch_is_worth_nothing(server: Doors, cast: Cast) -> None:
    topic = everyone(cast.estate.pk).name
    await happen(cast, 3)
    tablet = await server.tablet(cast.gate)
    await tablet.close()
    tablet.positions[topic] = {"offset": 1, "epoch": "of-yesterday"}

    again = await come_back(server, tablet)

    states = again.welcome["topics"]
    assert [name for name, state in states.items() if not state["recovered"]] == [topic]
    await happen(cast, 1)
    # Nothing of the past: the client reads a snapshot for that.
    assert (await again.event())["offset"] == 4
    await again.close()


async def test_a_restore_sends_open_sockets_away_and_back_without_their_positions(
    server: Doors, cast: Cast
) -> None:
    tablet = await server.tablet(cast.gate)
    await happen(cast, 1)
    await tablet.event()

    await sync_to_async(call_command)("renew_epochs", verbosity=0)

    assert await tablet.close_code(timeout=5) == 4000
    again = await come_back(server, tablet)
    assert not any(state["recovered"] for state in again.welcome["topics"].values())
    await again.close()


async def test_a_position_that_the_log_does_not_reach_back_to(server: Doors, cast: Cast) -> None:
    topic = everyone(cast.estate.pk).name
    tablet = await server.tablet(cast.gate)
    await tablet.close()
    await happen(cast, 5)
    await sync_to_async(_trim)(topic, upto=3)

    too_far = await come_back(server, tablet)
    assert not too_far.welcome["topics"][topic]["recovered"]
    epoch = too_far.welcome["topics"][topic]["epoch"]
    just = await come_back(server, tablet, positions={topic: {"offset": 3, "epoch": epoch}})
    assert just.welcome["topics"][topic]["recovered"]
    assert [(await just.event())["offset"] for _ in range(2)] == [4, 5]
    for one in (too_far, just):
        await one.close()


def _trim(topic: str, *, upto: int) -> None:
    old = Event.objects.filter(stream__name=topic, offset__lte=upto)
    old.update(at=now() - timedelta(days=60))
    run_task("realtime.trim")
    assert Event.objects.filter(stream__name=topic).count() == 2


@pytest.mark.parametrize("missed", [MAX_REPLAY, MAX_REPLAY + 1])
async def test_so_much_is_replayed_and_no_more(server: Doors, cast: Cast, missed: int) -> None:
    topic = everyone(cast.estate.pk).name
    tablet = await server.tablet(cast.gate)
    await tablet.close()
    await happen(cast, missed)

    again = await come_back(server, tablet)

    assert again.welcome["topics"][topic]["recovered"] is (missed <= MAX_REPLAY)
    if missed <= MAX_REPLAY:
        assert [(await again.event())["offset"] for _ in range(missed)] == list(range(1, missed + 1))
    await happen(cast, 1)
    assert (await again.event())["offset"] == missed + 1
    await again.close()


async def test_a_position_from_the_future_is_worth_nothing(server: Doors, cast: Cast) -> None:
    topic = everyone(cast.estate.pk).name
    tablet = await server.tablet(cast.gate)
    await tablet.close()
    tablet.positions[topic]["offset"] = 99

    again = await come_back(server, tablet)

    assert not again.welcome["topics"][topic]["recovered"]
    await happen(cast, 1)
    assert (await again.event())["offset"] == 1
    await again.close()


async def test_an_alert_that_is_open_is_in_the_welcome_replay_or_not(server: Doors, cast: Cast) -> None:
    tablet = await server.tablet(cast.gate)
    await tablet.close()
    ada = await server.sign_in(cast.ada)
    alert = (await ada.post(cast.ada.url("alerts/"), json={"category": "fire"})).json()

    resumed = await come_back(server, tablet)
    fresh = await server.tablet(cast.sule)

    assert [one["id"] for one in resumed.welcome["open_alerts"]] == [alert["id"]]
    assert [one["id"] for one in fresh.welcome["open_alerts"]] == [alert["id"]]
    assert (await resumed.event())["data"]["alert"]["id"] == alert["id"]
    for one in (resumed, fresh):
        await one.close()

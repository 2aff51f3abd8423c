"""No estate sees another: Stranger at every door, with a row of every model of Palm Court in every place."""

import json

import pytest
from asgiref.sync import sync_to_async

from estates.exchanging import exchanges
from realtime.commands import commands
from realtime.models import Stream
from realtime.topics import topics_of
from tests.support.endpoints import endpoints
from tests.support.sweeping import Sweep, pages


@pytest.fixture
def sweep(cast):
    return Sweep(cast).remember()


@pytest.mark.timeout(600)
def test_stranger_learns_and_changes_nothing_by_any_endpoint(sweep):
    found = endpoints()
    for endpoint in found:
        sweep.knock(endpoint)

    assert sweep.tries > 3 * len(found) > 100
    assert not sweep.findings, "\n".join(map(str, sweep.findings))


def test_nor_by_any_command_of_the_socket(sweep):
    for command in commands.values():
        sweep.command(command)

    assert sweep.tries > len(commands)
    assert not sweep.findings, "\n".join(map(str, sweep.findings))


def test_nor_by_any_list_that_comes_in_or_goes_out(sweep):
    for name, one in exchanges.items():
        if one.import_permission is not None:
            sweep.bring_in(name)
        sweep.take_out(name)

    assert sweep.tries
    assert not sweep.findings, "\n".join(map(str, sweep.findings))


def test_nor_by_any_page(sweep):
    for path in pages():
        sweep.page(path)

    assert sweep.tries > 10
    assert not sweep.findings, "\n".join(map(str, sweep.findings))


@pytest.mark.socket
async def test_nor_by_a_topic_that_he_asks_for_by_name(server, cast):
    def foreign_topics() -> list[str]:
        streams = Stream.objects.of(cast.estate).values_list("name", flat=True)
        people = [person for person in cast.people if person.estate == cast.estate]
        return sorted({*streams, *(topic.name for person in people for topic in topics_of(person.member))})

    sweep = await sync_to_async(Sweep)(cast)
    topics = await sync_to_async(foreign_topics)()
    tablet = await server.tablet(
        cast.stranger, positions={name: {"offset": 0, "epoch": ""} for name in topics}
    )
    for frame in ("received", "seen"):
        await tablet.send({"type": frame, "topics": dict.fromkeys(topics, 10**6)})
    api = await server.sign_in(cast.ada)
    raised = await api.post(cast.ada.url("alerts/"), json={"category": "fire", "note": "Quibblewick"})

    assert raised.status_code == 201
    assert await tablet.silent(1.5)
    heard = json.dumps([tablet.welcome, *tablet.everything])
    told = [word for word in (*sweep.secrets, raised.json()["id"]) if word in heard]
    # What he asks for is not told to be there, not even by name.
    assert not told, told
    assert len(topics) > 10
    await tablet.close()

"""The library and the real server: it speaks the protocol that is spoken."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async

import clustr_client.frames as theirs
from clustr_client import Account, Feed, GaveUp, Refused, State, Timing, open_feed
from clustr_client.doors import Doors
from core.actors import SYSTEM
from estates.models import Role
from estates.services.people import grant_role
from realtime import frames
from realtime.models import DeviceLease, ReceiptPosition
from realtime.topics import emergency_lane
from tests.support.cast import Cast, Person
from tests.support.server import Server

pytestmark = pytest.mark.socket

ROOT = Path(__file__).resolve().parents[2]
QUICK = Timing(first_wait_s=0.05, most_wait_s=0.2, lasted_s=0)


def opened(server: Server, person: Person, **options: Any) -> Any:
    return open_feed(
        server,
        name=person.email,
        password=person.password,
        estate_id=str(person.estate.pk),
        device="d",
        timing=QUICK,
        **options,
    )


async def until(wanted: Any) -> None:
    async with asyncio.timeout(15):
        while not wanted():
            await asyncio.sleep(0.01)


async def test_an_sos_goes_from_one_to_the_other_and_is_confirmed(server: Server, cast: Cast) -> None:
    heard: list[Any] = []
    async with (
        opened(server, cast.gate, on_event=heard.append) as gate,
        opened(server, cast.ada) as ada,
    ):
        await until(lambda: gate.state is State.LIVE)
        alert = await ada.command("emergency.alert.raise", {"category": "medical"})
        await until(lambda: any(event.event == "emergency.alert.raised" for event in heard))
        taken = await gate.command("emergency.alert.acknowledge", {"id": alert["id"]})
        lane = f"estate.{cast.estate.pk}.emergency"
        kept = ReceiptPosition.objects.across_estates().filter(
            membership_id=cast.gate.id, device="d", kind="received", topic=lane, offset__gte=2
        )
        async with asyncio.timeout(10):
            while not await kept.aexists():
                await asyncio.sleep(0.05)

    raised = next(event for event in heard if event.event == "emergency.alert.raised")
    assert raised.data["alert"]["id"] == alert["id"]
    assert taken["acknowledged_by"]["name"] == cast.gate.name


async def test_what_was_missed_is_replayed(server: Server, cast: Cast) -> None:
    heard: list[str] = []
    async with (
        opened(server, cast.gate, on_event=lambda event: heard.append(event.event)) as gate,
        opened(server, cast.ada) as ada,
    ):
        await until(lambda: gate.state is State.LIVE)
        await gate.pause()
        alert = await ada.command("emergency.alert.raise", {"category": "medical"})
        await ada.command("emergency.alert.request_cancel", {"id": alert["id"]})
        gate.start()
        await until(lambda: "emergency.alert.cancel_requested" in heard)

    assert heard.count("emergency.alert.raised") == 1


async def test_who_gains_a_role_hears_more_and_goes_on_with_it_after_a_break(
    server: Server, cast: Cast
) -> None:
    heard: list[str] = []
    snapshots: list[str] = []
    async with opened(
        server,
        cast.ada,
        on_event=lambda event: heard.append(f"{event.topic} {event.event}"),
        on_snapshot=snapshots.extend,
    ) as ada:
        lane = emergency_lane(cast.estate.pk).name
        await until(lambda: snapshots)
        assert lane not in snapshots
        await sync_to_async(grant_role)(
            actor=SYSTEM,
            membership=cast.ada.membership,
            role=await Role.objects.aget(key="guard"),
        )
        await until(lambda: lane in snapshots)
        await ada.pause()
        bola = await server.sign_in(cast.bola)
        await bola.post(cast.bola.url("alerts/"), json={"category": "fire"})
        ada.start()
        await until(lambda: f"{lane} emergency.alert.raised" in heard)
        await bola.aclose()

    assert snapshots.count(lane) == 1, "after the break it was replayed"


async def test_a_command_without_a_socket_goes_by_rest(server: Server, cast: Cast) -> None:
    async with Account(Doors([server]), name=cast.ada.email, password=cast.ada.password) as account:
        feed = Feed([server], account, estate_id=str(cast.estate.pk), device="d")

        alert = await feed.command("emergency.alert.raise", {"category": "fire"}, key="one")
        again = await feed.command("emergency.alert.raise", {"category": "fire"}, key="one")
        await feed.stop()

    assert again["id"] == alert["id"]


async def test_a_refusal_of_the_servers_is_one_here(server: Server, cast: Cast) -> None:
    async with opened(server, cast.ada) as ada:
        await until(lambda: ada.state is State.LIVE)
        with pytest.raises(Refused) as refused:
            await ada.command("emergency.alert.raise", {"category": "boredom"})

    assert refused.value.code == "malformed"
    assert refused.value.errors[0]["field"] == "category"


async def test_a_wrong_password_and_a_foreign_estate_are_said_at_once(server: Server, cast: Cast) -> None:
    with pytest.raises(Refused):
        async with open_feed(server, name=cast.ada.email, password="wrong", estate_id="x"):
            pass
    async with open_feed(
        server,
        name=cast.stranger.email,
        password=cast.stranger.password,
        estate_id=str(cast.estate.pk),
    ) as feed:
        with pytest.raises(GaveUp, match="membership"):
            await feed.ended()


async def test_the_program_in_the_readme_runs(server: Server, cast: Cast) -> None:
    readme = (ROOT / "clients/python/README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env={
            "PYTHONPATH": str(ROOT / "clients/python"),
            "URL": server.http,
            "NAME": cast.gate.email,
            "PASSWORD": cast.gate.password,
            "ESTATE": str(cast.estate.pk),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    api = await server.sign_in(cast.ada)
    try:
        async with asyncio.timeout(20):
            while not await DeviceLease.objects.across_estates().filter(device="tablet-main-gate").aexists():
                await asyncio.sleep(0.05)
        raised = (await api.post(cast.ada.url("alerts/"), json={"category": "fire"})).json()
        async with asyncio.timeout(20):
            output, _ = await process.communicate()
    finally:
        await api.aclose()
        if process.returncode is None:
            process.kill()

    assert process.returncode == 0
    assert output.decode().splitlines()[0] == "emergency.alert.raised fire"
    taken = await server.sign_in(cast.ada)
    alert = (await taken.get(cast.ada.url(f"alerts/{raised['id']}/"))).json()
    assert alert["acknowledged_by"]["name"] == cast.gate.name


PAIRS = [
    *(
        (frames, theirs, name, name)
        for name in ("Connect", "Command", "Received", "Seen", "Ping", "Position", "TopicState", "Welcome")
    ),
    *((frames, theirs, name, name) for name in ("Reply", "Error", "Heartbeat", "Pong")),
    (frames, theirs, "EventFrame", "Event"),
]


@pytest.mark.parametrize(("ours", "library", "name", "there"), PAIRS, ids=lambda one: str(one)[-12:])
def test_the_librarys_frames_are_the_servers(ours: Any, library: Any, name: str, there: str) -> None:
    """They are written down twice, because the library stands alone."""
    mine, other = getattr(ours, name), getattr(library, there)

    assert other.__struct_fields__ == mine.__struct_fields__
    assert other.__struct_config__.tag == mine.__struct_config__.tag


def test_every_frame_of_the_server_is_known_to_the_library() -> None:
    tags = {one.__struct_config__.tag for one in frames.ServerFrame.__args__}

    assert {one.__struct_config__.tag for one in theirs.FromServer.__args__} == tags
    assert msgspec.json.decode(theirs.encode(theirs.Ping())) == {"type": "ping"}


def test_the_library_imports_nothing_of_the_server() -> None:
    allowed = {"clustr_client", "websockets", "httpx", "msgspec"}
    for path in (ROOT / "clients/python/clustr_client").glob("*.py"):
        for name in re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert name in allowed | sys.stdlib_module_names, f"{path.name}: {name}"

"""When the library comes back, how soon, with what, and when it does not."""

import httpx
import pytest

from clustr_client import GaveUp, State, Timing
from clustr_client.backoff import After, Backoff, after_close
from realtime.close_codes import CloseCode
from tests.clients.fake import QUICK, TOPIC, FakeServer, fake_server, fed_by

#: A server that is played: no database is in it.
pytestmark = pytest.mark.once


def test_a_wait_lies_between_half_of_the_ceiling_and_all_of_it_and_the_ceiling_doubles():
    least, most = Backoff(0.5, 15, chance=lambda: 0.0), Backoff(0.5, 15, chance=lambda: 1.0)

    assert [least.next() for _ in range(7)] == [0.25, 0.5, 1, 2, 4, 7.5, 7.5]
    assert [most.next() for _ in range(7)] == [0.5, 1, 2, 4, 8, 15, 15]
    most.reset()
    assert most.next() == 0.5


def test_waits_are_spread():
    assert len({Backoff().next() for _ in range(100)}) > 90


def test_a_week_without_network_overflows_nothing():
    backoff = Backoff()

    assert all(backoff.next() <= 15 for _ in range(5000))


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1009, 1011, 1012, 4000, 4008, 4009, 4010, 4499])
def test_it_comes_back_after_weather(code):
    assert after_close(code, was_resuming=False) is After.WAIT


@pytest.mark.parametrize("code", [4500, 4503, 4504, 4999])
@pytest.mark.parametrize("was_resuming", [True, False])
def test_it_stays_away_after_a_no(code, was_resuming):
    assert after_close(code, was_resuming=was_resuming) is After.STOP


def test_the_rule_fits_every_close_code_of_the_server():
    for code in CloseCode:
        expected = After.WAIT if code < 4500 else After.STOP
        assert after_close(code, was_resuming=False) is expected


async def test_it_resumes_with_the_resume_token_and_its_positions(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        first = await peer.welcome(head=5)
        await peer.event(6)
        await heard.until(lambda: heard.offsets == [6])
        await peer.close(4000)

        second = await (await fake.peer()).welcome(head=6, recovered=True)

    assert (first["token"], "resume_token" in first, first["device"]) == ("token-1", False, "d")
    assert (second.get("token"), second["resume_token"]) == (None, "resume")
    assert second["topics"] == {TOPIC: {"offset": 6, "epoch": "e"}}
    assert heard.lost == [4000]
    assert fake.tokens == 1


async def test_a_resume_token_that_is_refused_is_exchanged_for_a_new_token_at_once(fake: FakeServer) -> None:
    slow = Timing(first_wait_s=0.05, most_wait_s=0.05, lasted_s=60)
    async with fed_by(fake, timing=slow):
        peer = await fake.peer()
        await peer.welcome()
        await peer.close(4008)
        peer = await fake.peer()
        await peer.read("connect")
        await peer.close(4501)

        third = await (await fake.peer()).welcome()

    assert (third["token"], "resume_token" in third) == ("token-2", False)


async def test_a_new_token_is_tried_twice_and_then_it_gives_up(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        for _ in range(2):
            peer = await fake.peer()
            await peer.read("connect")
            await peer.close(4501)

        with pytest.raises(GaveUp) as gave_up:
            await heard.feed.ended()
        assert gave_up.value.code == 4501
        assert await fake.no_peer()
        assert fake.tokens == 2


@pytest.mark.parametrize("code", [CloseCode.REVOKED, CloseCode.BAD_FRAME])
async def test_a_final_code_ends_the_feed_and_every_command(fake: FakeServer, code: CloseCode) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await peer.close(code)

        with pytest.raises(GaveUp) as gave_up:
            await heard.feed.ended()
        assert gave_up.value.code == code
        assert heard.feed.state is State.ENDED
        with pytest.raises(GaveUp):
            await heard.feed.command("x", {})
        assert await fake.no_peer()


async def test_a_membership_that_has_ended_is_not_asked_for_again(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [httpx.Response(404, json={"code": "estate_not_found"})]
    async with fed_by(fake) as heard:
        with pytest.raises(GaveUp, match="membership"):
            await heard.feed.ended()

    assert len(fake.posted("realtime/tokens/")) == 1


async def test_a_sign_in_that_has_ended_is_not_tried_for_ever(fake: FakeServer) -> None:
    fake.login = 400
    async with fed_by(fake) as heard:
        with pytest.raises(GaveUp, match="sign-in"):
            await heard.feed.ended()

    assert fake.tokens == 0


async def test_rest_that_is_down_is_waited_for(fake: FakeServer) -> None:
    fake.answers["realtime/tokens/"] = [
        httpx.ConnectError("no"),
        httpx.Response(503, json={}),
        httpx.Response(201, json={"token": "late"}),
    ]
    async with fed_by(fake):
        connect = await (await fake.peer()).welcome()

    assert connect["token"] == "late"


async def test_the_doors_are_tried_in_turn(fake: FakeServer) -> None:
    async with fake_server() as other, fed_by(fake, other):
        await (await fake.peer()).close(4000)
        peer = await other.peer()
        await peer.welcome()
        await peer.close(1001)

        assert (await (await fake.peer()).welcome())["resume_token"] == "resume"


async def test_a_server_that_has_gone_silent_is_left(fake: FakeServer) -> None:
    async with fed_by(fake, timing=QUICK) as heard:
        peer = await fake.peer()
        await peer.welcome(heartbeat_s=0.1)

        await (await fake.peer()).welcome(recovered=True)

        assert heard.lost == [None]


async def test_a_server_that_never_welcomes_is_left(fake: FakeServer) -> None:
    async with fed_by(fake, timing=Timing(first_wait_s=0.01, most_wait_s=0.01, welcome_s=0.1)):
        await (await fake.peer()).read("connect")

        await (await fake.peer()).welcome()


async def test_it_gives_signs_of_life_by_itself(fake: FakeServer) -> None:
    async with fed_by(fake):
        peer = await fake.peer()
        await peer.welcome(heartbeat_s=0.2)

        assert await peer.read("ping") == {"type": "ping"}


async def test_stopping_is_clean(fake: FakeServer) -> None:
    async with fed_by(fake) as heard:
        peer = await fake.peer()
        await peer.welcome()
        await heard.until(lambda: heard.feed.state is State.LIVE)

    await peer.closed()
    assert heard.feed.state is State.ENDED
    assert heard.lost == []
    assert await fake.no_peer(0.2)

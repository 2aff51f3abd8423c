"""One socket's sending side: straight out, or a bounded buffer, in order, emergencies first."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from estates.members import Member
from realtime.close_codes import CloseCode
from realtime.connection import Receiver, nobody_cares
from realtime.fan_out import Readiness
from realtime.session import MAX_BUFFERED, PORTION, Session


class Line:
    """A connection whose peer reads when the test says so."""

    def __init__(self) -> None:
        self.ready = True
        self.ready_changed: Callable[[], None] = nobody_cares
        self.written: list[bytes] = []
        self.closed: list[tuple[int, str]] = []

    async def first(self) -> bytes | None:
        raise NotImplementedError

    def listen(self, receiver: Receiver) -> None:
        raise NotImplementedError

    def write(self, frames: bytes) -> None:
        self.written.append(frames)

    def straight(self) -> None:
        """Every write is looked at."""

    async def close(self, code: int, reason: str) -> None:
        self.closed.append((code, reason))


class Narrow(Line):
    """Takes one write at a time."""

    def write(self, frames: bytes) -> None:
        super().write(frames)
        self.ready = False


def session_on(line: Line) -> Session:
    member = Member(
        kind="member",
        id=uuid4(),
        name="Gate",
        estate_id=uuid4(),
        user_id=uuid4(),
        role_keys=frozenset(),
        permissions=frozenset(),
        role_epoch=1,
    )
    closing = asyncio.get_running_loop().create_future()
    return Session(
        member=member,
        device="d",
        topics=[],
        connection=line,
        closing=closing,
        heard_at=0.0,
        readiness=Readiness(),
    )


async def test_who_keeps_up_gets_everything_at_once():
    line = Line()
    session = session_on(line)

    session.push(b"1")
    session.push(b"SOS", urgent=True)

    assert line.written == [b"1", b"SOS"]


async def test_an_emergency_overtakes_what_waits():
    line = Line()
    session = session_on(line)
    line.ready = False
    session.push(b"chat 1 ")
    session.push(b"chat 2 ")
    session.push(b"SOS ", urgent=True)

    line.ready = True
    session.send_waiting()

    assert line.written == [b"SOS chat 1 chat 2 "]


async def test_an_emergency_overtakes_what_was_not_handed_over_yet():
    line = Narrow()
    session = session_on(line)
    line.ready = False
    for _ in range(3):
        session.push(b"x" * PORTION)

    line.ready = True
    session.send_waiting()
    session.push(b"SOS", urgent=True)
    line.ready = True
    session.send_waiting()

    assert [frames[:3] for frames in line.written] == [b"xxx", b"SOS"]


async def test_a_client_that_does_not_keep_up_is_closed_not_waited_for():
    line = Line()
    session = session_on(line)
    line.ready = False
    for _ in range(MAX_BUFFERED // 1000 + 2):
        session.push(b"x" * 1000)

    assert session.closed_with is not None
    assert session.closed_with[0] == CloseCode.SLOW_CONSUMER
    await asyncio.wait_for(session.wait_closed(), 1)


async def test_the_first_reason_for_a_close_stands():
    line = Line()
    session = session_on(line)
    session.close(CloseCode.REVOKED, "gone")
    session.close(CloseCode.RESTART, "restart")
    session.push(b"late")
    await session.send_close()

    assert (line.written, line.closed) == ([], [(4503, "gone")])


async def test_a_replay_waits_for_the_client_instead_of_closing_it():
    line = Line()
    session = session_on(line)
    frames = [f"{number}".rjust(50_000).encode() for number in range(3 * MAX_BUFFERED // 50_000)]
    line.ready = False

    async def replay() -> None:
        for frame in frames:
            await session.wait_for_room(len(frame))
            session.push(frame)

    replaying = asyncio.create_task(replay())
    while not replaying.done():
        await asyncio.sleep(0)
        line.ready = True
        session.send_waiting()
        line.ready = False
    line.ready = True
    session.send_waiting()

    assert b"".join(line.written) == b"".join(frames)
    assert session.closed_with is None


async def test_a_frame_that_is_bigger_than_the_buffer_gets_through_alone():
    line = Line()
    session = session_on(line)
    line.ready = False
    session.push(b"x" * (MAX_BUFFERED + 1))
    line.ready = True
    session.send_waiting()

    assert len(line.written[0]) == MAX_BUFFERED + 1
    assert session.closed_with is None


async def test_waiting_for_room_ends_with_the_session():
    line = Line()
    session = session_on(line)
    line.ready = False
    session.push(b"x" * MAX_BUFFERED)
    waiting = asyncio.create_task(session.wait_for_room(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    session.close(CloseCode.RESTART, "restart")

    await asyncio.wait_for(waiting, 1)

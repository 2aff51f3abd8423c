"""The short way of an event to those who keep up, and the long one of the others: nobody misses or repeats anything."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estates.members import Member
from realtime.connection import nobody_cares
from realtime.fan_out import Readiness, Write
from realtime.follower import Follower
from realtime.session import Session
from realtime.topics import everyone

TOPIC = everyone(uuid4())
MEMBER = Member(
    kind="member",
    id=uuid4(),
    name="Gate",
    estate_id=TOPIC.estate_id,
    user_id=uuid4(),
    role_keys=frozenset(),
    permissions=frozenset(),
    role_epoch=1,
)


class Line:
    """A connection as the fast one: `sticks` is how many more writes the kernel takes at once, None for any number."""

    def __init__(self) -> None:
        self.ready = True
        self.ready_changed: Callable[[], None] = nobody_cares
        self.sticks: int | None = None
        self.taken: list[bytes] = []

    def write(self, frames: bytes) -> None:
        # What was written past a stuck session would overtake what waits in it, or grow without bound.
        assert self.ready
        self.taken.append(frames)
        if self.sticks is not None:
            self.sticks -= 1
            if self.sticks <= 0:
                self.stick()

    def straight(self) -> Write | None:
        return self.write if self.ready else None

    def stick(self) -> None:
        self.ready, self.sticks = False, None
        self.ready_changed()

    def drain(self, session: Session) -> None:
        if not self.ready:
            self.ready = True
            self.ready_changed()
            session.send_waiting()

    @property
    def heard(self) -> list[str]:
        return b"".join(self.taken).decode().split()


class Room:
    """A follower and those who hear it."""

    def __init__(self, count: int) -> None:
        self.readiness = Readiness()
        self.follower = Follower(TOPIC, lambda _: None, self.readiness)
        self.follower.start(head=0, epoch="e")
        self.lines: list[Line] = []
        self.sessions: list[Session] = []
        for _ in range(count):
            self.join()

    def join(self) -> None:
        line = Line()
        session = Session(
            member=MEMBER,
            device="d",
            topics=[TOPIC],
            connection=line,  # type: ignore[arg-type]
            closing=asyncio.get_running_loop().create_future(),
            heard_at=0.0,
            readiness=self.readiness,
        )
        self.lines.append(line)
        self.sessions.append(session)
        self.follower.attach(session, have=self.follower.last or 0)

    def tell(self, *offsets: int) -> None:
        for offset in offsets:
            self.follower.offer(offset, f"{offset} ".encode())
        self.follower.flush()


async def test_who_keeps_up_is_written_to_without_being_asked_again(monkeypatch: pytest.MonkeyPatch):
    room = Room(3)
    room.tell(1)
    asked: list[Session] = []

    def note(self: Session, *_: object, **__: object) -> None:
        asked.append(self)

    monkeypatch.setattr(Session, "push", note)
    monkeypatch.setattr(Session, "straight", note)

    room.tell(2, 3)
    assert asked == []
    assert [line.taken for line in room.lines] == [[b"1 ", b"2 3 "]] * 3


async def test_who_is_stuck_keeps_nobody_waiting_and_gets_everything_in_order_later():
    room = Room(3)
    room.lines[1].sticks = 1
    for offset in range(1, 5):
        room.tell(offset)
    assert [line.heard for line in room.lines] == [["1", "2", "3", "4"], ["1"], ["1", "2", "3", "4"]]

    room.lines[1].drain(room.sessions[1])
    room.tell(5)
    assert [line.heard for line in room.lines] == [["1", "2", "3", "4", "5"]] * 3


async def test_who_is_closed_or_leaves_hears_nothing_more():
    room = Room(3)
    room.tell(1)
    room.sessions[0].close(4503, "")
    room.follower.detach(room.sessions[1])
    room.tell(2)
    assert [line.heard for line in room.lines] == [["1"], ["1"], ["1", "2"]]


async def test_a_line_that_fails_harms_nobody_else():
    def fail(_: bytes) -> None:
        raise RuntimeError("the handler is closed")

    room = Room(3)
    room.lines[0].write = fail  # type: ignore[method-assign,assignment]
    room.tell(1)
    assert [line.heard for line in room.lines] == [[], ["1"], ["1"]]


#: What may happen: an event comes (0), somebody joins (1), the line of one sticks at once or with its next write, or
#: drains, or somebody is closed.
THINGS = st.lists(
    st.one_of(
        st.just(("event", 0)),
        st.just(("join", 0)),
        st.tuples(st.sampled_from(["stick", "sticks", "drain", "close"]), st.integers(0, 5)),
    ),
    max_size=60,
)


@given(THINGS)
def test_whatever_happens_everybody_has_everything_in_order_once(things):
    async def play() -> None:
        room, told, since = Room(3), 0, [0, 0, 0]
        for what, who in things:
            at = who % len(room.sessions)
            match what:
                case "event":
                    told += 1
                    room.tell(told)
                case "join":
                    room.join()
                    since.append(told)
                case "stick":
                    room.lines[at].stick()
                case "sticks":
                    room.lines[at].sticks = 1
                case "drain":
                    room.lines[at].drain(room.sessions[at])
                case "close":
                    room.sessions[at].close(4000, "")
        for line, session, before in zip(room.lines, room.sessions, since, strict=True):
            while not line.ready and session.closed_with is None:
                line.drain(session)
            whole = [str(offset) for offset in range(before + 1, told + 1)]
            if session.closed_with is None:
                assert line.heard == whole
            else:
                assert line.heard == whole[: len(line.heard)]

    asyncio.run(play())

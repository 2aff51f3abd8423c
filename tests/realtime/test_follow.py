"""The contiguous follower: whatever comes, in whatever order, each hearer gets each frame once, in order."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from realtime.fan_out import Readiness
from realtime.follower import RING, Follower
from realtime.topics import emergency_lane, everyone


class Ear:
    """Hears frames of one digit's width or more, each followed by a blank."""

    slot = 0

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def straight(self) -> None:
        """It takes everything the long way."""

    def push(self, frames: bytes, *, urgent: bool) -> None:
        self.taken.append(frames)

    @property
    def heard(self) -> list[str]:
        return b"".join(self.taken).decode().split()


def frame(offset: int) -> bytes:
    return f"{offset} ".encode()


def at_once(follower: Follower) -> None:
    follower.flush()


def follower_at(head: int) -> Follower:
    follower = Follower(everyone(uuid4()), at_once, Readiness())
    follower.start(head=head, epoch="e")
    return follower


def test_the_next_one_goes_through_and_older_ones_do_not():
    follower, ear = follower_at(3), Ear()
    follower.attach(ear, have=3)

    for offset in (3, 4, 4, 2, 5):
        follower.offer(offset, frame(offset))

    assert ear.heard == ["4", "5"]


def test_a_gap_holds_everything_back_until_the_log_was_read():
    follower, ear = follower_at(0), Ear()
    follower.attach(ear, have=0)

    follower.offer(2, frame(2))
    assert (ear.heard, follower.is_behind) == ([], True)
    for offset in (1, 2):
        follower.offer(offset, frame(offset))

    assert (ear.heard, follower.is_behind) == (["1", "2"], False)


def test_what_is_offered_before_the_head_was_read_is_not_forgotten():
    follower = Follower(everyone(uuid4()), at_once, Readiness())
    follower.offer(7, b"7")
    follower.start(head=6, epoch="e")

    assert follower.is_behind


def test_a_hearer_who_is_ahead_does_not_hear_twice():
    follower, ahead, level = follower_at(5), Ear(), Ear()
    follower.attach(ahead, have=7)
    follower.attach(level, have=5)

    for offset in (6, 7, 8):
        follower.offer(offset, frame(offset))

    assert ahead.heard == ["8"]
    assert level.heard == ["6", "7", "8"]


def test_memory_replays_what_it_has_and_says_when_it_has_not():
    follower = follower_at(0)
    for offset in range(1, RING + 11):
        follower.offer(offset, frame(offset))

    assert follower.replay_after(RING + 10) == []
    assert follower.replay_after(RING + 8) == [
        (RING + 9, frame(RING + 9)),
        (RING + 10, frame(RING + 10)),
    ]
    assert follower.replay_after(9) is None
    assert follower.replay_after(RING + 11) is None


def test_only_the_emergency_lane_is_urgent():
    assert Follower(emergency_lane(uuid4()), at_once, Readiness()).urgent
    assert not Follower(everyone(uuid4()), at_once, Readiness()).urgent


def test_what_comes_together_goes_out_in_one_write():
    waiting: list[Follower] = []
    follower, ear = Follower(everyone(uuid4()), waiting.append, Readiness()), Ear()
    follower.start(head=0, epoch="e")
    follower.attach(ear, have=0)

    for offset in (1, 2, 3):
        follower.offer(offset, frame(offset))
    assert (waiting, ear.taken) == ([follower], [])
    follower.flush()

    assert ear.taken == [b"1 2 3 "]


def test_who_comes_between_the_taking_and_the_writing_gets_nothing_twice():
    follower, early, late = Follower(everyone(uuid4()), lambda _: None, Readiness()), Ear(), Ear()
    follower.start(head=0, epoch="e")
    follower.attach(early, have=0)
    follower.offer(1, frame(1))

    follower.attach(late, have=1)
    follower.offer(2, frame(2))
    follower.flush()

    assert (early.heard, late.heard) == (["1", "2"], ["2"])


def test_what_one_read_from_the_log_others_find_in_memory():
    follower = follower_at(5)
    follower.offer(6, frame(6))

    follower.remember([(offset, frame(offset)) for offset in (2, 3, 4, 5)])

    assert follower.replay_after(1) == [(offset, frame(offset)) for offset in range(2, 7)]
    follower.remember([(9, frame(9))])
    follower.remember([(0, frame(0))])
    assert not follower.reaches_back_to(0)


#: What may happen to a follower: an offset is offered, or (0) what is pending is written.
THINGS = st.lists(st.integers(min_value=0, max_value=12), max_size=60)


@given(THINGS, st.integers(min_value=0, max_value=6))
def test_any_order_loss_and_repetition_ends_complete_once_the_log_is_read(things, joined_at):
    follower, ear, late = Follower(everyone(uuid4()), lambda _: None, Readiness()), Ear(), Ear()
    follower.start(head=0, epoch="e")
    follower.attach(ear, have=0)
    for index, thing in enumerate(things):
        if index == joined_at:
            follower.attach(late, have=follower.last or 0)
            started = follower.last or 0
        if thing:
            follower.offer(thing, frame(thing))
        else:
            follower.flush()
    while follower.is_behind:
        assert follower.last is not None
        for offset in range(follower.last + 1, follower.wanted + 1):
            follower.offer(offset, frame(offset))
    follower.flush()

    expected = [str(offset) for offset in range(1, max(things, default=0) + 1)]
    assert ear.heard == expected
    if len(things) > joined_at:
        assert late.heard == expected[started:]

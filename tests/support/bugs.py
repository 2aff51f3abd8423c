"""Bugs to plant in ClustR's own processes. Nothing of this is in the product.

The checker is checked with them: what it finds nothing wrong with must be right, so it must find these.
"""

import itertools
from collections.abc import Callable
from typing import Any


def plant(place: object, name: str, replacement: object) -> None:
    assert hasattr(place, name), f"{name} is not there any more: this bug would not be one"
    setattr(place, name, replacement)


def no_bug() -> None:
    """Nothing is wrong."""


def deaf() -> None:
    """Every third announcement is lost, and nobody looks at the heads."""
    from realtime.broker import Broker
    from realtime.head_poll import HeadPoll

    announce = Broker.announce
    counter = itertools.count(1)

    def announce_some(self: Broker, *arguments: Any) -> None:
        if next(counter) % 3:
            announce(self, *arguments)

    async def look_away(self: HeadPoll) -> None:
        """Where the heads would be looked at."""

    plant(Broker, "announce", announce_some)
    plant(HeadPoll, "look", look_away)
    plant(HeadPoll, "_sweep", look_away)


def hasty() -> None:
    """What happened is announced before its commit, which may not come."""
    from realtime import publishing

    class AtOnce:
        @staticmethod
        def on_commit(function: Callable[[], None], *, robust: bool) -> None:
            function()

    plant(publishing, "transaction", AtOnce)


def trusting() -> None:
    """Redis is believed: whatever comes goes through, nobody looks at the heads, and the log is read for no gap."""
    from realtime.catch_up import CatchUp
    from realtime.follower import Follower
    from realtime.head_poll import HeadPoll

    offer = Follower.offer

    def offer_anything(self: Follower, offset: int, frame: bytes) -> None:
        if self.last is not None and offset > self.last:
            self.last = offset - 1
        offer(self, offset, frame)

    async def look_away(self: HeadPoll) -> None:
        """Where the heads would be looked at."""

    def pass_over(self: CatchUp, follower: Follower) -> None:
        """Where the log would be read."""

    plant(Follower, "offer", offer_anything)
    plant(HeadPoll, "look", look_away)
    plant(HeadPoll, "_sweep", look_away)
    plant(CatchUp, "notice", pass_over)


def forgetful() -> None:
    """A client that comes back gets everything but the first event that it missed."""
    _replay_from(lambda have, head: min(have + 1, head))


def stuttering() -> None:
    """A client that comes back gets the last event that it had once more."""
    _replay_from(lambda have, _: max(0, have - 1))


def _replay_from(place: Callable[[int, int], int]) -> None:
    from realtime.replay import Replay

    replay = Replay._replay_at_once

    def replay_wrongly(self: Replay, session: Any, topic: Any, have: int, past: Any) -> bool:
        return replay(self, session, topic, place(have, self._hub.head_of(topic.name)), past)

    plant(Replay, "_replay_at_once", replay_wrongly)


BUGS = {
    "none": no_bug,
    "deaf": deaf,
    "hasty": hasty,
    "trusting": trusting,
    "forgetful": forgetful,
    "stuttering": stuttering,
}

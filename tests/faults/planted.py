"""`python -m tests.faults.planted BUG serve ...`: ClustR's own command line with a bug planted in it.

The checker is checked with it: what it finds nothing wrong with must be right, so it must find these. Nothing of this
is in the product. Whatever the bug (`none` plants none), there is also a socket command `planted.publish` by which a
test makes as many and as big events as it likes, and some that are undone.
"""

import itertools
import sys
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
    "forgetful": forgetful,
    "stuttering": stuttering,
}


class Undone(Exception):
    """What happened did not happen after all."""


def add_command() -> None:
    """`planted.publish {count, size, is_undone}`: so many events of so many characters, in one transaction."""
    from core.shapes import Shape
    from core.unit_of_work import collect, unit_of_work, writes_last
    from estates.members import Member
    from estates.permissions import Permission
    from realtime.commands import command
    from realtime.events import Fact
    from realtime.publishing import publish
    from realtime.topics import everyone

    class Planted(Fact, type="planted.thing.happened"):
        filler: str

    class Publish(Shape):
        count: int = 1
        size: int = 10
        is_undone: bool = False

    # After everything else was written, which is just before the commit.
    @writes_last("planted.undoing", order=10_000)
    def undo(items: list[Any]) -> None:
        raise Undone

    @command("planted.publish", Publish, permission=Permission.USE_REALTIME, exempt=True)
    def publish_planted(*, actor: Member, data: Publish, key: str | None) -> None:
        with unit_of_work():
            for _ in range(data.count):
                publish(Planted(filler="x" * data.size), to=[everyone(actor.estate_id)], actor=actor)
            if data.is_undone:
                collect("planted.undoing", None)


def main(bug: str, arguments: list[str]) -> int:
    from clustr.cli import serve
    from clustr.cli.__main__ import main as run

    configure = serve.configure

    def configure_and_plant(*given: Any) -> None:
        configure(*given)
        add_command()
        BUGS[bug]()

    plant(serve, "configure", configure_and_plant)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

"""`python -m tests.faults.planted BUG serve ...`: ClustR's own command line with a bug planted in it.

The bugs stand in `tests/support/bugs.py`. Whatever the bug (`none` plants none), there is also a socket command
`planted.publish` by which a test makes as many and as big events as it likes, and some that are undone.
"""

import sys
from typing import Any

from tests.support.bugs import BUGS, plant


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

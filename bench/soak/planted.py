"""`python -m bench.soak.planted SWITCHES BUG MODULE ...`: runs a module of ours as `python -m MODULE ...` would.

Its clock and its commits follow the file SWITCHES, and BUG (of `tests/support/bugs.py`, `none` for none) is planted in
it. Nothing of this is in the product.
"""

import os
import random
import runpy
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

from bench.soak.switches import Switches
from tests.support.bugs import BUGS, plant

#: Seconds between two looks at the file.
LOOK_EVERY_S = 0.05


class Obedience:
    """Does what the file says, in this process and in those that it forks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now = Switches()
        self._journey: time_machine.travel | None = None

    def begin(self) -> None:
        threading.Thread(target=self._follow, name="switches", daemon=True).start()

    def may_commit(self) -> bool:
        return random.random() >= self._now.failing_commits

    def _follow(self) -> None:
        while True:
            wanted = Switches.read(self._path)
            if wanted.clock_s != self._now.clock_s:
                self._step(wanted.clock_s)
            self._now = wanted
            time.sleep(LOOK_EVERY_S)

    def _step(self, ahead_s: float) -> None:
        """The clock that shows the time of day; the one that measures durations goes on, as on a real machine."""
        if self._journey is not None:
            self._journey.stop()
            self._journey = None
        if ahead_s:
            there = datetime.now(UTC) + timedelta(seconds=ahead_s)
            self._journey = time_machine.travel(there, tick=True)
            self._journey.start()


def plant_after_setup(obedience: Obedience, bug: str) -> None:
    """Once Django stands: our modules cannot be imported before."""
    import django

    setup = django.setup
    is_planted = False

    def setup_and_plant(*given: Any, **options: Any) -> None:
        nonlocal is_planted
        setup(*given, **options)
        if not is_planted:
            is_planted = True
            BUGS[bug]()
            _let_commits_fail(obedience)

    plant(django, "setup", setup_and_plant)


def _let_commits_fail(obedience: Obedience) -> None:
    from django.db import OperationalError

    from core.unit_of_work import UnitOfWork

    write = UnitOfWork.write

    def write_and_fail(self: UnitOfWork) -> None:
        write(self)
        if not obedience.may_commit():
            raise OperationalError("The bench lets this commit fail.")

    plant(UnitOfWork, "write", write_and_fail)


def main(switches: str, bug: str, module: str, *arguments: str) -> None:
    obedience = Obedience(Path(switches))
    obedience.begin()
    os.register_at_fork(after_in_child=obedience.begin)
    plant_after_setup(obedience, bug)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

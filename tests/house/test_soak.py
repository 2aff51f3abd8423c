"""`clustr bench soak`, as far as it can be looked at without breaking anything."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from bench.soak.checker import LONGEST_REPLAY, check_listening, check_writing
from bench.soak.listeners import Listener
from bench.soak.plan import KINDS, draw
from bench.soak.writers import Operation
from realtime.log import MAX_REPLAY
from tests.support.history import History, Placed
from tests.support.systems import System

Row = tuple[Any, ...]

ADA, GATE, SOS = "ada", "gate", "one"
RAISED = ("emergency.alert.raised", SOS, None)
TAKEN = ("emergency.alert.acknowledged", SOS, GATE)
ON, OFF = "staff.duty.started", "staff.duty.ended"


class Written:
    """Stands for the system: what is in its log about alerts and about duty."""

    def __init__(self, alerts: Sequence[Row], duty: Sequence[Row]) -> None:
        self._alerts, self._duty = alerts, duty

    def rows(self, query: str) -> Sequence[Row]:
        return self._duty if "duty" in query else self._alerts


def done(name: str, by: str, subject: str = SOS, *, outcome: str = "ok") -> Operation:
    return Operation(name, by, "key", subject, 0.0, outcome=outcome)


def found(
    operations: list[Operation], alerts: Sequence[Row] = (), duty: Sequence[Row] = ()
) -> tuple[int, int]:
    """How many writes are missing, and how many stand there twice."""
    verdict = check_writing(operations, cast(System, Written(alerts, duty)), after=0)
    return len(verdict["unacknowledged"]), len(verdict["written_twice"])


def test_a_seed_always_means_the_same_faults():
    assert draw(7, 60) == draw(7, 60)
    assert draw(7, 60) != draw(8, 60)


def test_every_kind_comes_before_any_comes_again():
    names = [planned.kind for planned in draw(1, 2 * len(KINDS))]
    assert set(names[: len(KINDS)]) == set(names[len(KINDS) :]) == {kind.name for kind in KINDS}
    assert {planned.kind for planned in draw(1, 9, kinds=["kill web"])} == {"kill web"}


def test_the_checker_allows_a_snapshot_where_the_server_may_ask_for_one():
    assert LONGEST_REPLAY == MAX_REPLAY


@pytest.mark.parametrize(
    ("alerts", "expected"), [([RAISED, TAKEN], (0, 0)), ([TAKEN], (1, 0)), ([RAISED, RAISED, TAKEN], (0, 1))]
)
def test_an_sos_that_was_answered_stands_in_the_log_once(alerts: Sequence[Row], expected: tuple[int, int]):
    press = [done("emergency.alert.raise", ADA), done("emergency.alert.acknowledge", GATE)]
    assert found(press, alerts) == expected


def test_what_nobody_knows_may_be_there_or_not():
    press = [done("emergency.alert.raise", ADA, outcome="unknown")]
    assert found(press) == found(press, [RAISED]) == (0, 0)


def test_somebody_elses_acknowledgement_is_not_his():
    assert found([done("emergency.alert.acknowledge", "sule")], [RAISED, TAKEN]) == (1, 0)


@pytest.mark.parametrize(
    ("kinds", "expected"), [([ON, OFF], (0, 0)), ([ON], (1, 0)), ([ON, ON, OFF], (0, 1))]
)
def test_a_shift_begins_and_ends_in_turns(kinds: list[str], expected: tuple[int, int]):
    shift = [done("duty.on", GATE, ""), done("duty.off", GATE, "")]
    assert found(shift, duty=[(kind, GATE) for kind in kinds]) == expected


class Device:
    """What the checker looks at in a listener."""

    def __init__(self, *told: str) -> None:
        self.history = History("gate", frozenset({"a", "b"}), [Placed("a", 0), Placed("b", 0)])
        self.told = list(told)
        for topic, offset, event_id in (("a", 1, "x"), ("a", 2, "y"), ("b", 1, "x"), ("a", 3, "z")):
            self.history.hear(topic, offset, event_id)


@pytest.mark.parametrize(
    ("told", "kinds"),
    [("xyz", []), ("xz", ["lost"]), ("xyyz", ["duplicated"]), ("xzy", ["reordered"]), ("", ["lost"] * 3)],
)
def test_the_program_behind_the_library_is_told_each_event_once_and_in_order(told: str, kinds: list[str]):
    log = {"a": {1: "x", 2: "y", 3: "z"}, "b": {1: "x", 2: "later"}}
    faults = check_listening(cast(Listener, Device(*told)), log, {"a": 3, "b": 1})
    assert [fault.kind for fault in faults] == kinds

"""What clients heard and writers were told, held against the log in the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from bench.soak.listeners import Listener
from bench.soak.writers import Operation
from tests.support.history import Fault, Heard, History, Log, faults_in
from tests.support.systems import System

_EVENTS = """
    SELECT s.name, e."offset", e.event_id FROM realtime_event e JOIN realtime_stream s ON s.id = e.stream_id
"""
_ALERTS = """
    SELECT e.type, e.data->'alert'->>'id', e.data->'by'->>'member_id'
    FROM realtime_event e JOIN realtime_stream s ON s.id = e.stream_id
    WHERE right(s.name, 10) = '.emergency' AND e.type IN
    ('emergency.alert.raised', 'emergency.alert.acknowledged', 'emergency.alert.resolved')
"""
_DUTY = """
    SELECT e.type, COALESCE(e.data->'entry'->>'member_id', e.data->>'member_id')
    FROM realtime_event e JOIN realtime_stream s ON s.id = e.stream_id
    WHERE e.type IN ('staff.duty.started', 'staff.duty.ended') AND e.id > {after} ORDER BY s.name, e."offset"
"""
#: Events of one topic after which the server may send a client to a snapshot (`realtime.log.MAX_REPLAY`).
LONGEST_REPLAY = 1000
#: What is counted, and must be zero.
LISTENING = ("lost", "duplicated", "reordered", "foreign", "phantom", "placed_anew")
WRITING = ("unacknowledged", "written_twice")


@dataclass(slots=True)
class Verdict:
    """`faults`: what is wrong with what clients heard; `writes`: with what writers were told, each in words."""

    events: int = 0
    faults: list[Fault] = field(default_factory=list)
    writes: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in WRITING})
    gaps: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        kinds = Counter(fault.kind for fault in self.faults)
        return {
            **{kind: kinds[kind] for kind in LISTENING},
            **{kind: len(found) for kind, found in self.writes.items()},
            "gaps_in_log": len(self.gaps),
        }

    @property
    def examples(self) -> list[str]:
        """Some of everything that is wrong."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for fault in self.faults:
            by_kind[fault.kind].append(str(fault))
        by_kind |= self.writes
        return [text for found in by_kind.values() for text in found[:5]] + self.gaps[:5]


def read_log(system: System) -> Log:
    """Everything that is committed."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for name, offset, event_id in system.rows(_EVENTS):
        found[name][offset] = str(UUID(str(event_id)))
    return found


def last_row(system: System) -> int:
    """The newest row of the log."""
    return int(system.rows("SELECT COALESCE(max(id), 0) FROM realtime_event")[0][0])


def check_listening(listener: Listener, log: Log, heads: Mapping[str, int]) -> list[Fault]:
    """On the wire, and at the program behind the library. What came after `heads` need not have arrived."""
    on_the_wire = [
        fault
        for fault in faults_in(listener.history, log, longest_replay=LONGEST_REPLAY)
        if fault.kind != "lost" or fault.offset <= heads.get(fault.topic, 0)
    ]
    return [*on_the_wire, *_mistold(listener.history, listener.told)]


def _mistold(history: History, told: Sequence[str]) -> Iterable[Fault]:
    """Each event that came is told once, however many topics it stands in, in the order in which it came."""
    times = Counter(told)
    for event_id, count in times.items():
        if count > 1:
            yield Fault(history.client, "duplicated", event_id, 0)
    came: dict[str, Heard] = {}
    for one in history.heard:
        came.setdefault(one.event_id, one)
    for event_id in came.keys() - times.keys():
        yield Fault(history.client, "lost", came[event_id].topic, came[event_id].offset)
    in_order = [event_id for event_id in came if event_id in times]
    for event_id, should_be in zip(dict.fromkeys(told), in_order, strict=False):
        if event_id != should_be:
            yield Fault(history.client, "reordered", event_id, 0)
            return


def check_writing(operations: Sequence[Operation], system: System, *, after: int) -> dict[str, list[str]]:
    """What was answered with "done" stands in the log, and nothing stands there twice.

    `after`: the last row of the log before all this.
    """
    alerts: Counter[tuple[Any, ...]] = Counter(system.rows(_ALERTS))
    raised = Counter((kind, alert_id) for kind, alert_id, _ in alerts.elements())
    missing, twice = [], []
    for one in operations:
        if not one.name.startswith("emergency."):
            continue
        kind = _EVENT_OF[one.name]
        written = (
            alerts[kind, one.subject, one.by]
            if one.name == "emergency.alert.acknowledge"
            else raised[kind, one.subject]
        )
        if one.outcome == "ok" and not written:
            missing.append(f"{one.name} {one.subject} was answered and is not in the log")
        if written > 1:
            twice.append(f"{one.name} {one.subject} stands in the log {written} times")
    shifts = _check_duty(operations, system.rows(_DUTY.format(after=after)))
    return {"unacknowledged": [*missing, *shifts[0]], "written_twice": [*twice, *shifts[1]]}


_EVENT_OF = {
    "emergency.alert.raise": "emergency.alert.raised",
    "emergency.alert.acknowledge": "emergency.alert.acknowledged",
    "emergency.alert.resolve": "emergency.alert.resolved",
}


def _check_duty(
    operations: Sequence[Operation], rows: Sequence[tuple[Any, ...]]
) -> tuple[list[str], list[str]]:
    """A guard goes on and off in turns: each "done" is one event, and no two alike follow each other."""
    written: dict[str, list[str]] = defaultdict(list)
    for kind, member_id in rows:
        written[member_id].append(kind)
    done = Counter(one.by for one in operations if one.name.startswith("duty.") and one.outcome == "ok")
    missing = [
        f"{count} changes of {member_id}'s duty were answered, {len(written[member_id])} are in the log"
        for member_id, count in done.items()
        if len(written[member_id]) < count
    ]
    twice = [
        f"{first} of {member_id} twice running"
        for member_id, kinds in written.items()
        for first, second in pairwise(kinds)
        if first == second
    ]
    return missing, twice

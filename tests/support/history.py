"""What a client heard, held against the log: the checker behind "nothing is lost".

A client notes what the wire brought, in the order in which it came, and judges nothing. `faults_in` compares the notes
with the log, which was read from the database when all was quiet.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern

#: Topic -> offset -> the event's id, for every event that is committed.
Log = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Heard:
    """An event frame arrived. `at_s`: when (monotonic seconds), where the client noted it."""

    topic: str
    offset: int
    event_id: str
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """The server said where the client stands, without replay: it read a snapshot and goes on after `offset`."""

    topic: str
    offset: int


@dataclass(slots=True)
class History:
    """`entitled`: the topics that the client may hear; all of them must be complete."""

    client: str
    entitled: frozenset[str]
    entries: list[Heard | Placed] = field(default_factory=list)

    @property
    def heard(self) -> list[Heard]:
        """The events alone."""
        return [one for one in self.entries if isinstance(one, Heard)]

    def hear(self, topic: str, offset: int, event_id: object, *, at_s: float = 0.0) -> None:
        """Note an event frame."""
        self.entries.append(Heard(intern(topic), offset, str(event_id), at_s))


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: lost, duplicated, reordered, foreign, phantom or placed_anew."""

    client: str
    kind: str
    topic: str
    offset: int

    def __str__(self) -> str:
        return f"{self.client}: {self.kind} {self.topic} {self.offset}"


def faults_in(history: History, log: Log, *, longest_replay: int | None = None) -> list[Fault]:
    """Everything that is wrong with what one client heard; nothing where it missed nothing.

    lost: committed after the client's place, and never heard. duplicated: the same event of a topic twice (one event in
    two topics is told in both: that is no twin). reordered: after a later one. foreign: a topic that the client may not
    hear. phantom: not what the log has there, so told without being committed. placed_anew: the server gave up on
    continuity and sent the client to a snapshot, although it had no more than `longest_replay` events to replay.
    """
    faults = [
        Fault(history.client, "foreign", one.topic, one.offset)
        for one in history.entries
        if one.topic not in history.entitled
    ]
    by_topic: dict[str, list[Heard | Placed]] = defaultdict(list)
    for one in history.entries:
        by_topic[one.topic].append(one)
    for topic in sorted(history.entitled):
        found = _in_topic(by_topic[topic], log.get(topic, {}), longest_replay)
        faults += [Fault(history.client, kind, topic, offset) for kind, offset in found]
    return faults


def _in_topic(
    entries: list[Heard | Placed], committed: Mapping[int, str], longest_replay: int | None
) -> Iterable[tuple[str, int]]:
    place: int | None = None
    heard: set[int] = set()
    ids: set[str] = set()
    covered: set[int] = set()
    last = 0
    for one in entries:
        if isinstance(one, Placed):
            missed = one.offset - max(last, place or 0)
            if place is not None and (longest_replay is None or missed <= longest_replay):
                yield "placed_anew", one.offset
            place = one.offset
            covered.update(offset for offset in committed if offset <= place)
            continue
        if committed.get(one.offset) != one.event_id:
            yield "phantom", one.offset
            continue
        if one.offset in heard or one.event_id in ids:
            yield "duplicated", one.offset
        elif one.offset < last:
            yield "reordered", one.offset
        heard.add(one.offset)
        ids.add(one.event_id)
        last = max(last, one.offset)
    for offset in sorted(committed):
        if offset not in heard and offset not in covered:
            yield "lost", offset


def gaps_in(log: Log) -> list[str]:
    """Places where a stream's offsets are not 1, 2, 3 ... and so on."""
    return [
        f"{topic}: {sorted(offsets)[:50]}"
        for topic, offsets in log.items()
        if sorted(offsets) != list(range(1, len(offsets) + 1))
    ]

"""Reads of the log: where streams stand, and what came after a position."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models.expressions import RawSQL

from realtime.models import Event, Stream
from realtime.publishing import database_clock, ensure_streams, frame_of
from realtime.topics import Topic

#: Events of one topic that a replay may bring. Further back a snapshot is cheaper for both sides.
MAX_REPLAY = 1000
#: Seconds that a transaction may take from moving a head to its commit for `changed_heads` to see it.
LONGEST_COMMIT_S = 60
#: Positions in one statement.
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands: offsets `tail + 1` to `head` can be read."""

    epoch: str
    head: int
    tail: int


def heads_of(names: Collection[str]) -> dict[str, Head]:
    """One query for any number of topics."""
    rows = (
        Stream.objects.across_estates()
        .filter(name__any_of=names)
        .values_list("name", "epoch", "head", "tail")
    )
    return {name: Head(epoch, head, tail) for name, epoch, head, tail in rows}


def heads_of_all(topics: Collection[Topic]) -> dict[str, Head]:
    """The same, making the streams that do not exist yet."""
    found = heads_of([topic.name for topic in topics])
    missing = [topic for topic in topics if topic.name not in found]
    if missing:
        ensure_streams(missing)
        found |= heads_of([topic.name for topic in missing])
    return found


def changed_heads(estate_ids: Collection[UUID]) -> dict[str, Head]:
    """Where those streams of the estates stand that moved lately: one query, however many there are."""
    lately = RawSQL(f"{database_clock()} - %s", [LONGEST_COMMIT_S])  # noqa: S611 - no part of it comes from outside
    streams = Stream.objects.across_estates().filter(estate_id__in=estate_ids, changed_at__gt=lately)
    return {
        name: Head(epoch, head, tail)
        for name, epoch, head, tail in streams.values_list("name", "epoch", "head", "tail")
    }


def read_after(name: str, offset: int, *, limit: int = MAX_REPLAY) -> list[tuple[int, bytes]]:
    """Offsets and frames after `offset`, in order, at most `limit`."""
    events = Event.objects.filter(stream__name=name, offset__gt=offset).order_by("offset")[:limit]
    return [(event.offset, frame_of(name, event)) for event in events]


def read_after_all(positions: Mapping[str, int]) -> dict[str, list[tuple[int, bytes]]]:
    """The same for many topics, each after a position of its own: a statement for each `_PORTION` of them."""
    found: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for portion in _portions(positions):
        rows = ", ".join(["(CAST(%s AS text), CAST(%s AS bigint))"] * len(portion))
        parameters = [value for position in portion for value in position]
        events = Event.objects.raw(
            f"WITH wanted (name, after) AS (VALUES {rows})"  # noqa: S608 - placeholders alone
            " SELECT event.*, stream.name AS topic FROM wanted"
            " JOIN realtime_stream stream ON stream.name = wanted.name"
            " JOIN realtime_event event"
            " ON event.stream_id = stream.id AND event.offset > wanted.after"
            f" AND event.offset <= wanted.after + {MAX_REPLAY}"
            " ORDER BY event.stream_id, event.offset",
            parameters,
        )
        for event in events:
            topic: str = event.topic  # type: ignore[attr-defined]
            found[topic].append((event.offset, frame_of(topic, event)))
    return found


def _portions(positions: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    items = list(positions.items())
    return [items[at : at + _PORTION] for at in range(0, len(items), _PORTION)]

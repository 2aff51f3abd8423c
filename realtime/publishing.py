"""Facts into the log, and on to whoever listens, once they are committed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from core.actors import Actor
from core.clock import now
from core.ids import new_id
from core.shapes import plain
from core.unit_of_work import collect, writes_last
from realtime.broker import Announcement, broker
from realtime.events import Fact
from realtime.frames import EventFrame, encode
from realtime.models import Event, Stream, new_epoch
from realtime.topics import Topic


@dataclass(frozen=True, slots=True)
class _Published:
    event_id: UUID
    type: str
    data: Any
    actor: dict[str, Any]
    at: datetime
    topics: tuple[Topic, ...]


def publish(fact: Fact, *, to: Sequence[Topic], actor: Actor) -> UUID:
    """Put `fact` into each topic's stream when the unit of work commits, and tell the listeners after that.

    Returns the event's id, the same in every topic. Raises `NoUnitOfWork` outside a unit of work: a fact that is not
    committed with its cause can be lost, or can be told although nothing happened.
    """
    event_id = new_id()
    collect(
        "events",
        _Published(
            event_id=event_id,
            type=fact.type,
            data=plain(fact),
            actor={"kind": actor.kind, "id": str(actor.id) if actor.id else None, "name": actor.name},
            at=now(),
            topics=tuple(dict.fromkeys(to)),
        ),
    )
    return event_id


@writes_last("events", order=20)
def _write(published: list[_Published]) -> None:
    """Give each event its offset. Streams are taken in sorted order and held for the rest of the commit alone."""
    by_topic: dict[Topic, list[_Published]] = defaultdict(list)
    for event in published:
        for topic in event.topics:
            by_topic[topic].append(event)
    rows: list[Event] = []
    announcements: dict[UUID, list[Announcement]] = defaultdict(list)
    places = _advance({topic: len(by_topic[topic]) for topic in sorted(by_topic)})
    for topic, (stream_id, head) in places.items():
        events = by_topic[topic]
        for offset, event in enumerate(events, start=head - len(events) + 1):
            rows.append(
                Event(
                    stream_id=stream_id,
                    offset=offset,
                    event_id=event.event_id,
                    type=event.type,
                    data=event.data,
                    actor=event.actor,
                    at=event.at,
                )
            )
            announcements[topic.estate_id].append((topic.name, offset, frame_of(topic.name, rows[-1])))
    Event.objects.bulk_create(rows)

    def announce() -> None:
        for estate_id, batch in announcements.items():
            broker.announce(estate_id, batch)

    # robust: a Redis that is down must not turn a committed fact into an error for its author. (A named function: for
    # a hook that fails, Django logs the name, which a partial does not have.)
    transaction.on_commit(announce, robust=True)


_ADVANCE = """
    INSERT INTO realtime_stream (name, estate_id, epoch, head, tail, changed_at) VALUES {rows}
    ON CONFLICT (name) DO UPDATE SET head = realtime_stream.head + excluded.head, changed_at = excluded.changed_at
    RETURNING name, id, head
"""
#: Streams that one statement moves.
_PORTION = 500


def _advance(counts: Mapping[Topic, int]) -> dict[Topic, tuple[int, int]]:
    """Move each stream's head by its count, making streams that are missing; returns their ids and new heads.

    The rows are written, and so locked, in the order in which the topics are given.
    """
    estate = Stream._meta.get_field("estate")
    row = f"(%s, %s, %s, %s, 0, {database_clock()})"
    found: dict[str, tuple[int, int]] = {}
    given = list(counts.items())
    with connection.cursor() as cursor:
        for at in range(0, len(given), _PORTION):
            portion = given[at : at + _PORTION]
            values = [
                value
                for topic, count in portion
                for value in (
                    topic.name,
                    estate.get_db_prep_value(topic.estate_id, connection),
                    new_epoch(),
                    count,
                )
            ]
            cursor.execute(_ADVANCE.format(rows=", ".join([row] * len(portion))), values)
            found |= {name: (int(stream_id), int(head)) for name, stream_id, head in cursor.fetchall()}
    return {topic: found[topic.name] for topic in counts}


def frame_of(topic: str, event: Event) -> bytes:
    """The event's frame, as it goes to the network. The same whether it is announced or replayed."""
    return encode(
        EventFrame(
            topic=topic,
            offset=event.offset,
            id=event.event_id,
            event=event.type,
            at=event.at,
            actor=event.actor,
            data=event.data,
        )
    )


def database_clock() -> str:
    """SQL for the database's own time, in seconds since the epoch: the one clock that all processes share."""
    if connection.vendor == "postgresql":
        return "EXTRACT(EPOCH FROM clock_timestamp())"
    return "((julianday('now') - 2440587.5) * 86400.0)"


def ensure_streams(topics: Iterable[Topic]) -> None:
    """Make the rows of streams that nothing was published to yet, so that they have an epoch."""
    Stream.objects.bulk_create(
        [Stream(name=topic.name, estate_id=topic.estate_id) for topic in topics], ignore_conflicts=True
    )


__all__ = ["database_clock", "ensure_streams", "frame_of", "publish"]

"""Where this client stands in each topic: the proof that it missed nothing."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from enum import Enum
from uuid import UUID

from clustr_client.frames import Position, TopicState


class Verdict(Enum):
    """What an event's offset says."""

    NEXT = "the one that was due"
    OLD = "known already"
    GAP = "something before it was missed; nothing was taken"


class Positions:
    """Offsets have no gaps, so "the next one" proves completeness and a jump proves a loss."""

    def __init__(self, known: Mapping[str, Position] | None = None) -> None:
        self._known: dict[str, Position] = dict(known or {})

    def for_connect(self) -> dict[str, Position]:
        """What the `connect` frame carries. A topic that no welcome has named yet has no epoch to resume in."""
        return {topic: one for topic, one in self._known.items() if one.epoch}

    def offsets(self) -> dict[str, int]:
        """By topic."""
        return {topic: one.offset for topic, one in self._known.items()}

    def welcome(self, topics: Mapping[str, TopicState]) -> dict[str, int]:
        """Take over what a welcome says.

        Returns the topics, with their heads, for which a snapshot is to be read: the position was taken first, so what
        happens during the reading comes as an event.
        """
        unproven = {}
        for topic, state in topics.items():
            mine = self._known.get(topic)
            if mine is not None and state.recovered and mine.epoch == state.epoch:
                continue
            self._known[topic] = Position(state.head, state.epoch)
            unproven[topic] = state.head
        # What is no longer ours to hear is not asked for again.
        self._known = {topic: one for topic, one in self._known.items() if topic in topics}
        return unproven

    def change(self, joined: Mapping[str, TopicState], left: Iterable[str]) -> dict[str, int]:
        """Topics come and go while connected. Returns those, with their heads, for which a snapshot is to be read."""
        for topic in left:
            self._known.pop(topic, None)
        for topic, state in joined.items():
            self._known[topic] = Position(state.head, state.epoch)
        return {topic: state.head for topic, state in joined.items()}

    def take(self, topic: str, offset: int) -> Verdict:
        """Go on to `offset`, if it is the next one."""
        mine = self._known.get(topic)
        if mine is not None and offset <= mine.offset:
            return Verdict.OLD
        if mine is not None and offset > mine.offset + 1:
            return Verdict.GAP
        # A topic joined while connected begins with its first event.
        self._known[topic] = Position(offset, mine.epoch if mine else "")
        return Verdict.NEXT

    def behind(self, heads: Mapping[str, int]) -> dict[str, int]:
        """Where the server is further than this client, and where this client stands there."""
        return {
            topic: one.offset
            for topic, one in self._known.items()
            if topic in heads and one.offset < heads[topic]
        }


class RecentIds:
    """The ids seen lately: a fact that was published to two topics comes once in each."""

    def __init__(self, most: int = 5000) -> None:
        self._most = most
        self._ids: OrderedDict[UUID, None] = OrderedDict()

    def add(self, event_id: UUID) -> bool:
        """Whether it is new."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return True

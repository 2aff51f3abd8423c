"""Where clients that come stand in their topics, and what they are told of what they missed."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from realtime import log as event_log
from realtime.arrival import Arrival
from realtime.close_codes import CloseCode
from realtime.follower import Follower, Placed
from realtime.frames import Position, TopicState
from realtime.lease_desk import key_of
from realtime.log import MAX_REPLAY, Head
from realtime.presence import renew_leases
from realtime.session import Session
from realtime.threads import in_thread
from realtime.topics import Topic
from realtime.welcome import offered

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)


class Replay:
    """Looks for a whole batch at once; what many missed is read once."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def look(
        self, arrivals: Sequence[tuple[Arrival, Session]]
    ) -> tuple[dict[str, list[Placed]], list[list[Any]]]:
        """Fill in each arrival's `standing`. What has to be replayed and is not in memory is returned, by topic, and
        the open alerts that each may see.
        """
        unknown = {
            topic
            for arrival, session in arrivals
            for topic in session.topics.values()
            if not self._knows_all_after(topic.name, arrival.connect.topics.get(topic.name))
        }
        heads, open_alerts = await in_thread(_read, unknown, [session for _, session in arrivals])
        for topic in unknown:
            follower = self._hub.followers.get(topic.name)
            if follower is not None:
                head = heads[topic.name]
                follower.start(head=head.head, epoch=head.epoch)
                follower.wanted = max(follower.wanted, head.head)
                self._hub.catch_up.notice(follower)
        past = await self._read_past(arrivals, heads)
        for name, frames in past.items():
            if follower := self._hub.followers.get(name):
                follower.remember(frames)
        return past, open_alerts

    async def _read_past(
        self, arrivals: Sequence[tuple[Arrival, Session]], heads: dict[str, Head]
    ) -> dict[str, list[Placed]]:
        """Each topic's past from where the one who was away longest left it: one read for all who come back."""
        positions: dict[str, int] = {}
        for arrival, session in arrivals:
            for name in session.topics:
                known, follower = arrival.connect.topics.get(name), self._hub.followers[name]
                state = arrival.standing[name] = self._state_of(follower, heads.get(name), known)
                if known is None or not state.recovered or known.offset >= state.head:
                    continue
                if not follower.reaches_back_to(known.offset):
                    positions[name] = min(known.offset, positions.get(name, known.offset))
        return await in_thread(event_log.read_after_all, positions) if positions else {}

    def _knows_all_after(self, name: str, position: Position | None) -> bool:
        """Whether memory alone can answer for a client at this position."""
        follower = self._hub.followers[name]
        if follower.last is None:
            return False
        return position is None or (
            position.epoch == follower.epoch and follower.reaches_back_to(position.offset)
        )

    @staticmethod
    def _state_of(follower: Follower, read: Head | None, known: Position | None) -> TopicState:
        """What the welcome says of one topic: whether everything since the client's position can follow."""
        if read is None:
            # In memory, and the position (if there is one) was found to be covered by it.
            head, epoch, tail = follower.last or 0, follower.epoch, 0
        else:
            head, epoch, tail = read.head, read.epoch, read.tail
        recovered = (
            known is not None
            and known.epoch == epoch
            and tail <= known.offset <= head
            and head - known.offset <= MAX_REPLAY
        )
        return TopicState(head=head, epoch=epoch, recovered=recovered)

    def bring_up_to_date(self, arrival: Arrival, session: Session, past: dict[str, list[Placed]]) -> None:
        """Replay from memory and from what was read, at once where the client keeps up, else at its own pace."""
        left: list[tuple[Topic, int]] = []
        for topic in session.topics.values():
            state = arrival.standing[topic.name]
            have = arrival.connect.topics[topic.name].offset if state.recovered else state.head
            if not self._replay_at_once(session, topic, have, past.get(topic.name, [])):
                left.append((topic, have))
        if left:
            # Held by the session's own task, which waits for it.
            session.catching_up = asyncio.create_task(self._replay_slowly(session, left))
        else:
            session.is_live = True

    def _replay_at_once(self, session: Session, topic: Topic, have: int, past: list[Placed]) -> bool:
        follower = self._hub.followers.get(topic.name)
        if follower is None or follower.last is None:
            return False
        frames = [placed for placed in past if placed[0] > have]
        if frames and frames[0][0] != have + 1:
            return False
        reached = frames[-1][0] if frames else have
        if reached < follower.last:
            rest = follower.replay_after(reached)
            if rest is None:
                return False
            frames += rest
        replay = b"".join([frame for _, frame in frames])
        if not session.has_room(len(replay)):
            return False
        if replay:
            session.push(replay, urgent=follower.urgent)
        follower.attach(session, have=max(have, frames[-1][0] if frames else have))
        return True

    async def _replay_slowly(self, session: Session, left: Sequence[tuple[Topic, int]]) -> None:
        try:
            for topic, have in left:
                await self._go_live(session, topic, have=have)
            session.is_live = True
        except Exception:
            log.exception("A replay failed")
            session.close(CloseCode.RESTART, "the server could not read the log")

    async def _go_live(self, session: Session, topic: Topic, *, have: int) -> None:
        """Send the session what came after offset `have` of the topic, then everything new, without a gap or a twin."""
        follower = self._hub.followers.get(topic.name)
        while follower is not None:
            frames = follower.replay_after(have)
            if frames is None:
                if follower.last is not None and have >= follower.last:
                    break
                frames = await in_thread(event_log.read_after, topic.name, have)
                if not frames:
                    break
            if frames and frames[0][0] != have + 1:
                session.close(CloseCode.RESTART, "the log was trimmed")
                return
            for offset, frame in frames:
                await session.wait_for_room(len(frame))
                session.push(frame, urgent=follower.urgent)
                have = offset
            if follower.last is not None and have >= follower.last:
                break
        # Nothing awaits between the last look at the follower and this line.
        if follower is not None and session in self._hub.sessions:
            follower.attach(session, have=have)


def _read(topics: Collection[Topic], sessions: Sequence[Session]) -> tuple[dict[str, Head], list[list[Any]]]:
    """Where the topics stand, and each member's open alerts; from now on the devices count as present.

    Both after the subscription: an alert raised in between is in the list, in the feed, or in both. Presence before
    the welcome: whoever was welcomed is not taken for absent by the next alert.
    """
    renew_leases([key_of(session) for session in sessions])
    heads = event_log.heads_of_all(topics) if topics else {}
    return heads, offered("open_alerts", [session.member for session in sessions])

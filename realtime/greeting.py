"""Letting clients in: many at once, in the order in which they came, at so many queries for all of them.

After a restart every tablet of an estate comes back within seconds. Each query here is one for a whole batch, and while
many wait, batches are made to fill.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.errors import ClustrError, Unavailable
from estates.errors import PermissionMissing
from estates.members import Member
from estates.permissions import Permission
from realtime import log as event_log
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.follower import Follower, Placed
from realtime.frames import Connect, Position, TopicState, Welcome, encode
from realtime.lease_desk import key_of
from realtime.log import MAX_REPLAY, Head
from realtime.presence import renew_leases
from realtime.session import Session
from realtime.threads import in_thread
from realtime.tokens import Claim, members_behind, redeem, renewed
from realtime.topics import Topic, topics_of
from realtime.welcome import offered

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

#: Clients that are let in together at most.
BATCH = 1000
#: Clients in a batch from which on the next one is given `PACE_S` seconds to fill.
MANY = 20
PACE_S = 0.6


@dataclass(slots=True, eq=False)
class _Arrival:
    """A client at the door. `standing`: whether each topic's past can be told, by name."""

    connect: Connect
    connection: Connection
    done: asyncio.Future[Session]
    session: Session | None = None
    resume_token: str = ""
    standing: dict[str, TopicState] = field(default_factory=dict)


class Greeter:
    """Welcomes clients to a hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._waiting: deque[_Arrival] = deque()
        self._wake = asyncio.Event()

    async def welcome(self, connect: Connect, connection: Connection) -> Session:
        """The client's session, welcomed and live, or nearly so. Raises a `ClustrError` where it is not let in."""
        arrival = _Arrival(connect, connection, asyncio.get_running_loop().create_future())
        self._waiting.append(arrival)
        self._wake.set()
        return await arrival.done

    async def run(self) -> None:
        """Let in who comes, until cancelled."""
        while True:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            began = time.monotonic()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._let_in(batch)
            except Exception:
                log.exception("%d clients could not be let in", len(batch))
                for arrival in batch:
                    self._turn_away(arrival, Unavailable("The server could not read the log. Try again."))
            if len(batch) >= MANY:
                await asyncio.sleep(max(0.0, began + PACE_S - time.monotonic()))

    async def _let_in(self, batch: Sequence[_Arrival]) -> None:
        """Subscribe first, then look where everything stands, then replay, then go live.

        An event that is committed in between is then seen twice and dropped once, never seen zero times.
        """
        admitted = await in_thread(_admit, [arrival.connect for arrival in batch])
        arrivals = []
        for arrival, answer in zip(batch, admitted, strict=True):
            if isinstance(answer, ClustrError):
                self._turn_away(arrival, answer)
            elif not arrival.done.cancelled():
                member, topics, arrival.resume_token = answer
                arrival.session = self._session_of(arrival, member, topics)
                arrivals.append((arrival, arrival.session))
        estates = {session.member.estate_id for _, session in arrivals}
        await asyncio.gather(*(self._hub.groups.join(estate_id) for estate_id in estates))
        past, open_alerts = await self._look(arrivals)
        for (arrival, session), alerts in zip(arrivals, open_alerts, strict=True):
            self._say_welcome(arrival, session, alerts)
        for arrival, session in arrivals:
            self._bring_up_to_date(arrival, session, past)
            if arrival.done.done():
                # Its task was cancelled: nobody will say that it left.
                self._hub.leave(session)
                session.stop()
            else:
                arrival.done.set_result(session)

    def _session_of(self, arrival: _Arrival, member: Member, topics: list[Topic]) -> Session:
        session = Session(
            member=member,
            device=arrival.connect.device,
            topics=topics,
            connection=arrival.connection,
            closing=asyncio.get_running_loop().create_future(),
            heard_at=time.monotonic(),
        )
        self._hub.subscribe(session)
        return session

    def _turn_away(self, arrival: _Arrival, error: ClustrError) -> None:
        if arrival.done.done():
            # It was let in already: it must not stay open and hear nothing.
            if arrival.session is not None:
                arrival.session.close(CloseCode.RESTART, error.detail)
            return
        if arrival.session is not None:
            self._hub.leave(arrival.session)
        arrival.done.set_exception(error)

    # --- where everything stands ------------------------------------------------------------------------------------

    async def _look(
        self, arrivals: Sequence[tuple[_Arrival, Session]]
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
        self, arrivals: Sequence[tuple[_Arrival, Session]], heads: dict[str, Head]
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

    # --- welcome and replay -----------------------------------------------------------------------------------------

    def _say_welcome(self, arrival: _Arrival, session: Session, open_alerts: list[Any]) -> None:
        welcome = Welcome(
            ref=arrival.connect.ref,
            session=session.id,
            resume_token=arrival.resume_token,
            heartbeat_s=settings.CLUSTR_HEARTBEAT_S,
            topics=arrival.standing,
            open_alerts=open_alerts,
        )
        session.push(encode(welcome), urgent=True)

    def _bring_up_to_date(self, arrival: _Arrival, session: Session, past: dict[str, list[Placed]]) -> None:
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


#: Who it is, what he may hear, and the token with which he can come back.
_Entry = tuple[Member, list[Topic], str]


def _admit(connects: Sequence[Connect]) -> list[_Entry | ClustrError]:
    """Who each of them is and what he may hear. What changes later, `standing` finds."""
    claims = [_claim_of(connect) for connect in connects]
    members = members_behind([claim for claim in claims if isinstance(claim, Claim)])
    return [
        _entry(connect, claim, members[claim]) if isinstance(claim, Claim) else claim
        for connect, claim in zip(connects, claims, strict=True)
    ]


def _claim_of(connect: Connect) -> Claim | ClustrError:
    try:
        return redeem(token=connect.token, resume_token=connect.resume_token)
    except ClustrError as error:
        return error


def _entry(connect: Connect, claim: Claim, member: Member | ClustrError) -> _Entry | ClustrError:
    if isinstance(member, ClustrError):
        return member
    if not member.may(Permission.USE_REALTIME):
        return PermissionMissing(permission=Permission.USE_REALTIME.value)
    return member, topics_of(member), renewed(connect.resume_token or "", member, claim)

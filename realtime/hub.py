"""All sockets of one process: which topics they hear, and that none of them misses anything.

Each topic has a follower. A frame from the layer goes straight out where it is the next one; where it is not, or where
the head poll sees a head beyond it, the log is read first. So a lost message of Redis costs a moment, never an event.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from realtime.broker import EPHEMERAL, Announcement, broker
from realtime.catch_up import CatchUp
from realtime.close_codes import CloseCode
from realtime.estate_groups import EstateGroups
from realtime.fan_out import Readiness
from realtime.follower import Follower
from realtime.greeting import Greeter
from realtime.head_poll import HeadPoll
from realtime.heartbeats import Heartbeats
from realtime.lease_desk import LeaseDesk
from realtime.presence import DeviceKey
from realtime.presence_poll import PresencePoll
from realtime.pulse import FEED, keep_beating
from realtime.receipt_desk import ReceiptDesk
from realtime.session import Session
from realtime.standing import StandingPoll
from realtime.topics import Topic
from realtime.typing_desk import TypingDesk


class Hub:
    """Lives on one event loop. Sessions come by `greeter.welcome` and go by `leave`."""

    def __init__(self) -> None:
        self.sessions: set[Session] = set()
        self.followers: dict[str, Follower] = {}
        self.by_estate: dict[UUID, set[Session]] = defaultdict(set)
        self.readiness = Readiness()
        self.receipts = ReceiptDesk()
        self.leases = LeaseDesk(self._is_here)
        self.typing = TypingDesk()
        self.greeter = Greeter(self)
        self.groups = EstateGroups(self.by_estate.keys(), self.deliver)
        self.catch_up = CatchUp(self.restart)
        self._devices: dict[DeviceKey, int] = defaultdict(int)
        self._emptied = asyncio.Event()
        self._to_flush: list[Follower] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """Begin following on the running loop, which is also the broker's from now on."""
        broker.attach(self._loop)
        runs = {
            "groups": self.groups.run(),
            "catch-up": self.catch_up.run(),
            "greeter": self.greeter.run(),
            "heads": HeadPoll(self).run(),
            "heartbeats": Heartbeats(self).run(),
            "leases": self.leases.run(),
            "presence": PresencePoll(self).run(),
            "pulse": keep_beating(FEED),
            "receipts": self.receipts.run(),
            "standing": StandingPoll(self).run(),
            "typing": self.typing.run(),
        }
        self._tasks = [asyncio.create_task(run, name=f"hub-{name}") for name, run in runs.items()]

    async def close_all(
        self, code: int = CloseCode.RESTART, reason: str = "the server restarts", *, spread_s: float = 0
    ) -> None:
        """Close every socket, so that clients come back to another process or to the next start.

        `spread_s`: seconds over which they are closed, so that those who come back do not come all at once.
        """
        sessions = list(self.sessions)
        portions = [sessions[at : at + _CLOSED_AT_ONCE] for at in range(0, len(sessions), _CLOSED_AT_ONCE)]
        for number, portion in enumerate(portions):
            if number:
                await asyncio.sleep(spread_s / len(portions))
            for session in portion:
                session.close(code, reason)
        await self._see_them_leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _see_them_leave(self) -> None:
        """So that nobody is taken for present whose process has gone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_S):
                if self.sessions:
                    await self._emptied.wait()
        await self.leases.write()

    # --- sessions come and go ---------------------------------------------------------------------------------------

    def subscribe(self, session: Session) -> None:
        """Follow the session's topics for it from now on; it hears them once it is attached to each."""
        self.sessions.add(session)
        self._emptied.clear()
        self.by_estate[session.member.estate_id].add(session)
        self._devices[_device_of(session)] += 1
        for topic in session.topics.values():
            self.use(topic)

    def use(self, topic: Topic) -> Follower:
        """The topic's follower, kept until `part` was called as often."""
        follower = self.followers.get(topic.name)
        if follower is None:
            follower = self.followers[topic.name] = Follower(topic, self._schedule, self.readiness)
        follower.users += 1
        return follower

    def part(self, topic: Topic, session: Session) -> None:
        """The session hears the topic no longer."""
        follower = self.followers.get(topic.name)
        if follower is not None:
            follower.detach(session)
            follower.users -= 1
            if follower.users <= 0:
                del self.followers[topic.name]

    def leave(self, session: Session) -> None:
        """The socket is gone."""
        if session not in self.sessions:
            return
        self.sessions.discard(session)
        if not self.sessions:
            self._emptied.set()
        for topic in session.topics.values():
            self.part(topic, session)
        device = _device_of(session)
        self._devices[device] -= 1
        if self._devices[device] <= 0:
            del self._devices[device]
        self.leases.end(session)
        local = self.by_estate[session.member.estate_id]
        local.discard(session)
        if not local:
            del self.by_estate[session.member.estate_id]
            self.groups.changed()

    def hearing(self, topic: Topic) -> set[Session]:
        """Local sessions that hear the topic and have been brought up to date."""
        follower = self.followers.get(topic.name)
        hearers = follower.hearers if follower else set()
        return {one for one in hearers if isinstance(one, Session) and one.is_live}

    def _is_here(self, device: DeviceKey) -> bool:
        return device in self._devices

    # --- events -----------------------------------------------------------------------------------------------------

    def deliver(self, announcements: Sequence[Announcement]) -> None:
        """Frames from the layer."""
        for name, offset, frame in announcements:
            follower = self.followers.get(name)
            if follower is None:
                continue
            if offset == EPHEMERAL:
                self.typing.spread(frame, self.hearing(follower.topic))
                continue
            follower.offer(offset, frame)
            self.catch_up.notice(follower)

    def _schedule(self, follower: Follower) -> None:
        """Flush when everything that came at this wake-up of the loop has been taken."""
        if not self._to_flush:
            self._loop.call_soon(self._flush)
        self._to_flush.append(follower)

    def _flush(self) -> None:
        to_flush, self._to_flush = self._to_flush, []
        # An SOS does not wait for the fan-out of anything else.
        to_flush.sort(key=lambda follower: not follower.urgent)
        for follower in to_flush:
            follower.flush()

    def head_of(self, topic: str) -> int:
        """The last offset that was let through here: a client cannot truthfully have received more."""
        follower = self.followers.get(topic)
        return follower.last or 0 if follower else 0

    def restart(self, topic: str, reason: str) -> None:
        """Nobody here can be told everything of the topic any more: send those who hear it away, to resume."""
        for session in list(self.sessions):
            if topic in session.topics:
                session.close(CloseCode.RESTART, reason)
        follower = self.followers.get(topic)
        if follower is not None:
            follower.stop()


#: Seconds in which closed sockets should have left.
_LEAVE_S = 1.0
#: Sockets that are closed together when they are closed spread over a time.
_CLOSED_AT_ONCE = 50


def _device_of(session: Session) -> DeviceKey:
    return session.member.estate_id, session.member.id, session.device


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def running_hub() -> Hub:
    """The hub of the running loop, started with its first use: a server without lifespan events needs no more."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for closed in [known for known in _hubs if known.is_closed()]:
            del _hubs[closed]
        _hubs[loop] = Hub()
        _hubs[loop].start()
    return _hubs[loop]


async def close_hub(*, spread_s: float = 0) -> None:
    """Close the running loop's sockets, for a server that stops."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close_all(spread_s=spread_s)

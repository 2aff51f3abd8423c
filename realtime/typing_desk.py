"""Who is writing, told while it lasts to those who will read it.

A hint and nothing more: it stands in no log, goes out when nothing else waits, and may be lost. Each feature says with
`typing_in` about what of its own can be written, and who may.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from estates.members import Member
from realtime.broker import EPHEMERAL, broker
from realtime.ephemeral import offered
from realtime.frames import MemberTyping, Subject, encode
from realtime.session import Session
from realtime.threads import in_thread
from realtime.topics import Topic

log = logging.getLogger(__name__)

#: Seconds in which one person's typing about one thing is told once, however often his devices say it.
TOLD_EVERY_S = 2.0
#: Seconds for which a client shows it.
LASTS_S = 5.0
#: What may wait here. A hint that comes late is worth nothing.
WAITING = 100

#: Where what the member writes about the thing with this id would be told; nowhere, if he may not.
Audience = Callable[[Member, UUID], Sequence[Topic]]

audiences: dict[str, Audience] = {}


def typing_in(kind: str) -> Callable[[Audience], Audience]:
    """Register the function that says who hears of typing about things of this kind. It runs in a thread."""

    def register(function: Audience) -> Audience:
        audiences[kind] = function
        return function

    return register


class TypingDesk:
    """Takes what clients say on the event loop, asks whether they may, and spreads what other processes tell."""

    def __init__(self) -> None:
        #: Until when it was told, in monotonic seconds.
        self._told: dict[tuple[UUID, str, UUID], float] = {}
        self._asked: asyncio.Queue[tuple[Member, Subject]] = asyncio.Queue(WAITING)
        self._heard: asyncio.Queue[tuple[bytes, set[Session]]] = asyncio.Queue(WAITING)

    def note(self, member: Member, subject: Subject) -> None:
        """The member is writing about `subject`."""
        if subject.kind not in audiences or self._asked.full():
            return
        moment = time.monotonic()
        key = (member.id, subject.kind, subject.id)
        if self._told.get(key, 0) > moment:
            return
        if len(self._told) >= WAITING:
            self._told = {one: until for one, until in self._told.items() if until > moment}
        self._told[key] = moment + TOLD_EVERY_S
        self._asked.put_nowait((member, subject))

    def spread(self, frames: bytes, sessions: set[Session]) -> None:
        """Offer the frames to local sessions, in their turn."""
        if not self._heard.full():
            self._heard.put_nowait((frames, sessions))

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            group.create_task(self._offer())

    async def _tell(self) -> None:
        while True:
            member, subject = await self._asked.get()
            try:
                topics = await in_thread(audiences[subject.kind], member, subject.id)
            except Exception as error:
                log.warning("Typing could not be told (%s)", error)
                continue
            frames = [(topic.name, EPHEMERAL, encode(_frame(topic, subject, member))) for topic in topics]
            if frames:
                broker.announce(member.estate_id, frames)

    async def _offer(self) -> None:
        while True:
            frames, sessions = await self._heard.get()
            await offered(frames, sessions)


def _frame(topic: Topic, subject: Subject, member: Member) -> MemberTyping:
    return MemberTyping(
        topic=topic.name, subject=subject, member_id=member.id, name=member.name, lasts_s=LASTS_S
    )

"""Whether those behind open sockets may still listen, and to what: looked at every other second, slice by slice."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.sessions import live_sessions
from core.clock import now
from estates.members import Member
from estates.selectors import members_by_ids, role_epochs
from realtime import log as event_log
from realtime.close_codes import CloseCode
from realtime.frames import Subscriptions, TopicState, encode
from realtime.log import Head
from realtime.session import Session
from realtime.threads import in_thread
from realtime.tokens import issue_resume_token
from realtime.topics import Topic, topics_of

if TYPE_CHECKING:
    from realtime.hub import Hub

log = logging.getLogger(__name__)

#: Seconds within which every socket is looked at once.
ROUND_S = 2.0
#: Parts of the sockets that are looked at one after the other.
SLICES = 4


def gone_or_changed(members: Sequence[Member]) -> tuple[set[Member], set[Member]]:
    """Those whose user was disabled, whose estate was suspended, who left it or whose sign-in ended; and those whose
    roles are not what they were, or have expired. Two queries for any number of sockets.
    """
    epochs = role_epochs({member.id for member in members})
    keys = {member.session_key for member in members if member.session_key}
    live = live_sessions(keys) if keys else set()
    gone = {
        member
        for member in members
        if member.id not in epochs or (member.session_key and member.session_key not in live)
    }
    at = now()
    changed = {
        member
        for member in members
        if member not in gone
        and (epochs[member.id] != member.role_epoch or (member.roles_until and member.roles_until <= at))
    }
    return gone, changed


def as_they_are(members: Sequence[Member]) -> dict[Member, tuple[Member, list[Topic], dict[str, Head], str]]:
    """For each that has only gained: who he is now, what he may hear, where that stands, and a new resume token."""
    found = {}
    current = members_by_ids({member.id for member in members})
    for member in members:
        today = current.get(member.id)
        # Who has lost anything is cut off: nothing that he was told before may stay open before him.
        if today is None or not (
            today.permissions >= member.permissions and today.role_keys >= member.role_keys
        ):
            continue
        today = today.signed_in(member.session_key)
        topics = topics_of(today)
        found[member] = (today, topics, event_log.heads_of_all(topics), issue_resume_token(today))
    return found


class StandingPoll:
    """Runs until cancelled."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def run(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(ROUND_S / SLICES)
            turn = (turn + 1) % SLICES
            sessions = [session for session in self._hub.sessions if session.slot % SLICES == turn]
            try:
                if sessions:
                    await self._look(sessions)
            except Exception as error:
                log.warning("Sign-ins could not be checked (%s)", error)

    async def _look(self, sessions: Sequence[Session]) -> None:
        members = list({session.member for session in sessions})
        gone, changed = await in_thread(gone_or_changed, members)
        current = await in_thread(as_they_are, list(changed)) if changed else {}
        for session in sessions:
            if session.member in current:
                # Who is still being let in or brought up to date is changed in a later round.
                if session.is_live:
                    self._change(session, *current[session.member])
            elif session.member in gone or session.member in changed:
                session.close(CloseCode.REVOKED, "your sign-in or your roles have changed")

    def _change(
        self, session: Session, member: Member, topics: list[Topic], heads: dict[str, Head], token: str
    ) -> None:
        """Join and leave topics in the open socket."""
        wanted = {topic.name: topic for topic in topics}
        left = [topic for name, topic in session.topics.items() if name not in wanted]
        joined: dict[str, TopicState] = {}
        for topic in left:
            self._hub.part(topic, session)
        for name, topic in wanted.items():
            if name in session.topics:
                continue
            head = heads[name]
            follower = self._hub.use(topic)
            follower.start(head=head.head, epoch=head.epoch)
            follower.wanted = max(follower.wanted, head.head)
            self._hub.catch_up.notice(follower)
            joined[name] = TopicState(head=head.head, epoch=head.epoch, recovered=False)
        session.member, session.topics = member, wanted
        session.push(
            encode(Subscriptions(joined=joined, left=[topic.name for topic in left], resume_token=token)),
            urgent=True,
        )
        for name, state in joined.items():
            # Later than the frame that says where it begins: the client places itself there first.
            self._hub.followers[name].attach(session, have=state.head)

"""How far deliveries came, in the words of the people and devices that got them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.clock import now
from notifications.models import Delivery
from notifications.services.advancing import advance
from notifications.states import Channel, State, Work
from realtime.models import Stream


def acknowledge(*, subject_id: UUID, member_id: UUID) -> int:
    """The member has answered: his deliveries about this subject are acknowledged; answers how many.

    What was not sent to him yet is not sent any more. His telephone is still to be told to ring no longer.
    """
    his = Delivery.objects.across_estates().filter(subject_id=subject_id, member_id=member_id)
    ringing = list(his.filter(work=Work.HANG_UP).values_list("pk", flat=True))
    answered = sum(
        advance(his.filter(channel=channel), State.ACKNOWLEDGED, channel=channel) for channel in Channel
    )
    his.filter(pk__any_of=ringing).update(work=Work.HANG_UP, due_at=now())
    return answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A device of the member's has (`is_seen`: has shown) everything in the topic up to `offset`."""

    member_id: UUID
    topic: str
    offset: int
    is_seen: bool


def receive(proofs: Sequence[Proof]) -> int:
    """Devices say what they have; answers how many deliveries that proves. So many queries for all of them."""
    waiting = _waiting_for(proofs)
    if not waiting:
        return 0
    heads = _heads_of({row.address for row in waiting})
    proven: dict[State, list[UUID]] = {State.RECEIVED: [], State.SEEN: []}
    by_place = defaultdict(list)
    for row in waiting:
        by_place[row.member_id, row.address].append(row)
    for proof in proofs:
        # A device that counts in another epoch of the log, and claims more than there is, proves nothing.
        if proof.offset > heads.get(proof.topic, 0):
            continue
        for row in by_place[proof.member_id, proof.topic]:
            is_new = proof.is_seen or row.state == State.SENT
            if is_new and row.topic_offset is not None and row.topic_offset <= proof.offset:
                proven[State.SEEN if proof.is_seen else State.RECEIVED].append(row.pk)
    return sum(
        advance(Delivery.objects.across_estates().filter(pk__any_of=pks), to, channel=Channel.WEBSOCKET)
        for to, pks in proven.items()
        if pks
    )


def _waiting_for(proofs: Sequence[Proof]) -> list[Delivery]:
    """Websocket deliveries that the proofs may be about. A tablet confirms everything it gets, and hardly any of it
    is ours, so this one read is mostly all.
    """
    is_any_seen = any(proof.is_seen for proof in proofs)
    return list(
        Delivery.objects.across_estates()
        .filter(
            member__pk__any_of={proof.member_id for proof in proofs},
            address__any_of={proof.topic for proof in proofs},
            state__in=[State.SENT, State.RECEIVED] if is_any_seen else [State.SENT],
            channel=Channel.WEBSOCKET,
        )
        .only("pk", "member_id", "address", "topic_offset", "state")
    )


def _heads_of(topics: Collection[str]) -> dict[str, int]:
    return dict(Stream.objects.across_estates().filter(name__in=topics).values_list("name", "head"))

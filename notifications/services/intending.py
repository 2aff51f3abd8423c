"""Writing down who is to be told, before anybody is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from core.background import enqueue_on_commit
from core.clock import now
from core.ids import new_id
from notifications import metrics
from notifications.kinds import kinds
from notifications.models import Delivery, PushSubscription
from notifications.services.holding import as_chosen
from notifications.services.offsets import note_offsets
from notifications.states import Channel, State, Work
from realtime.topics import Topic

#: How long a message is worth sending, where the caller does not say.
WORTH_SENDING: Final = {True: timedelta(minutes=5), False: timedelta(days=1)}
#: Deliveries handed to a worker in one task.
PER_TASK: Final = 50
#: What a text or a call says; or what makes it of the delivery's id, where each says something of its own.
Body = str | Callable[[UUID], str]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to be told. `phone`: E.164. `topic`: his own topic, where it is not everybody's. `browser`: one of his
    that can be woken, for a push.
    """

    member_id: UUID | None
    name: str
    phone: str | None = None
    topic: Topic | None = None
    browser: PushSubscription | None = None


def intend(
    *,
    estate_id: UUID,
    subject: str,
    subject_id: UUID,
    step: str,
    channel: str,
    recipients: Sequence[Recipient],
    body: Body = "",
    expires_at: datetime | None = None,
    is_emergency: bool = True,
    topic: Topic | None = None,
    kind: str = "",
) -> list[Delivery]:
    """Write one delivery per recipient inside the caller's unit of work; answers those that are new.

    Who already has this step by this channel is left out, so a step that is run twice tells nobody twice; two people
    with one phone number get one text or call. Whoever cannot be reached by the channel gets a delivery that has
    failed, so that the record says why. Texts, calls and pushes go out after the commit. For the websocket, the caller
    publishes the fact to `topic` in the same unit of work: the commit sends it, and the devices' receipts of that fact
    are the proof.
    `expires_at`: by default 5 minutes from now for an emergency, a day otherwise.
    `kind`: of `notifications.kinds`, for what is no emergency: it goes out as its people have chosen. An emergency goes
    out whatever they chose.
    """
    if not is_emergency and kind not in kinds:
        raise ValueError(f"{kind!r} is no kind of notification")
    at = now()
    common: dict[str, Any] = {
        "estate_id": estate_id,
        "subject": subject,
        "subject_id": subject_id,
        "step": step,
        "channel": Channel(channel),
        "kind": kind,
        "is_emergency": is_emergency,
        "intended_at": at,
        "expires_at": expires_at or at + WORTH_SENDING[is_emergency],
    }
    make = _MAKERS[Channel(channel)]
    rows = [make(recipient, body=body, topic=topic, at=at, common=common) for recipient in recipients]
    if not is_emergency:
        rows = as_chosen(rows, kinds[kind], expires_at=expires_at)
        # Of two people with one number, one who wants it and may be disturbed decides.
        rows.sort(key=lambda row: (row.work != Work.SEND, row.due_at or at))
    once: dict[str, Delivery] = {}
    for row in rows:
        once.setdefault(row.recipient_key, row)
    written = _write(list(once.values()))
    _start(written, is_emergency=is_emergency)
    return written


def _by_telephone(
    recipient: Recipient, *, body: Body, topic: Topic | None, at: datetime, common: dict[str, Any]
) -> Delivery:
    delivery_id = new_id()
    row = Delivery(
        id=delivery_id,
        member_id=recipient.member_id,
        recipient_name=recipient.name,
        recipient_key=recipient.phone or _key_of(recipient),
        address=recipient.phone or "",
        body=body if isinstance(body, str) else body(delivery_id),
        work=Work.SEND,
        due_at=at,
        **common,
    )
    if not recipient.phone:
        row.state, row.failed_at, row.work, row.due_at = State.FAILED, at, Work.NONE, None
        row.error_code, row.error = "no_phone", "There is no telephone number on record"
    return row


def _by_websocket(
    recipient: Recipient, *, body: Body, topic: Topic | None, at: datetime, common: dict[str, Any]
) -> Delivery:
    to = recipient.topic or topic
    if to is None or recipient.member_id is None:
        raise ValueError("a websocket delivery needs a member and a topic")
    return Delivery(
        id=new_id(),
        member_id=recipient.member_id,
        recipient_name=recipient.name,
        recipient_key=_key_of(recipient),
        address=to.name,
        # Committed in the topic's log is sent: whoever is away gets it when he comes back.
        state=State.SENT,
        sent_at=at,
        **common,
    )


def _by_push(
    recipient: Recipient, *, body: Body, topic: Topic | None, at: datetime, common: dict[str, Any]
) -> Delivery:
    browser = recipient.browser
    if browser is None or recipient.member_id is None:
        raise ValueError("a push delivery needs a member and a browser of his")
    delivery_id = new_id()
    return Delivery(
        id=delivery_id,
        member_id=recipient.member_id,
        recipient_name=recipient.name,
        recipient_key=str(browser.pk),
        # Not the whole of it: whoever knows that can send to the browser.
        address=urlsplit(browser.endpoint).hostname or "",
        body=body if isinstance(body, str) else body(delivery_id),
        work=Work.SEND,
        due_at=at,
        **common,
    )


_MAKERS: Final = {
    Channel.WEBSOCKET: _by_websocket,
    Channel.SMS: _by_telephone,
    Channel.VOICE: _by_telephone,
    Channel.PUSH: _by_push,
}


def _key_of(recipient: Recipient) -> str:
    return str(recipient.member_id) if recipient.member_id else f"name:{recipient.name[:59]}"


def _write(rows: list[Delivery]) -> list[Delivery]:
    if not rows:
        return []
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    # The database does not say which rows it left out: those are the ones whose ids it does not have.
    known = set(
        Delivery.objects.across_estates()
        .filter(pk__any_of=[row.pk for row in rows])
        .values_list("pk", flat=True)
    )
    return [row for row in rows if row.pk in known]


def _start(written: list[Delivery], *, is_emergency: bool) -> None:
    for row in written:
        metrics.count(row.channel, row.state)
    note_offsets([row for row in written if row.channel == Channel.WEBSOCKET])
    at = now()
    due = [row for row in written if row.work == Work.SEND and row.due_at is not None and row.due_at <= at]
    for channel in {row.channel for row in due}:
        task = _task_for(channel, is_emergency=is_emergency)
        for ids in _batches([str(row.pk) for row in due if row.channel == channel]):
            enqueue_on_commit(task, delivery_ids=ids)


def _task_for(channel: str, *, is_emergency: bool) -> str:
    if not is_emergency:
        return "notifications.deliver_ordinary"
    return "notifications.deliver_pushes" if channel == Channel.PUSH else "notifications.deliver"


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), PER_TASK):
        yield ids[start : start + PER_TASK]

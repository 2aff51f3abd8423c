"""Words on an alert: said by those who see it, and proven to have been read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import IntegrityError

from core.actors import SYSTEM
from core.clock import now
from core.errors import Invalid
from core.ids import new_id
from core.text import clean_text
from core.unit_of_work import collect, unit_of_work, writes_last
from emergency.errors import AlertOver, CountdownRunning, MessageIdTaken
from emergency.events import MessagePosted, MessageReadView, MessagesRead, MessageView, PersonView
from emergency.models import Alert, AlertMessage, MessageRead
from emergency.selectors.messages import being_read, drawable, message_view
from emergency.services.record import note_down, tell
from emergency.services.transitions import hold_alert
from emergency.shapes import PostMessage
from emergency.states import SPOKEN_OF, State
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from realtime.models import Stream
from realtime.receipts import Receipt
from realtime.topics import emergency_lane, inbox

_OFFSETS = "emergency.message_offsets"
#: After the events: a stream's head is then the offset of this unit of work's last fact, and locked until the commit.
_AFTER_EVENTS = 1000


class MessageEmpty(Invalid):
    code = "message_empty"
    title = "Write something"


def post_message(*, actor: Member, estate: Estate, alert_id: UUID, data: PostMessage) -> MessageView:
    """Say something to everybody who sees the alert.

    A retry under the same `message_id` answers the first one's message. Raises `AlertNotFound`, `AlertOver`,
    `CountdownRunning`, `MessageEmpty`, `MessageIdTaken`.
    """
    require(actor, Permission.READ_OWN_ALERTS, estate)
    words = clean_text(data.text)
    if not words:
        raise MessageEmpty(field="text")
    message_id = data.message_id or new_id()
    with unit_of_work():
        alert = hold_alert(actor, estate, alert_id)
        if earlier := _earlier(alert, actor, message_id, words):
            return earlier
        ensure_spoken_of(alert)
        try:
            message = AlertMessage.objects.create(
                estate_id=alert.estate_id, message_id=message_id, alert=alert, author_id=actor.id, text=words
            )
        except IntegrityError:
            # Somebody's, somewhere: no more is said.
            raise MessageIdTaken(field="message_id") from None
        view = message_view(drawable(AlertMessage.objects.of(alert.estate_id)).get(pk=message.pk))
        note_down(alert, "message", actor, f"{actor.name}: {words}", message_id=str(message_id))
        tell(MessagePosted(message=view), alert, actor)
        collect(_OFFSETS, message)
        return view


def ensure_spoken_of(alert: Alert) -> None:
    """Raises `CountdownRunning`, `AlertOver` where nobody would hear it."""
    if alert.state == State.COUNTDOWN:
        raise CountdownRunning
    if alert.state not in SPOKEN_OF:
        raise AlertOver


def mark_read(receipts: Sequence[Receipt]) -> None:
    """Whose device has shown him a message, he has read it. May be told twice."""
    seen = [receipt for receipt in receipts if receipt.kind == "seen"]
    if not seen:
        return
    found = _read_by(seen)
    for alert_id, pairs in found.items():
        _mark(alert_id, pairs)


def _earlier(alert: Alert, actor: Member, message_id: UUID, words: str) -> MessageView | None:
    message = drawable(AlertMessage.objects.of(alert.estate_id)).filter(message_id=message_id).first()
    if message is None:
        return None
    if (message.alert_id, message.author_id, message.text) != (alert.pk, actor.id, words):
        raise MessageIdTaken(field="message_id")
    return message_view(message)


@writes_last(_OFFSETS, order=_AFTER_EVENTS)
def _write_offsets(messages: list[AlertMessage]) -> None:
    for message in messages:
        lane, box = _places(message)
        heads = dict(
            Stream.objects.of(message.estate_id).filter(name__in=[lane, box]).values_list("name", "head")
        )
        message.lane_offset, message.inbox_offset = heads.get(lane), heads.get(box)
        message.save(update_fields=["lane_offset", "inbox_offset"])


def _places(message: AlertMessage) -> tuple[str, str]:
    estate_id = message.estate_id
    return emergency_lane(estate_id).name, inbox(message.alert.person_id, estate_id).name


def _read_by(seen: Sequence[Receipt]) -> dict[UUID, set[tuple[int, UUID]]]:
    """Pairs of message and member that are not known yet, by alert."""
    messages = being_read(receipt.estate_id for receipt in seen).select_related("alert")
    found: dict[UUID, set[tuple[int, UUID]]] = defaultdict(set)
    for message in messages:
        lane, box = _places(message)
        offsets = {lane: message.lane_offset, box: message.inbox_offset}
        for receipt in seen:
            offset = offsets.get(receipt.topic)
            if offset and offset <= receipt.offset and receipt.member_id != message.author_id:
                found[message.alert_id].add((message.pk, receipt.member_id))
    everything = {message_id for pairs in found.values() for message_id, _ in pairs}
    known = set(
        MessageRead.objects.across_estates()
        .filter(message__pk__any_of=everything)
        .values_list("message_id", "member_id")
    )
    return {alert_id: new for alert_id, pairs in found.items() if (new := pairs - known)}


def _mark(alert_id: UUID, pairs: set[tuple[int, UUID]]) -> None:
    with unit_of_work():
        # Two devices of one member may say it at once, in two processes: the second waits here, and finds it said.
        alert = Alert.objects.across_estates().select_for_update(no_key=True).get(pk=alert_id)
        message_ids = {message_id for message_id, _ in pairs}
        known = MessageRead.objects.of(alert.estate_id).filter(message__pk__any_of=message_ids)
        new = sorted(pairs - set(known.values_list("message_id", "member_id")))
        if not new:
            return
        moment = now()
        MessageRead.objects.bulk_create(
            [
                MessageRead(estate_id=alert.estate_id, message_id=message_id, member_id=member_id, at=moment)
                for message_id, member_id in new
            ]
        )
        names = _names({member_id for _, member_id in new})
        ids = dict(
            AlertMessage.objects.of(alert.estate_id)
            .filter(pk__in=message_ids)
            .values_list("pk", "message_id")
        )
        reads = [
            MessageReadView(
                message_id=ids[message_id],
                by=PersonView(member_id=member_id, name=names[member_id]),
                at=moment,
            )
            for message_id, member_id in new
        ]
        tell(MessagesRead(alert_id=alert_id, reads=reads), alert, SYSTEM)


def _names(member_ids: Iterable[UUID]) -> dict[UUID, str]:
    members = Membership.objects.across_estates().filter(pk__any_of=set(member_ids))
    return dict(members.values_list("pk", "user__name"))

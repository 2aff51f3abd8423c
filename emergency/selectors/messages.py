"""What was said about an alert."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from core.clock import now
from emergency.events import MessageView, ReaderView
from emergency.models import Alert, AlertMessage, MessageRead
from emergency.selectors.views import person_view
from emergency.states import SPOKEN_OF

#: A read mark matters while people talk; what was written long ago is not asked for at each receipt.
READ_WITHIN = timedelta(days=2)


def messages_of(alert: Alert) -> QuerySet[AlertMessage]:
    """The alert's messages, ready to be drawn: two queries however many there are."""
    return drawable(AlertMessage.objects.of(alert.estate_id).filter(alert=alert))


def drawable(messages: QuerySet[AlertMessage]) -> QuerySet[AlertMessage]:
    """The same messages with everything that `message_view` needs."""
    reads = MessageRead.objects.across_estates().select_related("member__user")
    return messages.select_related("author__user").prefetch_related(
        Prefetch("reads", queryset=reads, to_attr="readers")
    )


def message_view(message: AlertMessage) -> MessageView:
    """Of a message that comes from `drawable`."""
    readers: list[MessageRead] = message.readers  # type: ignore[attr-defined]
    return MessageView(
        id=message.message_id,
        alert_id=message.alert_id,
        author=person_view(message.author),
        text=message.text,
        at=message.at,
        read_by=[
            ReaderView(member_id=read.member_id, name=read.member.user.name, at=read.at) for read in readers
        ],
    )


def being_read(estate_ids: Iterable[UUID]) -> QuerySet[AlertMessage]:
    """Those of which it may still become known that somebody has read them."""
    return AlertMessage.objects.across_estates().filter(
        estate_id__in=set(estate_ids), alert__state__in=SPOKEN_OF, at__gt=now() - READ_WITHIN
    )

"""Where in its topic's stream a websocket delivery's fact came to stand."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction

from core.unit_of_work import collect, writes_last
from notifications.models import Delivery
from notifications.services.proving import Proof, receive
from realtime.models import ReceiptPosition, Stream

_KIND = "notifications.offsets"
#: After the events: a stream's head is then the offset of the last fact of this unit of work, and locked until commit.
_AFTER_EVENTS = 1000


def note_offsets(written: list[Delivery]) -> None:
    """Have the offsets written down at the end of the running unit of work. Raises `NoUnitOfWork`."""
    for row in written:
        collect(_KIND, row)


@writes_last(_KIND, order=_AFTER_EVENTS)
def _write_offsets(written: list[Delivery]) -> None:
    by_topic: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in written:
        by_topic[row.address].append(row.pk)
    heads = Stream.objects.across_estates().filter(name__in=by_topic).values_list("name", "head")
    for topic, head in heads:
        Delivery.objects.across_estates().filter(pk__any_of=by_topic[topic]).update(topic_offset=head)
    places = {(row.member_id, row.address) for row in written if row.member_id is not None}
    # After the commit: a receipt that is kept later than this read finds the deliveries itself.
    transaction.on_commit(lambda: _prove_from_kept(places), robust=True)


def _prove_from_kept(places: set[tuple[UUID, str]]) -> None:
    """A tablet can be faster than the record: what it confirmed before its delivery was written counts too."""
    kept = ReceiptPosition.objects.across_estates().filter(
        membership__pk__any_of={member_id for member_id, _ in places},
        topic__any_of={topic for _, topic in places},
    )
    receive(
        [
            Proof(member_id=member_id, topic=topic, offset=offset, is_seen=kind == "seen")
            for member_id, topic, offset, kind in kept.values_list("membership_id", "topic", "offset", "kind")
            if (member_id, topic) in places
        ]
    )

"""Where in its topic's stream a websocket delivery's fact came to stand."""

from collections import defaultdict
from uuid import UUID

from core.unit_of_work import collect, writes_last
from notifications.models import Delivery
from realtime.models import Stream

_KIND = "notifications.offsets"
#: After the events: a stream's head is then the offset of the last fact of this unit of work, and locked until commit.
_AFTER_EVENTS = 1000


def note_offsets(written: list[Delivery]) -> None:
    """Have the offsets written down at the end of the running unit of work. Raises `NoUnitOfWork`."""
    for row in written:
        collect(_KIND, (row.pk, row.address))


@writes_last(_KIND, order=_AFTER_EVENTS)
def _write_offsets(items: list[tuple[UUID, str]]) -> None:
    by_topic: defaultdict[str, list[UUID]] = defaultdict(list)
    for delivery_id, topic in items:
        by_topic[topic].append(delivery_id)
    heads = Stream.objects.across_estates().filter(name__in=by_topic).values_list("name", "head")
    for topic, head in heads:
        Delivery.objects.across_estates().filter(pk__in=by_topic[topic]).update(topic_offset=head)

"""The log, and what clients said they have."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.models import Membership
from estates.scope import EstateScopedModel


def new_epoch() -> str:
    return uuid4().hex[:12]


class Stream(EstateScopedModel):
    """One topic's log. Offsets run from 1 to `head` without a gap; those up to `tail` were trimmed.

    `epoch` changes when the log's history did (a restore from backup): a position from another epoch is worthless.
    """

    name = models.CharField(max_length=100, unique=True)
    epoch = models.CharField(max_length=12, default=new_epoch)
    head = models.BigIntegerField(default=0)
    tail = models.BigIntegerField(default=0)
    #: When the head or the epoch last moved, in seconds since the epoch by the database's clock: the head poll asks
    #: for these alone.
    changed_at = models.FloatField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "changed_at"], name="stream_changed")
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.head}"


class Event(models.Model):
    """A fact at a place in a stream. The same `event_id` stands in each stream that the fact was published to."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="events")
    offset = models.BigIntegerField()
    event_id = models.UUIDField()
    type = models.CharField(max_length=100)
    data = models.JSONField()
    actor = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stream", "offset"], name="event_offset_unique")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event_id"], name="event_id"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.offset}"


class ReceiptPosition(EstateScopedModel):
    """Up to where one device of a member has received, or shown, a topic."""

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SEEN = "seen"

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=64)
    topic = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind)
    offset = models.BigIntegerField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["membership", "device", "topic", "kind"], name="receipt_unique")
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.kind} {self.offset}"


class DeviceLease(EstateScopedModel):
    """A device of a member answered lately on an open socket, and is taken for present until `expires_at`."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=64)
    #: Since when without a break, whichever sockets and processes it was connected to.
    since = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["membership", "device"], name="lease_unique")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "expires_at"], name="lease_live")
        ]

    def __str__(self) -> str:
        return f"{self.device} until {self.expires_at}"


class Device(EstateScopedModel):
    """A device with which a member connected, for its owner's list: when it was here last, and by which sign-in.

    `name`: what it calls itself, as in a lease. `last_seen_at`: when it came or went, or some minutes ago.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    session_key = models.CharField(max_length=40, blank=True)
    first_seen_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["membership", "name"], name="device_unique")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["last_seen_at"], name="device_last_seen")
        ]

    def __str__(self) -> str:
        return self.name


class Pulse(models.Model):
    """A kind of process of ours is at work: since when without a break, and when it last said so."""

    name = models.CharField(max_length=30, primary_key=True)
    alive_since = models.DateTimeField()
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} since {self.alive_since}"

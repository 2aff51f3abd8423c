"""The record of who was told what, by which way, and how far it came."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.scope import EstateScopedModel
from notifications.states import Channel, State, Work


class Delivery(EstateScopedModel):
    """One step's message to one person by one channel.

    `work` and `due_at` are the to-do list: what the sweeper must do with this row, and when. A worker claims a row by
    moving `due_at` to the end of its lease and raising `claim`; whatever it writes later names its claim, so that a
    worker that slept through its lease changes nothing. Just before the provider is called, `work` becomes
    "reconcile": a row whose worker died is thus known to be either surely unsent or possibly sent.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=60, help_text='What it is about, such as "emergency.alert".')
    subject_id = models.UUIDField()
    step = models.CharField(max_length=20, help_text='The step that wanted it, such as "2.0" (order.repeat).')
    kind = models.CharField(
        max_length=60,
        blank=True,
        db_default="",
        default="",
        help_text="Of `notifications.kinds`; empty for an emergency.",
    )
    member = models.ForeignKey(
        "estates.Membership", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    recipient_name = models.CharField(max_length=200)
    #: The number for an SMS or a call (two people sharing one get one), otherwise the member.
    recipient_key = models.CharField(max_length=64)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    address = models.CharField(max_length=120, blank=True, help_text="Phone number (E.164) or topic.")
    #: Where the fact stands in the topic's stream; a device's receipt of this offset or a later one proves arrival.
    topic_offset = models.BigIntegerField(null=True)
    body = models.TextField(blank=True)
    is_emergency = models.BooleanField()

    state = models.CharField(max_length=20, choices=State.choices, default=State.INTENDED)
    provider = models.CharField(max_length=30, blank=True)
    provider_id = models.CharField(max_length=64, blank=True)
    #: Ids of earlier attempts that did not arrive: their late reports must not be taken for the present attempt's.
    former_provider_ids = models.JSONField(default=list)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)

    work = models.CharField(max_length=12, choices=Work.choices, default=Work.NONE, blank=True)
    due_at = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(
        default=0, help_text="How many times the provider was called to send it."
    )
    attempted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(help_text="Not sent after this moment.")
    withdrawn_at = models.DateTimeField(null=True, help_text="Of a call: it need ring no longer.")

    intended_at = models.DateTimeField(default=now)
    accepted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["intended_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subject_id", "step", "recipient_key", "channel"], name="delivery_once_per_step"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="delivery_provider_id_unique",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["is_emergency", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(fields=["member", "address", "state", "topic_offset"], name="delivery_receipts"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of step {self.step}: {self.state}"

    @property
    def next_attempt_at(self) -> datetime | None:
        """When it will be handed to the provider (again), if it waits for that."""
        return self.due_at if self.work == Work.SEND else None

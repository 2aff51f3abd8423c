"""What a member wants to be told, by which way, and when not."""

from typing import ClassVar

from django.db import models

from estates.models import Membership
from estates.scope import EstateScopedModel
from notifications.states import Channel


class NotificationChoice(EstateScopedModel):
    """A switch that somebody has turned himself. Where there is none, the kind's default counts."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    is_on = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["membership", "kind", "channel"], name="notification_choice_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {'on' if self.is_on else 'off'}"


class QuietHours(EstateScopedModel):
    """When a member is not to be disturbed, by the clock on the wall. They may go over midnight."""

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="+")
    begins = models.TimeField()
    ends = models.TimeField()
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty: the estate's")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(begins=models.F("ends")), name="quiet_hours_have_a_length"
            )
        ]

    def __str__(self) -> str:
        return f"{self.begins} to {self.ends}"

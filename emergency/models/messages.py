"""What is said about an alert by those who see it, and who has read it."""

from typing import ClassVar

from django.db import models

from core.clock import now
from emergency.models.alerts import Alert
from estates.models import Membership
from estates.scope import EstateScopedModel


class AlertMessage(EstateScopedModel):
    """A few words on an alert. Never changed: they are part of its record."""

    # The alert's row is locked while a message is written, so these ids stand in the order of the events.
    id = models.BigAutoField(primary_key=True)
    #: Made by the client that sent it, the same for every retry.
    message_id = models.UUIDField(unique=True, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=now)
    #: Where its event stands in the emergency lane and in the inbox of the person in need: whose device has shown
    #: that offset to somebody, there it was read.
    lane_offset = models.PositiveBigIntegerField(null=True)
    inbox_offset = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["alert", "id"], name="message_of_alert")
        ]

    def __str__(self) -> str:
        return self.text


class MessageRead(EstateScopedModel):
    """A member had the message before his eyes."""

    message = models.ForeignKey(AlertMessage, on_delete=models.CASCADE, related_name="reads")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "member"], name="message_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} by {self.member_id}"

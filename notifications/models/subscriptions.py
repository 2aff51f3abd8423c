"""Devices that can be woken by web push."""

from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.scope import EstateScopedModel


class PushSubscription(EstateScopedModel):
    """A browser of a member's that takes push messages (https://www.w3.org/TR/push-api/).

    `endpoint`, `p256dh` and `auth` are the browser's: where its push service takes messages for it, and the keys with
    which they are encrypted for it alone (RFC 8291). It is good for as long as the sign-in behind `session_key` holds.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey("estates.Membership", on_delete=models.CASCADE, related_name="+")
    device = models.CharField(max_length=64, help_text="What it calls itself on the live feed.")
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    user_agent = models.CharField(max_length=200, blank=True)
    session_key = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    last_ok_at = models.DateTimeField(
        null=True, help_text="When the push service last took a message for it."
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # One browser belongs to one person; who is in two estates is woken for both.
            models.UniqueConstraint(fields=["estate", "endpoint"], name="subscription_endpoint_unique"),
            models.UniqueConstraint(fields=["membership", "device"], name="subscription_device_unique"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # All estates' rows of one browser: it is forgotten, or changes hands, in all of them.
            models.Index(fields=["endpoint"], name="subscription_endpoint")
        ]

    def __str__(self) -> str:
        return self.device

"""Support access: a platform admin in an estate, for a time, with a reason that its managers read."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.clock import now
from core.ids import new_id
from estates.scope import EstateScopedModel


class SupportAccess(EstateScopedModel):
    """`name`: the admin's, kept when his account has gone. `ended_by`: who ended it, or that it ran out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    started_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "started_at"], name="support_list"),
            models.Index(
                fields=["expires_at"], condition=models.Q(ended_at__isnull=True), name="support_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} until {self.expires_at}"

"""The append-only record of an alert."""

from typing import Any, ClassVar

from django.db import models

from core.clock import now
from core.models import AppendOnly
from emergency.models.alerts import Alert
from estates.scope import EstateScopedModel


class TimelineEntry(EstateScopedModel):
    """One thing that happened. The database refuses to change it, whoever asks."""

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=30)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    text = models.TextField(help_text="A sentence for people; no telephone numbers")
    data = models.JSONField(default=dict)

    class Meta:
        # An alert's row is locked while its entries are written, so their ids stand in the order of the events.
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["alert", "id"], name="timeline_of_alert")
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("a timeline entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("a timeline entry is never deleted")

"""What a person asks for about his own data. It belongs to him and to no estate."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id


class DataExport(models.Model):
    """Everything that is held of somebody, as a file that he alone can fetch, for some days."""

    class State(models.TextChoices):
        QUEUED = "queued"
        READY = "ready"
        FAILED = "failed"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    asked_at = models.DateTimeField(default=now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    #: Within the folder of exports; it cannot be guessed.
    file_name = models.CharField(max_length=80, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    #: Until when the worker that has it is taken to be alive.
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="queued"), name="data_export_one_at_a_time"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["asked_at"], condition=Q(state="queued"), name="data_export_queued"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="data_export_ready"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ({self.state})"


class AccountDeletion(models.Model):
    """Somebody wants his account erased: from `due_at` on it is, unless he has taken that back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    #: Why it could not be done when it was due; tried again every day.
    blocked_by = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(withdrawn_at__isnull=True, done_at__isnull=True),
                name="account_deletion_one_at_a_time",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at"],
                condition=Q(withdrawn_at__isnull=True, done_at__isnull=True),
                name="account_deletion_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.due_at}"

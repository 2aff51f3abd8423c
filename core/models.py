"""The audit log's rows. Written by `core.audit` alone."""

from django.db import models

from core.ids import new_id


class AppendOnly(RuntimeError):
    """A row of the record was about to be changed or deleted."""


class AuditChain(models.Model):
    """The head of one estate's chain of audit entries; the zero UUID stands for the platform itself."""

    estate_id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.estate_id} at {self.seq}"


class AuditEntry(models.Model):
    """One thing that somebody did. Each entry's hash covers the one before it, so that none can be taken out unseen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    estate_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=100)
    target_type = models.CharField(max_length=100)
    target_id = models.CharField(max_length=64)
    changes = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["estate_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["estate_id", "seq"], name="audit_seq_unique")]
        indexes = [
            models.Index(fields=["estate_id", "action", "at"], name="audit_action"),
            models.Index(fields=["estate_id", "target_type", "target_id"], name="audit_target"),
            models.Index(fields=["estate_id", "actor_id", "at"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_name}"

    def save(self, *args: object, **kwargs: object) -> None:
        raise AppendOnly("audit entries are written by core.audit alone")

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise AppendOnly("audit entries are never deleted")

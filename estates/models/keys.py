"""API keys: another program acts in an estate, as far as its maker may."""

from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.models.people import Membership
from estates.scope import EstateScopedModel


class ApiKey(EstateScopedModel):
    """The key itself is kept nowhere: `hash` is its SHA-256 (it has 256 random bits, which nobody guesses)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    prefix = models.CharField(
        max_length=20, help_text="How the key begins, so that it can be told from others"
    )
    hash = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(default=list, help_text="Permission values")
    created_by = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_keys")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To within some minutes")
    addresses = models.JSONField(default=list, help_text="From where it was used, the newest one last")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "created_at"], name="key_list")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

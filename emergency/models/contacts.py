"""The people whom a member wants told when he is in need."""

from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.models import Membership
from estates.scope import EstateScopedModel


class Contact(EstateScopedModel):
    """A personal emergency contact: usually nobody of the estate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="emergency_contacts")
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=20, help_text="E.164")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "phone"], name="contact_phone_unique")
        ]

    def __str__(self) -> str:
        return self.name

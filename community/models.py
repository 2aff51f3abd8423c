"""What residents show their neighbours."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from estates.models import Membership
from estates.scope import EstateScopedModel


class DirectoryEntry(EstateScopedModel):
    """What one resident shows in the directory of neighbours. Where there is none, he shows nothing.

    What is shown itself (name, number and so on) stands where it always does, and nowhere twice.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="+")
    shows_name = models.BooleanField(default=False)
    shows_unit = models.BooleanField(default=False)
    shows_phone = models.BooleanField(default=False)
    shows_email = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(shows_name=True) | Q(shows_unit=False, shows_phone=False, shows_email=False),
                name="directory_entry_has_a_name",
            )
        ]

    def __str__(self) -> str:
        return str(self.membership_id)

"""People in an estate, and in its homes."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from core.clock import now
from core.ids import new_id
from estates.models.places import Unit
from estates.scope import EstateScopedModel


class Membership(EstateScopedModel):
    """One user in one estate. Roles hang here, never on the user."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    #: The estate may know who he is. Who was invited stays without a name until he accepts, also when he has declined.
    is_known = models.BooleanField(default=True)
    #: Grows with every change of roles, status or occupancy: what was signed under an older one no longer holds.
    role_epoch = models.PositiveIntegerField(default=1)
    on_duty_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "user"], name="membership_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.estate_id}"


class Occupancy(EstateScopedModel):
    """Who lives where, from when to when, and as what."""

    class Kind(models.TextChoices):
        OWNER = "owner"
        TENANT = "tenant"
        FAMILY = "family"
        CHILD = "child"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="occupancies")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="occupancies")
    kind = models.CharField(max_length=10, choices=Kind)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds")
    begun_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When its first day was acted upon; null while to come",
    )
    #: Whose household he is of, where an owner or tenant took him in: it ends no later than that one does.
    host = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="household", editable=False
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="occupancy_ends_after_start",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["starts_on"], condition=models.Q(begun_at__isnull=True), name="occupancy_to_come"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.unit_id} from {self.starts_on}"

"""Roles, and who was given which."""

from typing import ClassVar

from django.db import models

from core.clock import now
from core.ids import new_id
from estates.models.estate import Estate
from estates.models.people import Membership
from estates.scope import EstateScopedModel


class Role(models.Model):
    """A set of permissions with a name. Built-in ones have no estate and take theirs from the matrix in the code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, null=True, blank=True, related_name="roles")
    key = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    permissions = models.JSONField(
        default=list, blank=True, help_text="Permission values, for an estate's own roles"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "key"], name="role_key_unique"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(estate__isnull=True), name="role_built_in_key_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleGrant(EstateScopedModel):
    """A membership holds a role, for good or until a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="role_grants")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    granted_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["membership", "role"], name="role_grant_unique")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} as {self.role_id}"

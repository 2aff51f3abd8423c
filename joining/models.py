"""Join codes, requests to join, and invitations."""

from datetime import timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from estates.models import Estate, Membership, Occupancy, Unit
from estates.scope import EstateScopedModel
from joining.states import InvitationState, RequestState

KINDS = Occupancy.Kind.choices
#: How long an invitation can be answered after it was sent.
GOOD_FOR: Final = timedelta(days=7)


class JoinCode(EstateScopedModel):
    """What somebody must know to ask. It opens nothing: managers decide."""

    estate = models.OneToOneField(Estate, on_delete=models.CASCADE, primary_key=True, related_name="+")
    code = models.CharField(max_length=16, unique=True)
    is_active = models.BooleanField(default=True)
    renewed_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"of {self.estate_id}"


class JoinRequest(EstateScopedModel):
    """Somebody asks to belong. Until it is approved he is nobody there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="join_requests")
    unit_said = models.CharField(max_length=50, help_text="As he calls the home; he sees none of them")
    kind = models.CharField(max_length=10, choices=KINDS)
    note = models.CharField(max_length=500, default="", blank=True)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.value) for state in RequestState],
        default=RequestState.OPEN,
    )
    reason = models.CharField(max_length=300, default="", blank=True)
    asked_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["estate", "user"], condition=Q(state=RequestState.OPEN), name="join_request_open_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "-asked_at", "-id"], name="join_request_newest")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} asks {self.estate_id} ({self.state})"


class Invitation(EstateScopedModel):
    """Somebody is asked to belong, at one address, which whoever answers has proved to be his.

    Whether it has an account is not looked at before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, help_text="As who invites calls him")
    phone = models.CharField(max_length=20, null=True, help_text="E.164")
    email = models.EmailField(null=True)
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS, default="", blank=True)
    roles = models.JSONField(default=list, help_text="Keys of roles beside the one that comes with the home")
    #: Whose household it is into, where an owner or tenant invites.
    host = models.ForeignKey(Occupancy, on_delete=models.CASCADE, null=True, related_name="+")
    invited_by = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.value) for state in InvitationState],
        default=InvitationState.OPEN,
    )
    #: Grows each time it is sent anew: the link of an older letter opens nothing any more.
    letter = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    #: Who he turned out to be.
    membership = models.ForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    #: Until when the worker that sends it is taken to be at it.
    claimed_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(phone__isnull=False, email__isnull=True)
                | Q(phone__isnull=True, email__isnull=False),
                name="invitation_has_one_address",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "-created_at", "-id"], name="invitation_newest"),
            models.Index(
                fields=["created_at"],
                condition=Q(state=InvitationState.OPEN, sent_at__isnull=True),
                name="invitation_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.estate_id} ({self.state})"

"""An alert, the presses of the button behind it, and the people who took it on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from emergency.events import Category, Outcome
from emergency.states import OPEN, ResponderState, State
from estates.models import Estate, Membership, Unit
from estates.scope import EstateScopedModel


def _choices(
    values: type[Category] | type[Outcome] | type[State] | type[ResponderState],
) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ").capitalize()) for value in values]


class Positioned(models.Model):
    """A place on earth as a device reported it. Latitude and longitude in WGS 84 degrees, accuracy in metres."""

    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True)

    class Meta:
        abstract = True


class Alert(EstateScopedModel, Positioned):
    """An SOS. `person` is in need; `raised_by` pressed the button, and is nearly always the same."""

    #: Made by the client that raised it.
    id = models.UUIDField(primary_key=True, editable=False)
    #: Given just before the commit, because everybody of the estate waits for the counter.
    number = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=_choices(State))
    category = models.CharField(max_length=20, choices=_choices(Category))
    categories = models.JSONField(default=list)
    person = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="alerts")
    raised_by = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.RESTRICT, null=True, related_name="+")
    note = models.TextField(default="", blank=True)
    positioned_at = models.DateTimeField(null=True)
    is_silent = models.BooleanField(default=False)
    is_drill = models.BooleanField(default=False)
    #: The escalation policy as it was when the alert was raised: a later edit changes nothing under way.
    policy = models.JSONField()
    #: The last told `ProofView`.
    proof = models.JSONField(default=dict)

    raised_at = models.DateTimeField(default=now)
    countdown_ends_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+")
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=_choices(Outcome), default="", blank=True)
    report = models.TextField(default="", blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "number"], name="alert_number_unique"),
            # A drill and the real thing never stand in for each other.
            models.UniqueConstraint(
                fields=["person", "category", "is_drill"],
                condition=Q(state__in=OPEN),
                name="alert_open_unique",
            ),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="alert_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[State.COUNTDOWN, State.ACTIVE, State.CANCELLED])
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="alert_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.RESOLVED, State.CLOSED]) | ~Q(report="") & ~Q(outcome=""),
                name="alert_resolved_with_report",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["raised_at"], condition=Q(state__in=OPEN), name="alert_open"),
            models.Index(fields=["resolved_at"], condition=Q(state=State.RESOLVED), name="alert_resolved"),
            models.Index(fields=["estate", "-raised_at", "-id"], name="alert_newest"),
            models.Index(fields=["person", "-raised_at"], name="alert_of_person"),
        ]

    def __str__(self) -> str:
        return f"Alert {self.number} ({self.category}, {self.state})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class AlertCounter(models.Model):
    """The last number given in an estate."""

    estate = models.OneToOneField(Estate, on_delete=models.CASCADE, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.estate_id}: {self.last}"


class Raise(EstateScopedModel, Positioned):
    """One press of the button, with the answer it got. A retry under its id or key gets the same answer."""

    id = models.UUIDField(primary_key=True, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="raises")
    member = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="+")
    key = models.CharField(
        max_length=128, null=True, blank=True, help_text="Idempotency key, from the client"
    )
    category = models.CharField(max_length=20, choices=_choices(Category))
    note = models.TextField(default="", blank=True)
    at = models.DateTimeField(default=now)
    answer = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "key"], name="raise_key_unique")
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.member_id}"


class Responder(EstateScopedModel):
    """A member who took the alert on, and how far he is. The first one acknowledged it."""

    # The alert's row is locked while it gets a responder, so these ids stand in the order of their coming.
    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="responders")
    member = models.ForeignKey(Membership, on_delete=models.RESTRICT, related_name="+")
    state = models.CharField(
        max_length=12, choices=_choices(ResponderState), default=ResponderState.ACKNOWLEDGED.value
    )
    eta_s = models.PositiveIntegerField(null=True, help_text="Seconds from since_at")
    since_at = models.DateTimeField(default=now)
    joined_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["alert", "member"], name="responder_unique")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.state}"

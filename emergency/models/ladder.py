"""The ladder: an estate's policies, an alert's steps, and the auditor's pulse."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.ids import new_id
from emergency.models.alerts import Alert
from estates.scope import EstateScopedModel


class EscalationPolicy(EstateScopedModel):
    """Who is told when, for one category or, with an empty one, for every category without its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    category = models.CharField(max_length=20, default="", blank=True)
    steps = models.JSONField(help_text="A list of emergency.policies.Step")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "category"], name="policy_category_unique")
        ]

    def __str__(self) -> str:
        return self.category or "every category"


class AlertStep(EstateScopedModel):
    """One rung of one alert's ladder. The row is the clock: it is taken once its time has come, by whoever sweeps."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        CANCELLED = "cancelled"

    #: The `order` of the step that ends a countdown; the policy's own steps count from 0.
    COUNTDOWN_END = -1

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    order = models.SmallIntegerField()
    repeat = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    done_at = models.DateTimeField(null=True)
    spec = models.JSONField(default=dict, help_text="An emergency.policies.Step; empty for a countdown's end")

    class Meta:
        ordering: ClassVar[list[str]] = ["due_at", "order", "repeat"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["alert", "order", "repeat"], name="step_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="step_pending")
        ]

    def __str__(self) -> str:
        return f"Step {self.name} of {self.alert_id}"

    @property
    def name(self) -> str:
        """As deliveries call it: "2.0" is the third step's first time."""
        return f"{self.order}.{self.repeat}"


class AuditorRun(models.Model):
    """When the auditor last looked, and what it found. One row."""

    name = models.CharField(max_length=20, primary_key=True)
    last_run_at = models.DateTimeField()
    violations = models.PositiveIntegerField(default=0)
    oldest_overdue_s = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.last_run_at}"

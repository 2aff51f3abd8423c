"""Imports, and the files that wait for them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from backoffice.states import AT_WORK, State
from core.clock import now
from core.ids import new_id
from estates.models import Membership
from estates.scope import EstateScopedModel


class Import(EstateScopedModel):
    """A file that somebody handed in: first it is checked, then, when he says so, brought in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    list_name = models.CharField(max_length=50)
    file_name = models.CharField(max_length=200)
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in State], default=State.CHECKING
    )
    is_partial = models.BooleanField(default=False, help_text="The good rows are taken where others are not")
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    bad_rows = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="The first of them")
    message = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField(default=now)
    #: Until when the worker that has it is taken to be alive.
    claimed_until = models.DateTimeField(null=True)
    #: How often a worker has taken it up in this state; also tells one worker's claim from the next one's.
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["estate", "-created_at", "-id"], name="import_newest"),
            models.Index(fields=["claimed_until"], condition=Q(state__in=AT_WORK), name="import_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.list_name} ({self.state})"


class ImportFile(EstateScopedModel):
    """What was handed in, until the import has come to an end.

    In the database and not in a folder: the worker may be on another machine, and it goes with the import's own commit.
    """

    job = models.OneToOneField(Import, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)

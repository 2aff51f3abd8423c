"""Where people live."""

from typing import ClassVar

from django.db import models

from core.ids import new_id
from estates.scope import EstateScopedModel


class Block(EstateScopedModel):
    """A street, block or close of the estate."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "name"], name="block_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Unit(EstateScopedModel):
    """A home. Its occupants come and go; the unit stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=50, help_text='As people say it: "B-14"')
    latitude = models.FloatField(null=True, blank=True, help_text="WGS 84 degrees")
    longitude = models.FloatField(null=True, blank=True, help_text="WGS 84 degrees")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["estate", "name"], name="unit_name_unique")
        ]

    def __str__(self) -> str:
        return self.name

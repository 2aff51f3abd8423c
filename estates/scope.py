"""Rows that belong to one estate, and a manager that refuses to look at all of them by accident."""

from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.db import models

M = TypeVar("M", bound=models.Model)


class UnscopedQuery(RuntimeError):
    """A query over an estate's rows did not say which estate."""


class EstateManager(models.Manager[M]):
    """`of(estate)` is the way in. `across_estates()` is for sweepers and the like, and easy to find in a review.

    Reverse managers (`alert.steps`) are scoped by the row they start from and work as usual.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        if not hasattr(self, "instance"):
            raise UnscopedQuery(f"{self.model.__name__}.objects: say of(estate) or across_estates()")
        return super().get_queryset()

    def of(self, estate: models.Model | UUID) -> models.QuerySet[M]:
        estate_id = estate if isinstance(estate, UUID) else estate.pk
        return super().get_queryset().filter(estate_id=estate_id)

    def across_estates(self) -> models.QuerySet[M]:
        return super().get_queryset()

    def create(self, **fields: Any) -> M:
        return super().get_queryset().create(**fields)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        return super().get_queryset().bulk_create(objs, *args, **kwargs)


class EstateScopedModel(models.Model):
    """Base of everything that belongs to an estate."""

    estate = models.ForeignKey("estates.Estate", on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[EstateManager[Self]] = EstateManager()

    class Meta:
        abstract = True

"""Deleting many rows some at a time: no long lock, no long transaction, and never all of them in memory."""

from typing import Any

from django.db.models import Model, QuerySet


def delete_some(rows: QuerySet[Any, Any], limit: int) -> int:
    """Delete at most `limit` of `rows`, with what hangs on them; answers how many were found."""
    model: type[Model] = rows.model
    found = list(rows.values_list("pk", flat=True)[:limit])
    if found:
        _unscoped(model).filter(pk__in=found).delete()
    return len(found)


def _unscoped(model: type[Model]) -> QuerySet[Any]:
    across = getattr(model._default_manager, "across_estates", None)
    return across() if across else model._default_manager.all()

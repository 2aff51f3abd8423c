"""What the directory of neighbours holds of people."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from community.models import DirectoryEntry
from core.personal_data import holds


def _entries(user_id: UUID) -> Iterable[Mapping[str, Any]]:
    rows = DirectoryEntry.objects.across_estates().filter(membership__user_id=user_id)
    fields = ("shows_name", "shows_unit", "shows_phone", "shows_email", "changed_at")
    yield from rows.values("estate__name", *fields).iterator()


def _erase(user_id: UUID) -> None:
    DirectoryEntry.objects.across_estates().filter(membership__user_id=user_id).delete()


holds(
    "community.directory",
    what="What somebody shows his neighbours",
    why="His own choice",
    models=["community.DirectoryEntry"],
    kept="until he changes it or leaves his last home",
    on_deletion="deleted",
    export=_entries,
    erase=_erase,
)

"""Lists go out as files."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from backoffice.errors import ListNotFound
from backoffice.shapes import ListView
from core.audit import record
from core.tables.writing import csv_file, xlsx_file
from core.unit_of_work import unit_of_work
from estates.audit_log import MOST_EXPORTED, TooManyToExport
from estates.exchanging import Exchange, exchanges
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require


class FileKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


_WRITERS: Final[dict[FileKind, Callable[[Sequence[str], Iterable[Sequence[Any]]], bytes]]] = {
    FileKind.CSV: csv_file,
    FileKind.XLSX: xlsx_file,
}


def lists_for(actor: Member, estate: Estate) -> list[ListView]:
    """What the actor may take out, by title."""
    require(actor, Permission.EXPORT_LISTS, estate)
    return [
        ListView(
            name=one.name,
            title=one.title,
            columns=one.resource(estate).columns,
            is_importable=one.import_permission is not None and actor.may(one.import_permission),
        )
        for one in sorted(exchanges.values(), key=lambda one: one.title)
        if actor.may(one.export_permission)
    ]


def export_list(
    *, actor: Member, estate: Estate, name: str, kind: FileKind, is_template: bool = False
) -> bytes:
    """The list as a file, and that it was taken on the record. `is_template`: only its columns.

    Raises `ListNotFound`, `TooManyToExport`.
    """
    require(actor, Permission.EXPORT_LISTS, estate)
    resource = get_exchange(actor, name).resource(estate)
    if is_template:
        return _WRITERS[kind](resource.columns, [])
    count = 0

    def cells() -> Iterable[Sequence[Any]]:
        nonlocal count
        for row in islice(resource.rows(actor), MOST_EXPORTED + 1):
            count += 1
            if count > MOST_EXPORTED:
                raise TooManyToExport(f"One file holds {MOST_EXPORTED} rows.")
            yield resource.cells_of(row)

    file = _WRITERS[kind](resource.columns, cells())
    with unit_of_work():
        changes = {"list": name, "rows": count, "file": kind.value}
        record(actor, "backoffice.list.exported", estate, changes, estate_id=estate.pk)
    return file


def get_exchange(actor: Member, name: str) -> Exchange:
    """Raises `ListNotFound`, also for a list that the actor may not take out."""
    found = exchanges.get(name)
    if found is None or not actor.may(found.export_permission):
        raise ListNotFound
    return found

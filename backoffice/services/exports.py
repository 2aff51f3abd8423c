"""Lists go out as files."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from backoffice.errors import ListNotFound
from backoffice.shapes import ListView
from core.audit import record
from core.tables.errors import TooManyToExport
from core.tables.writing import MOST_ROWS, FileKind, table_file
from core.unit_of_work import unit_of_work
from estates.exchanging import Exchange, exchanges
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require


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
        return table_file(kind, resource.columns, [])
    count = 0

    def cells() -> Iterable[Sequence[Any]]:
        nonlocal count
        for row in islice(resource.rows(actor), MOST_ROWS + 1):
            count += 1
            if count > MOST_ROWS:
                raise TooManyToExport(f"One file holds {MOST_ROWS} rows.")
            yield resource.cells_of(row)

    file = table_file(kind, resource.columns, cells())
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

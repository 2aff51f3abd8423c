"""Many rows into a table in one statement, those that are there already being changed.

`bulk_create(update_conflicts=True)` does the same, but makes a model instance of each row and knows no condition: for
some thousand receipts of one event that is most of what they cost.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from django.db import IntegrityError, connection, models

log = logging.getLogger(__name__)

#: Rows in one statement; SQLite takes 32,766 parameters.
_PORTION = 2000


def upsert(
    model: type[models.Model],
    rows: Sequence[Sequence[Any]],
    *,
    columns: Sequence[str],
    unique: Sequence[str],
    update: Sequence[str],
    update_if: Mapping[str, str] | None = None,
    only_if: str = "",
) -> None:
    """Insert `rows` (values in the order of `columns`, which are field names), updating where `unique` is taken.

    `update_if`: fields that are updated under a condition, with it. `only_if`: a row for which it is false stays as it
    is. Both are SQL in which `{table}` and `{field}` stand for quoted names.
    Rows that refer to what does not exist are left out, unless a transaction is open.
    """
    quote = connection.ops.quote_name
    fields = fields_of(model, columns)
    names = {field.name: quote(str(field.column)) for field in fields}
    table = quote(model._meta.db_table)
    updates = [f"{names[name]} = excluded.{names[name]}" for name in update]
    for name, condition in (update_if or {}).items():
        column, case = names[name], condition.format(table=table, **names)
        updates.append(f"{column} = CASE WHEN {case} THEN excluded.{column} ELSE {table}.{column} END")
    into = f"INSERT INTO {table} ({', '.join(names.values())}) "
    conflict = (
        f" ON CONFLICT ({', '.join(names[name] for name in unique)}) DO UPDATE SET {', '.join(updates)}"
    )
    if only_if:
        conflict += f" WHERE {only_if.format(table=table, **names)}"

    def write(portion: Sequence[Sequence[Any]]) -> None:
        source, parameters = rows_in_sql(fields, portion)
        with connection.cursor() as cursor:
            cursor.execute(into + source + conflict, parameters)

    for at in range(0, len(rows), _PORTION):
        _write_what_can_be(rows[at : at + _PORTION], write)


Fields = Sequence["models.Field[Any, Any]"]
#: The SQL that gives the rows, and its parameters.
Source = tuple[str, list[Any]]


def fields_of(model: type[models.Model], names: Sequence[str]) -> Fields:
    """Fields that are columns, by name."""
    concrete = {field.name: field for field in model._meta.concrete_fields}
    return [concrete[name] for name in names]


def rows_in_sql(fields: Fields, rows: Sequence[Sequence[Any]]) -> Source:
    """The rows, whose values belong to these fields, as a query that gives them."""
    return (_as_json if connection.vendor == "postgresql" else _as_values)(fields, rows)


def _as_json(fields: Fields, rows: Sequence[Sequence[Any]]) -> Source:
    """All rows as one parameter, which PostgreSQL takes apart: to bind a row's values takes the driver some 20 us."""
    keys = [f"c{number}" for number in range(len(fields))]
    columns = zip(keys, fields, strict=True)
    record = ", ".join(f"{key} {field.db_type(connection)}" for key, field in columns)
    text = msgspec.json.encode([dict(zip(keys, row, strict=True)) for row in rows]).decode()
    return f"SELECT * FROM json_to_recordset(%s) AS given ({record})", [text]  # noqa: S608 - names of our own


def _as_values(fields: Fields, rows: Sequence[Sequence[Any]]) -> Source:
    """One parameter for each value."""
    one = f"({', '.join(['%s'] * len(fields))})"
    prepare = [field.get_db_prep_save for field in fields]
    values = [make(value, connection) for row in rows for make, value in zip(prepare, row, strict=True)]
    return f"VALUES {', '.join([one] * len(rows))}", values


def _write_what_can_be(
    rows: Sequence[Sequence[Any]], write: Callable[[Sequence[Sequence[Any]]], None]
) -> None:
    """Halve what the database refuses until the refused row stands alone: one that refers to somebody who was deleted
    must not keep the others out.
    """
    try:
        write(rows)
    except IntegrityError:
        if connection.in_atomic_block:
            raise
        if len(rows) == 1:
            log.warning("A row was left out: what it refers to is gone")
            return
        middle = len(rows) // 2
        _write_what_can_be(rows[:middle], write)
        _write_what_can_be(rows[middle:], write)

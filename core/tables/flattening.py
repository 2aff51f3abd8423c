"""A view as one row of a table: a column for each member, those of a view within it by `unit.name`."""

import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from core.shapes import View, plain

#: A column: its head, and the members that lead to its value.
Column = tuple[str, tuple[str, ...]]


def columns_of(shape: type[View]) -> list[Column]:
    """In the order in which the shape has its members."""
    return [(".".join(path), path) for path in _paths(shape)]


def cells_of(view: View, columns: list[Column]) -> list[Any]:
    """The values of one row. What there is several of stands in one cell: names or plain values with semicolons
    between, anything else as JSON.
    """
    values = plain(view)
    return [_cell(_at(values, path)) for _, path in columns]


def _paths(shape: type[msgspec.Struct]) -> Iterator[tuple[str, ...]]:
    for field in msgspec.structs.fields(shape):
        inner = _struct_in(field.type)
        if inner is None:
            yield (field.name,)
        else:
            yield from ((field.name, *path) for path in _paths(inner))


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The Struct that stands there, or may; None for everything else."""
    if get_origin(kind) in (Union, UnionType):
        (kind,) = [one for one in get_args(kind) if one is not NoneType][:1]
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if values is None:
            return None
        values = values[name]
    return values


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        named = [one.get("name") if isinstance(one, dict) else one for one in value]
        if all(isinstance(one, str | int | float) for one in named):
            return "; ".join(str(one) for one in named)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else None
    return value

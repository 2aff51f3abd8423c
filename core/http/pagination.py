"""Pages of a list by a cursor that names the row at its edge: no gap and nothing twice while rows come and go."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec
from django.core import signing
from django.db.models import Field, Model, Q, QuerySet

from core.http.filters import FilterNotValid, one_of
from core.shapes import View

M = TypeVar("M", bound=Model)
#: Fields, from the weightiest to the one that is unique.
Order = str | Sequence[str]

_SALT: Final = "core.http.pagination"
_NUMBER: Final = re.compile(r"[0-9]{1,4}\Z", re.ASCII)


class Cursor(View):
    """A place in a list: beyond the row with these `values` in `ordering`, or from it on where `is_inclusive`."""

    ordering: str
    values: list[Any]
    is_backwards: bool = False
    is_inclusive: bool = False

    def __str__(self) -> str:
        return signing.dumps(msgspec.to_builtins(self), salt=_SALT)


class Slice(msgspec.Struct, Generic[M], frozen=True, kw_only=True):
    """The rows of one page, and the cursors of its neighbours."""

    rows: list[M]
    next: Cursor | None
    previous: Cursor | None


class Pages:
    """How a list is ordered and paged; a subclass for each way.

    `orders`: what `?ordering=` takes, each with the fields by which the rows then rise; the last of them is unique and
    none of them can be null. `-name` is the same order falling. `ordering`: the one that holds when none is asked for.
    `is_taken_out`: it can be had as a file, all of it at once.
    """

    is_taken_out: ClassVar[bool] = True

    page_size: ClassVar[int] = 50
    max_page_size: ClassVar[int] = 200
    orders: ClassVar[Mapping[str, Order]] = {}
    ordering: ClassVar[Order] = "-id"

    @classmethod
    def names(cls) -> list[str]:
        """What `?ordering=` takes."""
        return [name for order in cls.orders for name in (order, f"-{order}")]

    @classmethod
    def take(cls, rows: QuerySet[M], given: Mapping[str, str]) -> Slice[M]:
        """The page of `rows` that `cursor`, `page_size` and `ordering` ask for. Raises `FilterNotValid`."""
        size = cls._size(given)
        ordering = cls._ordering(given)
        cursor = _read_cursor(given["cursor"], ordering) if given.get("cursor") else None
        is_backwards = cursor is not None and cursor.is_backwards
        terms = _turned(cls._terms(ordering)) if is_backwards else cls._terms(ordering)
        ordered = rows.order_by(*terms)
        if cursor is not None:
            ordered = ordered.filter(_beyond(ordered, terms, cursor))
        found = list(ordered[: size + 1])
        is_more, found = len(found) > size, found[:size]
        if is_backwards:
            found.reverse()
        return cls._slice(found, ordering, cursor, is_more=is_more)

    @classmethod
    def ordered(cls, rows: QuerySet[M], given: Mapping[str, str]) -> QuerySet[M]:
        """All of `rows` as `ordering` asks. What would be refused of a page is refused here too.

        Raises `FilterNotValid`.
        """
        ordering = cls._ordering(given)
        cls._size(given)
        if given.get("cursor"):
            _read_cursor(given["cursor"], ordering)
        return rows.order_by(*cls._terms(ordering))

    @classmethod
    def _slice(cls, found: list[M], ordering: str, cursor: Cursor | None, *, is_more: bool) -> Slice[M]:
        if not found:
            # What this page began behind may be there still: the way back includes it.
            back = cursor and Cursor(
                ordering=ordering,
                values=cursor.values,
                is_backwards=not cursor.is_backwards,
                is_inclusive=not cursor.is_inclusive,
            )
            is_after = cursor is not None and cursor.is_backwards
            return Slice(rows=[], next=back if is_after else None, previous=None if is_after else back)
        fields = [term.lstrip("-") for term in cls._terms(ordering)]
        first, last = ([_value(row, field) for field in fields] for row in (found[0], found[-1]))
        has_next = is_more if cursor is None or not cursor.is_backwards else True
        has_previous = cursor is not None and (is_more if cursor.is_backwards else True)
        return Slice(
            rows=found,
            next=Cursor(ordering=ordering, values=last) if has_next else None,
            previous=Cursor(ordering=ordering, values=first, is_backwards=True) if has_previous else None,
        )

    @classmethod
    def _size(cls, given: Mapping[str, str]) -> int:
        text = given.get("page_size", str(cls.page_size))
        size = int(text) if _NUMBER.match(text) else 0
        if not 1 <= size <= cls.max_page_size:
            raise FilterNotValid(f"Use a number from 1 to {cls.max_page_size}.", field="page_size")
        return size

    @classmethod
    def _ordering(cls, given: Mapping[str, str]) -> str:
        if "ordering" in given:
            return one_of({name: name for name in cls.names()}, given["ordering"], "ordering")
        return cls.ordering if isinstance(cls.ordering, str) else ",".join(cls.ordering)

    @classmethod
    def _terms(cls, ordering: str) -> list[str]:
        order = cls.orders.get(ordering.lstrip("-"))
        if order is None:
            return ordering.split(",")
        terms = [order] if isinstance(order, str) else list(order)
        return _turned(terms) if ordering.startswith("-") else terms


def _read_cursor(text: str, ordering: str) -> Cursor:
    # Signed, so that nobody's own values get into a query.
    try:
        cursor = msgspec.convert(signing.loads(text, salt=_SALT), Cursor)
    except (signing.BadSignature, msgspec.ValidationError, ValueError):
        raise FilterNotValid("Take `next` or `previous` of another page.", field="cursor") from None
    if cursor.ordering != ordering:
        raise FilterNotValid("This cursor belongs to another `ordering`.", field="cursor")
    return cursor


def _beyond(rows: QuerySet[Any], terms: list[str], cursor: Cursor) -> Q:
    """Past the cursor's row, the terms compared one after the other as an order by several fields does."""
    beyond, same = Q(), Q()
    for number, (term, plain) in enumerate(zip(terms, cursor.values, strict=True)):
        field, way = term.lstrip("-"), "lt" if term.startswith("-") else "gt"
        value = _field(rows, field).to_python(plain)
        beyond |= same & Q((f"{field}__{way}", value))
        same &= Q((field, value))
        if number == 0:
            # Implied by the rest, which no index could follow.
            start = Q((f"{field}__{way}e", value))
    if cursor.is_inclusive:
        beyond |= same
    return start & beyond


def _turned(terms: list[str]) -> list[str]:
    return [term[1:] if term.startswith("-") else f"-{term}" for term in terms]


def _field(rows: QuerySet[Any], path: str) -> "Field[Any, Any]":
    """The field behind `name`, `unit__name` or an annotation."""
    if path in rows.query.annotations:
        field: Field[Any, Any] = rows.query.annotations[path].output_field
        return field
    model: Any = rows.model
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model
    return field


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return msgspec.to_builtins(row)

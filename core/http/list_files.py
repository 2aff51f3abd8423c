"""Any list as a file: `?format=csv` or `xlsx` gives what its pages would, whole."""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar, get_type_hints

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from core.http.files import attachment
from core.http.pagination import Pages
from core.shapes import View
from core.tables.errors import TooManyToExport
from core.tables.flattening import cells_of, columns_of
from core.tables.writing import FILE_TYPES, MOST_ROWS, FileKind, table_file

M = TypeVar("M", bound=Model)

#: What an endpoint says to being taken out as a file: whether it may be, and afterwards what was taken.
MAY: Final = "may_take_out"
NOTE: Final = "note_taken_out"


def list_file(
    pages: type[Pages],
    rows: QuerySet[M],
    view: Callable[[M], View],
    request: Request,
    endpoint: APIView,
    kind: FileKind,
) -> HttpResponse:
    """All of `rows` in the order that is asked for, a row for each. Raises `FilterNotValid`, `TooManyToExport`."""
    if may := getattr(endpoint, MAY, None):
        may()
    ordered = pages.ordered(rows, request.query_params.dict())
    found = list(ordered[: MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        raise TooManyToExport(f"One file holds {MOST_ROWS} rows. Narrow it down.")
    name = _name_of(request)
    views = [view(row) for row in found]
    columns = columns_of(type(views[0]) if views else get_type_hints(view).get("return", View))

    def cells() -> Iterator[list[Any]]:
        for one in views:
            yield cells_of(one, columns)

    file = table_file(kind, [head for head, _ in columns], cells())
    if note := getattr(endpoint, NOTE, None):
        note(name, len(found), kind)
    return attachment(file, FILE_TYPES[kind], f"{name}.{kind.value}")


def _name_of(request: Request) -> str:
    """As the address is called: "people"."""
    match = request._request.resolver_match
    return (match.url_name if match else None) or "list"

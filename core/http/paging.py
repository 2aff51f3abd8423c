"""Rows into a page of views."""

from collections.abc import Callable
from typing import Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core.http.filters import one_of
from core.http.list_files import list_file
from core.http.pagination import Cursor, Pages
from core.shapes import View, plain
from core.tables.writing import FileKind

M = TypeVar("M", bound=Model)

PAGE_PARAMETERS: Final = [
    OpenApiParameter("cursor", description="From `next` or `previous` of another page"),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": Pages.max_page_size, "default": Pages.page_size},
    ),
]
FILE_PARAMETER: Final = OpenApiParameter(
    "format", enum=[kind.value for kind in FileKind], description="All of the list as a file, without pages"
)


def page_parameters(pages: type[Pages]) -> list[OpenApiParameter]:
    """What every list takes: `cursor`, `page_size`, an `ordering` of those that it knows, and `format` for a file."""
    ordering = OpenApiParameter(
        "ordering", enum=pages.names(), description=f"`{pages.ordering}`, where it is absent"
    )
    return [*PAGE_PARAMETERS, ordering, *([FILE_PARAMETER] if pages.is_taken_out else [])]


def paged(
    pages: type[Pages], rows: QuerySet[M], view: Callable[[M], View], request: Request, endpoint: APIView
) -> HttpResponse:
    """One page of `rows`, each drawn by `view`; or all of them as a file, where `?format=` says so.

    Raises `FilterNotValid`, and as `list_file`.
    """
    if pages.is_taken_out and (given := request.query_params.get("format")) is not None:
        kind = one_of({one.value: one for one in FileKind}, given, "format")
        return list_file(pages, rows, view, request, endpoint, kind)
    found = pages.take(rows, request.query_params.dict())

    def address(cursor: Cursor | None) -> str | None:
        here = request.build_absolute_uri()
        return None if cursor is None else replace_query_param(here, "cursor", str(cursor))

    return Response(
        {
            "next": address(found.next),
            "previous": address(found.previous),
            "results": [plain(view(row)) for row in found.rows],
        }
    )

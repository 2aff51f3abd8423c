"""Rows into a page of views."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.pagination import Pages
from core.shapes import View, plain

M = TypeVar("M", bound=Model)

PAGE_PARAMETERS: Final = [
    OpenApiParameter("cursor", description="From `next` or `previous` of another page"),
    OpenApiParameter("page_size", OpenApiTypes.INT),
]


def paged(
    pages: type[Pages], rows: QuerySet[M], view: Callable[[M], View], request: Request, endpoint: APIView
) -> Response:
    """One page of `rows`, each drawn by `view`."""
    paginator = pages()
    page: list[Any] = paginator.paginate_queryset(rows, request, endpoint) or []
    return paginator.get_paginated_response([plain(view(row)) for row in page])

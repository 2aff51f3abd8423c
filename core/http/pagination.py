"""Cursor pagination: stable while rows are added at the front."""

from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """`?cursor=` and `?page_size=` (at most 200). A view sets `ordering` on the subclass or the query's own order."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: str | list[str] | tuple[str, ...] = "-id"

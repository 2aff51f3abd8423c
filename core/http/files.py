"""Answers that are files: how they are asked for, and how they go out."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.http.filters import one_of
from core.shapes import encode
from core.tables.writing import CSV_TYPE, XLSX_TYPE

K = TypeVar("K", bound=StrEnum)

PDF_TYPE = "application/pdf"


class _FileRenderer(BaseRenderer):
    """For the schema and the Accept header alone: the view answers with the file itself."""

    def render(self, data: object, *args: object, **kwargs: object) -> bytes:
        return encode(data)


class CsvRenderer(_FileRenderer):
    media_type = CSV_TYPE
    format = "csv"


class XlsxRenderer(_FileRenderer):
    media_type = XLSX_TYPE
    format = "xlsx"
    charset = None
    render_style = "binary"


class PdfRenderer(_FileRenderer):
    media_type = PDF_TYPE
    format = "pdf"
    charset = None
    render_style = "binary"


class ByAcceptAlone(DefaultContentNegotiation):
    """`?format=` is the view's own: an unknown one is refused by name, where REST framework says 404."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:
        return list(renderers)


def format_parameter(kinds: type[StrEnum]) -> OpenApiParameter:
    """`?format=`"""
    return OpenApiParameter("format", enum=[kind.value for kind in kinds], description="Else by `Accept`")


def kind_of(request: Request, kinds: type[K], otherwise: K) -> K:
    """Which kind of file is asked for: by `?format=`, by `Accept`, or `otherwise`. Raises `FilterNotValid`."""
    known = {kind.value: kind for kind in kinds}
    if given := request.query_params.get("format"):
        return one_of(known, given, "format")
    return known.get(str(request.accepted_renderer.format), otherwise)


def attachment(content: bytes | str | Iterable[bytes], content_type: str, name: str) -> HttpResponse:
    """A file to be kept under `name`. Text is UTF-8, and says so."""
    is_text = content_type.startswith("text/")
    return HttpResponse(
        content,
        content_type=f"{content_type}; charset=utf-8" if is_text else content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

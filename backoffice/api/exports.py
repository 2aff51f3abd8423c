"""Lists as files: which there are, and one of them."""

from collections.abc import Iterable
from typing import ClassVar, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.services.exports import FileKind, export_list, lists_for
from backoffice.shapes import ListsView
from core.http.filters import one_of
from core.shapes import encode, plain
from core.tables.writing import CSV_TYPE, XLSX_TYPE
from estates.http import EstateView
from estates.permissions import Permission

TRUTHS: Final = {"true": True, "false": False}
TYPES: Final = {FileKind.CSV: f"{CSV_TYPE}; charset=utf-8", FileKind.XLSX: XLSX_TYPE}


class ExportsEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.EXPORT_LISTS}

    @extend_schema(operation_id="exports", responses=ListsView, tags=["lists"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The lists that the caller may take out, with their columns."""
        return Response(plain(ListsView(results=lists_for(self.actor, self.estate))))


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


class ByAcceptAlone(DefaultContentNegotiation):
    """`?format=` is the view's own: an unknown one is refused by name, where REST framework says 404."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:
        return list(renderers)


class ExportEndpoint(EstateView):
    renderer_classes = (CsvRenderer, XlsxRenderer, JSONRenderer)
    content_negotiation_class = ByAcceptAlone
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.EXPORT_LISTS}

    @extend_schema(
        operation_id="export",
        parameters=[
            OpenApiParameter(
                "format", enum=[kind.value for kind in FileKind], description="Else by `Accept`"
            ),
            OpenApiParameter("template", OpenApiTypes.BOOL, description="Only the heads, to be filled in"),
        ],
        responses={(200, CSV_TYPE): OpenApiTypes.STR, (200, XLSX_TYPE): OpenApiTypes.BINARY},
        tags=["lists"],
    )
    def get(self, request: Request, name: str, **kwargs: object) -> HttpResponse:
        """One list as a file. That it was taken out stands on the record."""
        accepted = request.accepted_renderer.format
        given = request.query_params.get("format") or (
            accepted if accepted == FileKind.XLSX else FileKind.CSV
        )
        kind = one_of({one.value: one for one in FileKind}, given, "format")
        is_template = one_of(TRUTHS, request.query_params.get("template", "false"), "template")
        file = export_list(
            actor=self.actor, estate=self.estate, name=name, kind=kind, is_template=is_template
        )
        return HttpResponse(
            file,
            content_type=TYPES[kind],
            headers={"Content-Disposition": f'attachment; filename="{name}-{self.estate.slug}.{kind.value}"'},
        )

"""Lists as files: which there are, and one of them."""

from typing import ClassVar, Final

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.services.exports import export_list, lists_for
from backoffice.shapes import ListsView
from core.http.files import ByAcceptAlone, CsvRenderer, XlsxRenderer, attachment, format_parameter, kind_of
from core.http.filters import one_of
from core.shapes import plain
from core.tables.writing import CSV_TYPE, FILE_TYPES, XLSX_TYPE, FileKind
from estates.http import EstateView
from estates.permissions import Permission

TRUTHS: Final = {"true": True, "false": False}


class ExportsEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.EXPORT_LISTS}

    @extend_schema(operation_id="exports", responses=ListsView, tags=["lists"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The lists that the caller may take out, with their columns."""
        return Response(plain(ListsView(results=lists_for(self.actor, self.estate))))


class ExportEndpoint(EstateView):
    renderer_classes = (CsvRenderer, XlsxRenderer, JSONRenderer)
    content_negotiation_class = ByAcceptAlone
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.EXPORT_LISTS}

    @extend_schema(
        operation_id="export",
        parameters=[
            format_parameter(FileKind),
            OpenApiParameter("template", OpenApiTypes.BOOL, description="Only the heads, to be filled in"),
        ],
        responses={(200, CSV_TYPE): OpenApiTypes.STR, (200, XLSX_TYPE): OpenApiTypes.BINARY},
        tags=["lists"],
    )
    def get(self, request: Request, name: str, **kwargs: object) -> HttpResponse:
        """One list as a file. That it was taken out stands on the record."""
        kind = kind_of(request, FileKind, FileKind.CSV)
        is_template = one_of(TRUTHS, request.query_params.get("template", "false"), "template")
        file = export_list(
            actor=self.actor, estate=self.estate, name=name, kind=kind, is_template=is_template
        )
        return attachment(file, FILE_TYPES[kind], f"{name}-{self.estate.slug}.{kind.value}")

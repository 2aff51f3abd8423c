"""The incident report as a file."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.http.files import (
    PDF_TYPE,
    ByAcceptAlone,
    CsvRenderer,
    PdfRenderer,
    attachment,
    format_parameter,
    kind_of,
)
from core.tables.writing import CSV_TYPE
from emergency.services.reporting import ReportKind, take_report
from estates.http import EstateView
from estates.permissions import Permission

TYPES = {ReportKind.PDF: PDF_TYPE, ReportKind.CSV: CSV_TYPE}


class ReportEndpoint(EstateView):
    renderer_classes = (PdfRenderer, CsvRenderer, JSONRenderer)
    content_negotiation_class = ByAcceptAlone
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_ALERTS}

    @extend_schema(
        operation_id="alert_report",
        parameters=[format_parameter(ReportKind)],
        responses={(200, PDF_TYPE): OpenApiTypes.BINARY, (200, CSV_TYPE): OpenApiTypes.STR},
        tags=["alerts"],
    )
    def get(self, request: Request, alert_id: UUID, **kwargs: object) -> HttpResponse:
        """The incident report: facts, course and, for responders, who was told and how far each message came."""
        kind = kind_of(request, ReportKind, ReportKind.PDF)
        file, number = take_report(actor=self.actor, estate=self.estate, alert_id=alert_id, kind=kind)
        return attachment(file, TYPES[kind], f"incident-{number}-{self.estate.slug}.{kind.value}")

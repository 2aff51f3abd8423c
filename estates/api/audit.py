"""The audit log: search, a file, and whether it is whole."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.csv_text import csv_text
from core.http.files import CsvRenderer, attachment
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import encode, plain
from core.tables.writing import CSV_TYPE
from estates.audit_log import (
    CSV_HEADS,
    AuditCheck,
    AuditPage,
    AuditView,
    audit_view,
    check_record,
    entries_for,
    export_record,
    narrowed,
)
from estates.http import EstateView
from estates.permissions import Permission

FILTERS = [
    OpenApiParameter("actor", OpenApiTypes.UUID, description="Id of the member or user who did it"),
    OpenApiParameter("action", description="`emergency.alert.closed`, or `emergency.alert` for all of them"),
    OpenApiParameter("object_type", description="As in the answers, e.g. `emergency.alert`"),
    OpenApiParameter("object_id", description="Id of what it was done to"),
    OpenApiParameter("since", description="A day at the estate, or a time with its offset: from then on"),
    OpenApiParameter("until", description="The same: to the end of the day, or before the time"),
    OpenApiParameter("q", description="In the actor's name or the action, or the object's id"),
]


class NewestFirst(Pages):
    orders: ClassVar = {"number": ("seq",)}
    ordering = "-number"


class AuditEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_AUDIT}

    @extend_schema(
        operation_id="audit",
        parameters=[*FILTERS, *page_parameters(NewestFirst)],
        responses=AuditPage,
        tags=["record"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Who did what, newest first, as far as it concerns the caller."""
        entries = narrowed(entries_for(self.actor, self.estate), request.query_params.dict(), self.estate)
        return paged(NewestFirst, entries, audit_view, request, self)


class AuditFileEndpoint(EstateView):
    renderer_classes = (CsvRenderer, JSONRenderer)
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_OWN_AUDIT}

    @extend_schema(
        operation_id="audit_file",
        parameters=FILTERS,
        responses={(200, CSV_TYPE): OpenApiTypes.STR},
        tags=["record"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The same as a CSV file, oldest first. That it was exported stands on the record too."""
        rows = export_record(actor=self.actor, estate=self.estate, given=request.query_params.dict())
        text = csv_text(CSV_HEADS, (_cells(row) for row in rows))
        return attachment(text, CSV_TYPE, f"audit-{self.estate.slug}.csv")


class AuditCheckEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_AUDIT}

    @extend_schema(operation_id="audit_check", responses=AuditCheck, tags=["record"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Whether the record is whole: every entry's hash, and each one's place."""
        return Response(plain(check_record(actor=self.actor, estate=self.estate)))


def _cells(row: AuditView) -> list[object]:
    return [
        row.number,
        row.at.isoformat(),
        row.actor.name,
        row.actor.kind,
        row.actor.id,
        row.action,
        row.object_type,
        row.object_id,
        encode(row.changes).decode() if row.changes else "",
        row.hash,
    ]

"""Imports: hand a file in, see what would come of it, bring it in."""

from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.selectors import get_import, import_detail, import_view, imports_for
from backoffice.services.imports import apply_import, discard_import, start_import
from backoffice.shapes import ApplyImport, ImportDetail, ImportPage
from backoffice.states import State
from core.http.filters import one_of, search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import MalformedInput, plain, read
from core.tables.errors import TableTooLarge
from core.tables.reading import MOST_BYTES
from estates.http import EstateView
from estates.permissions import Permission

#: Bytes of a request beside the file itself.
AROUND = 64 * 1024
UPLOAD: dict[str, Any] = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "list": {"type": "string", "description": "As `exports/` names it"},
            "file": {"type": "string", "format": "binary", "description": "CSV in UTF-8 or XLSX"},
        },
        "required": ["list", "file"],
    }
}


STATES: Final = {state.value: state for state in State}


class NewestFirst(Pages):
    orders: ClassVar = {"created_at": ("created_at", "id")}
    ordering = "-created_at"


class ImportsEndpoint(EstateView):
    parser_classes = (MultiPartParser,)
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.IMPORT_LISTS,
        "POST": Permission.IMPORT_LISTS,
    }

    @extend_schema(
        operation_id="imports",
        parameters=[
            OpenApiParameter("state", enum=sorted(STATES)),
            search_parameter("the file's name or who started it"),
            *page_parameters(NewestFirst),
        ],
        responses=ImportPage,
        tags=["lists"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The imports, newest first."""
        given = request.query_params.dict()
        jobs = searched(imports_for(self.actor, self.estate), given, "file_name", "member__user__name")
        if "state" in given:
            jobs = jobs.filter(state=one_of(STATES, given["state"], "state"))
        return paged(NewestFirst, jobs, import_view, request, self)

    @extend_schema(operation_id="import_start", request=UPLOAD, responses={201: ImportDetail}, tags=["lists"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """A trial: nothing is written. A long file is checked in the background, told on `estate.<id>.managers`."""
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES + AROUND:
            raise TableTooLarge(f"A file may have at most {MOST_BYTES // 1024 // 1024} MiB.", field="file")
        given = request.data if isinstance(request.data, dict) else {}
        name, file = given.get("list"), given.get("file")
        if not isinstance(name, str):
            raise MalformedInput("Say which list it is.", field="list")
        if not isinstance(file, UploadedFile):
            raise MalformedInput("There is no file.", field="file")
        job = start_import(
            actor=self.actor,
            estate=self.estate,
            name=name,
            file_name=file.name or "",
            content=file.read(MOST_BYTES + 1),
        )
        return Response(plain(import_detail(job)), status=201)


class ImportEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.IMPORT_LISTS,
        "DELETE": Permission.IMPORT_LISTS,
    }

    @extend_schema(operation_id="import", responses=ImportDetail, tags=["lists"])
    def get(self, request: Request, import_id: UUID, **kwargs: object) -> Response:
        """One import as it stands, with what is wrong with which row."""
        return Response(plain(import_detail(get_import(self.actor, self.estate, import_id))))

    @extend_schema(operation_id="import_discard", responses={204: None}, tags=["lists"])
    def delete(self, request: Request, import_id: UUID, **kwargs: object) -> Response:
        """Forget a checked file."""
        discard_import(actor=self.actor, estate=self.estate, import_id=import_id)
        return Response(status=204)


class ImportApplyEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.IMPORT_LISTS}

    @extend_schema(operation_id="import_apply", request=ApplyImport, responses=ImportDetail, tags=["lists"])
    def post(self, request: Request, import_id: UUID, **kwargs: object) -> Response:
        """Bring in what was checked: all of it or nothing, or with `partial` its good rows."""
        data = read(request.data, ApplyImport)
        job = apply_import(actor=self.actor, estate=self.estate, import_id=import_id, is_partial=data.partial)
        return Response(plain(import_detail(job)))

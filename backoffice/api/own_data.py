"""One's own data: take it out, have it erased."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import session_key_of
from accounts.models import User
from accounts.recent import require_recent
from backoffice.errors import DeletionNotFound
from backoffice.models import AccountDeletion, DataExport
from backoffice.services.deletion import ask_for_deletion, pending_deletion, take_deletion_back
from backoffice.services.own_data import ask_for_export, newest_export, open_export
from core.shapes import View, plain


class DataExportView(View):
    """`state`: `queued`, `ready`, `failed` or `expired`. `expires_at`: until when the file can be fetched."""

    id: UUID
    state: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    bytes: int


class DeletionView(View):
    """`due_at`: from then on the account is erased. `blocked_by`: why it could not be; tried again every day."""

    asked_at: datetime
    due_at: datetime
    blocked_by: str


class DataExportEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="data_export", responses=DataExportView, tags=["me"])
    def get(self, request: Request) -> Response:
        """The newest export of the caller's data, and how far it is."""
        return Response(plain(export_view(newest_export(cast(User, request.user)))))

    @extend_schema(operation_id="data_export_ask", request=None, responses={202: DataExportView}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Have everything that is held of the caller put into a file. Ask again with GET until it is ready."""
        user = cast(User, request.user)
        require_recent(user, session_key_of(request))
        return Response(plain(export_view(ask_for_export(user=user))), status=202)


class DataExportFileEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="data_export_file",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
        tags=["me"],
    )
    def get(self, request: Request) -> FileResponse:
        """The file: a ZIP with JSON for each kind of data. It can be fetched for 7 days."""
        job, file = open_export(cast(User, request.user))
        answer = FileResponse(
            file,
            as_attachment=True,
            filename=f"clustr-{job.asked_at:%Y-%m-%d}.zip",
            content_type="application/zip",
        )
        answer["Cache-Control"] = "no-store"
        return answer


class DeletionEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="deletion", responses=DeletionView, tags=["me"])
    def get(self, request: Request) -> Response:
        """When the caller's account will be erased, where he has asked for that."""
        pending = pending_deletion(cast(User, request.user))
        if pending is None:
            raise DeletionNotFound
        return Response(plain(deletion_view(pending)))

    @extend_schema(operation_id="deletion_ask", request=None, responses={202: DeletionView}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Have the account erased in 14 days."""
        user = cast(User, request.user)
        require_recent(user, session_key_of(request), with_second_step=True)
        return Response(plain(deletion_view(ask_for_deletion(user=user))), status=202)

    @extend_schema(operation_id="deletion_take_back", responses={204: None}, tags=["me"])
    def delete(self, request: Request) -> Response:
        """Take that back: the account stays."""
        take_deletion_back(user=cast(User, request.user))
        return Response(status=204)


def export_view(job: DataExport) -> DataExportView:
    return DataExportView(
        id=job.pk,
        state=job.state,
        asked_at=job.asked_at,
        ready_at=job.ready_at,
        expires_at=job.expires_at,
        bytes=job.bytes,
    )


def deletion_view(deletion: AccountDeletion) -> DeletionView:
    return DeletionView(asked_at=deletion.asked_at, due_at=deletion.due_at, blocked_by=deletion.blocked_by)

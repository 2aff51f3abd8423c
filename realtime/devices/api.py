"""One's own devices."""

from typing import ClassVar, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import session_key_of
from accounts.models import User
from accounts.sessions import live_sessions
from core.http.filters import search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from realtime.devices.selectors import DevicePage, device_view, devices_of
from realtime.devices.services import forget_device


class LastSeenFirst(Pages):
    orders: ClassVar = {"last_seen_at": ("last_seen_at", "id"), "device": ("name", "id")}
    ordering = "-last_seen_at"


class DevicesEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="devices",
        parameters=[
            search_parameter("what the device calls itself, the estate's name"),
            *page_parameters(LastSeenFirst),
        ],
        responses=DevicePage,
        tags=["me"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Devices with which the caller connected to the live feed, the last seen one first."""
        own = devices_of(cast(User, request.user))
        rows = searched(own, request.query_params.dict(), "name", "estate__name")
        live = live_sessions(set(rows.order_by().values_list("session_key", flat=True)))
        return paged(LastSeenFirst, rows, lambda row: device_view(row, live=live), request, self)


class DeviceEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="device_forget", responses={204: None}, tags=["me"])
    def delete(self, request: Request, device_id: UUID) -> Response:
        """Sign the device out, everywhere, and forget it."""
        user = cast(User, request.user)
        forget_device(user=user, device_id=device_id, session_key=session_key_of(request))
        return Response(status=204)

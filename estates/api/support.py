"""Support access to an estate: a platform admin begins one, he or a manager ends it, managers see them all."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.http.filters import search_parameter
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission
from estates.services.support import end_support, start_support
from estates.shapes import StartSupport
from estates.support import STATES, SupportPage, SupportView, support_of, support_view
from estates.supporters import platform_admin_at


class NewestFirst(Pages):
    orders: ClassVar = {"started_at": ("started_at", "id"), "name": ("name", "id")}
    ordering = "-started_at"


class SupportEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_SUPPORT,
        "POST": Permission.RUN_PLATFORM,
    }

    def enter(self, request: Request, estate_id: UUID) -> tuple[Estate, Member]:
        user: object = request.user
        if request.method == "POST" and isinstance(user, User) and user.is_platform_admin:
            return platform_admin_at(user, estate_id)
        return super().enter(request, estate_id)

    @extend_schema(
        operation_id="support",
        parameters=[
            search_parameter("the name or the reason"),
            OpenApiParameter("state", enum=sorted(STATES)),
            *page_parameters(NewestFirst),
        ],
        responses=SupportPage,
        tags=["platform"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Who of the platform had access, why, and until when; the newest first."""
        found = support_of(self.estate, request.query_params.dict())
        return paged(NewestFirst, found, support_view, request, self)

    @extend_schema(
        operation_id="support_start", request=StartSupport, responses={201: SupportView}, tags=["platform"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Enter, for a time and with a reason. The estate's managers are told at once."""
        data = read(request.data, StartSupport)
        access = start_support(actor=self.actor, estate=self.estate, reason=data.reason, hours=data.hours)
        return Response(plain(support_view(access)), status=201)


class OneSupportEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.END_SUPPORT}

    @extend_schema(operation_id="support_end", responses={204: None}, tags=["platform"])
    def delete(self, request: Request, access_id: UUID, **kwargs: object) -> Response:
        """End it now: his next request finds nothing, and his sockets close within seconds."""
        end_support(actor=self.actor, estate=self.estate, access_id=access_id)
        return Response(status=204)

"""The platform's own door: for its admins alone, and for nobody else there is nothing here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.filters import one_of, search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import Page, View, read
from estates.http import EstateView
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission
from estates.services.platform import reinstate_estate, suspend_estate
from estates.shapes import GiveReason
from estates.supporters import platform_admin_at, require_platform_admin

#: What `?state=` takes.
STATES: Final = {"active": Q(is_suspended=False), "suspended": Q(is_suspended=True)}


class PlatformEstate(View):
    """An estate as the platform sees it from outside."""

    id: UUID
    name: str
    slug: str
    country: str
    created_at: datetime
    is_suspended: bool


class PlatformEstatePage(Page):
    results: list[PlatformEstate]


class ByName(Pages):
    orders: ClassVar = {"name": ("name", "id"), "created_at": ("created_at", "id")}
    ordering = "name"


def platform_estate(estate: Estate) -> PlatformEstate:
    return PlatformEstate(
        id=estate.pk,
        name=estate.name,
        slug=estate.slug,
        country=estate.country,
        created_at=estate.created_at,
        is_suspended=estate.is_suspended,
    )


class PlatformEstatesEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_platform_admin(request.user)

    @extend_schema(
        operation_id="platform_estates",
        parameters=[
            search_parameter("the name or the short name"),
            OpenApiParameter("state", enum=sorted(STATES)),
            *page_parameters(ByName),
        ],
        responses=PlatformEstatePage,
        tags=["platform"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Every estate by name."""
        given = request.query_params.dict()
        found = searched(Estate.objects.all(), given, "name", "slug")
        if given.get("state"):
            found = found.filter(one_of(STATES, given["state"], "state"))
        return paged(ByName, found, platform_estate, request, self)


class _PlatformDoor(EstateView):
    """For the admin before the estate's door; he needs no support access here."""

    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.RUN_PLATFORM}

    def enter(self, request: Request, estate_id: UUID) -> tuple[Estate, Member]:
        return platform_admin_at(request.user, estate_id)

    def act(self, request: Request, service: Callable[..., None]) -> Response:
        service(actor=self.actor, estate=self.estate, reason=read(request.data, GiveReason).reason)
        return Response(status=204)


class SuspendEndpoint(_PlatformDoor):
    @extend_schema(
        operation_id="estate_suspend", request=GiveReason, responses={204: None}, tags=["platform"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Close it to everybody, the SOS too; its sockets close within seconds."""
        return self.act(request, suspend_estate)


class ReinstateEndpoint(_PlatformDoor):
    @extend_schema(
        operation_id="estate_reinstate", request=GiveReason, responses={204: None}, tags=["platform"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Open it again."""
        return self.act(request, reinstate_estate)

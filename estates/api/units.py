"""Units, and who lives in them from when to when."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import UNSET, structs
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.models import Occupancy
from estates.people import HomeView, UnitHistory, UnitPage, home_view, unit_history, unit_view, units_of
from estates.permissions import Permission
from estates.services import homes
from estates.shapes import AddUnit, ChangeUnit, HandOver, MoveIn, MoveOut


class ByName(Pages):
    orders: ClassVar = {"name": ("name", "id"), "block": ("block__name", "name", "id")}
    ordering = "name"


class UnitsEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_PEOPLE,
        "POST": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(
        operation_id="units",
        parameters=[
            OpenApiParameter("q", description="In the unit's or block's name, or in that of who lives there"),
            OpenApiParameter("block", description="The block's name"),
            *page_parameters(ByName),
        ],
        responses=UnitPage,
        tags=["people"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The units by name, each with who lives there today."""
        return paged(ByName, units_of(self.estate, request.query_params.dict()), unit_view, request, self)

    @extend_schema(operation_id="unit_add", request=AddUnit, responses={201: UnitHistory}, tags=["people"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Add one."""
        data = read(request.data, AddUnit)
        unit = homes.create_unit(actor=self.actor, estate=self.estate, **structs.asdict(data))
        return Response(plain(unit_history(self.estate, unit)), status=201)


class UnitEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_PEOPLE,
        "PATCH": Permission.MANAGE_PEOPLE,
        "DELETE": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(operation_id="unit", responses=UnitHistory, tags=["people"])
    def get(self, request: Request, unit_id: UUID, **kwargs: object) -> Response:
        """One unit, with everybody who ever lived there."""
        return Response(plain(unit_history(self.estate, homes.get_unit(self.estate, unit_id))))

    @extend_schema(operation_id="unit_change", request=ChangeUnit, responses=UnitHistory, tags=["people"])
    def patch(self, request: Request, unit_id: UUID, **kwargs: object) -> Response:
        """Another name, block or position."""
        given = structs.asdict(read(request.data, ChangeUnit))
        changes = {name: value for name, value in given.items() if value is not UNSET}
        unit = homes.change_unit(actor=self.actor, estate=self.estate, unit_id=unit_id, **changes)
        return Response(plain(unit_history(self.estate, unit)))

    @extend_schema(operation_id="unit_remove", responses={204: None}, tags=["people"])
    def delete(self, request: Request, unit_id: UUID, **kwargs: object) -> Response:
        """Delete one that was made by mistake: nobody ever lived there."""
        homes.remove_unit(actor=self.actor, estate=self.estate, unit_id=unit_id)
        return Response(status=204)


class OccupanciesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(operation_id="move_in", request=MoveIn, responses={201: HomeView}, tags=["people"])
    def post(self, request: Request, unit_id: UUID, **kwargs: object) -> Response:
        """Somebody moves in."""
        data = read(request.data, MoveIn)
        occupancy = homes.move_member_in(
            actor=self.actor,
            estate=self.estate,
            unit_id=unit_id,
            member_id=data.member_id,
            kind=Occupancy.Kind(data.kind),
            starts_on=data.starts_on,
            ends_on=data.ends_on,
        )
        return Response(plain(home_view(occupancy)), status=201)


class HandOverEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(operation_id="unit_hand_over", request=HandOver, responses=UnitHistory, tags=["people"])
    def post(self, request: Request, unit_id: UUID, **kwargs: object) -> Response:
        """Everybody who lives there leaves, and others move in, on one day: all of it or nothing."""
        data = read(request.data, HandOver)
        unit = homes.hand_over(
            actor=self.actor,
            estate=self.estate,
            unit_id=unit_id,
            on=data.on,
            occupants=[(one.member_id, Occupancy.Kind(one.kind)) for one in data.occupants],
        )
        return Response(plain(unit_history(self.estate, unit)))


class MoveOutEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(operation_id="move_out", request=MoveOut, responses=HomeView, tags=["people"])
    def post(self, request: Request, occupancy_id: UUID, **kwargs: object) -> Response:
        """Somebody moves out, and what hangs on living there ends with it."""
        data = read(request.data, MoveOut)
        occupancy = homes.move_member_out(
            actor=self.actor, estate=self.estate, occupancy_id=occupancy_id, ends_on=data.ends_on
        )
        return Response(plain(home_view(occupancy)))

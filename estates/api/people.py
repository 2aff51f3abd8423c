"""People: who belongs to the estate, with which roles."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.people import STATUSES, PersonInEstate, PersonPage, get_person, people_of, person_view
from estates.permissions import Permission
from estates.services import roles
from estates.shapes import GiveRole


class ByName(Pages):
    orders: ClassVar = {"name": ("by_name", "id"), "since": ("created_at", "id")}
    ordering = "name"


class PeopleEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_PEOPLE}

    @extend_schema(
        operation_id="people",
        parameters=[
            OpenApiParameter("q", description="In the name, email, phone or today's unit"),
            OpenApiParameter("role", description="Key of a role that holds now"),
            OpenApiParameter("unit", description="Name of the unit in which they live today"),
            OpenApiParameter("status", enum=sorted(STATUSES), description="`active`, where it is absent"),
            *page_parameters(ByName),
        ],
        responses=PersonPage,
        tags=["people"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """The people of the estate by name, with their roles and homes."""
        return paged(ByName, people_of(self.estate, request.query_params.dict()), person_view, request, self)


class PersonEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_PEOPLE,
        "DELETE": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(operation_id="person", responses=PersonInEstate, tags=["people"])
    def get(self, request: Request, member_id: UUID, **kwargs: object) -> Response:
        """One of them."""
        return Response(plain(person_view(get_person(self.estate, member_id))))

    @extend_schema(operation_id="person_dismiss", responses={204: None}, tags=["people"])
    def delete(self, request: Request, member_id: UUID, **kwargs: object) -> Response:
        """The person leaves the estate: no role, no home and no access any more."""
        roles.dismiss_member(actor=self.actor, estate=self.estate, member_id=member_id)
        return Response(status=204)


class PersonRolesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_ROLES}

    @extend_schema(
        operation_id="role_give", request=GiveRole, responses={201: PersonInEstate}, tags=["people"]
    )
    def post(self, request: Request, member_id: UUID, **kwargs: object) -> Response:
        """Give a role, for good or for a time."""
        data = read(request.data, GiveRole)
        roles.give_role(
            actor=self.actor,
            estate=self.estate,
            member_id=member_id,
            key=data.role,
            expires_at=data.expires_at,
        )
        return Response(plain(person_view(get_person(self.estate, member_id))), status=201)


class PersonRoleEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.MANAGE_ROLES}

    @extend_schema(operation_id="role_take", responses={204: None}, tags=["people"])
    def delete(self, request: Request, member_id: UUID, key: str, **kwargs: object) -> Response:
        """Take it away; the sockets of who has fewer roles close within seconds."""
        roles.take_role(actor=self.actor, estate=self.estate, member_id=member_id, key=key)
        return Response(status=204)

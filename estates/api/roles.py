"""Roles: the built-in ones, and the estate's own."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter, searched
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.http import EstateView
from estates.people import RolePage, RoleView, role_view, roles_of
from estates.permissions import Permission
from estates.services import roles
from estates.shapes import AddRole, ChangeRole


class ByName(Pages):
    orders: ClassVar = {"name": ("name", "id")}
    ordering = "name"


class RolesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_ROLES,
        "POST": Permission.MANAGE_ROLES,
    }

    @extend_schema(
        operation_id="roles",
        parameters=[search_parameter("the name"), *page_parameters(ByName)],
        responses=RolePage,
        tags=["people"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Every role by name, and what it allows."""
        found = searched(roles_of(self.estate), request.query_params.dict(), "name")
        return paged(ByName, found, role_view, request, self)

    @extend_schema(operation_id="role_add", request=AddRole, responses={201: RoleView}, tags=["people"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """A role of the estate's own."""
        data = read(request.data, AddRole)
        role = roles.add_role(
            actor=self.actor, estate=self.estate, name=data.name, permissions=data.permissions
        )
        return Response(plain(role_view(role)), status=201)


class RoleEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "PATCH": Permission.MANAGE_ROLES,
        "DELETE": Permission.MANAGE_ROLES,
    }

    @extend_schema(operation_id="role_change", request=ChangeRole, responses=RoleView, tags=["people"])
    def patch(self, request: Request, key: str, **kwargs: object) -> Response:
        """Another name, other permissions."""
        data = read(request.data, ChangeRole)
        role = roles.change_role(
            actor=self.actor, estate=self.estate, key=key, name=data.name, permissions=data.permissions
        )
        return Response(plain(role_view(role)))

    @extend_schema(operation_id="role_remove", responses={204: None}, tags=["people"])
    def delete(self, request: Request, key: str, **kwargs: object) -> Response:
        """Delete it; whoever held it does so no longer."""
        roles.remove_role(actor=self.actor, estate=self.estate, key=key)
        return Response(status=204)

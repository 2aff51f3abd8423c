"""Requests to join, for who decides them."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.models import Occupancy
from estates.permissions import Permission
from joining.api.mine import NewestFirst
from joining.http import PersonView
from joining.selectors import REQUEST_STATES, request_view, requests_to
from joining.services import requests
from joining.shapes import ApproveRequest, DeclineRequest, JoinRequestPage, JoinRequestView


class RequestsEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.MANAGE_PEOPLE}

    @extend_schema(
        operation_id="join_requests",
        parameters=[
            search_parameter("the name, email, phone or home"),
            OpenApiParameter("state", enum=sorted(REQUEST_STATES), description="`all`, where it is absent"),
            *page_parameters(NewestFirst),
        ],
        responses=JoinRequestPage,
        tags=["joining"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Who asks to join, newest first."""
        rows = requests_to(self.estate, request.query_params.dict())
        return paged(NewestFirst, rows, request_view, request, self)


class ApproveEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(
        operation_id="join_request_approve",
        request=ApproveRequest,
        responses=JoinRequestView,
        tags=["joining"],
    )
    def post(self, request: Request, request_id: UUID, **kwargs: object) -> Response:
        """He belongs from now on, and lives where it says."""
        data = read(request.data, ApproveRequest)
        view = requests.approve_request(
            actor=self.actor,
            estate=self.estate,
            request_id=request_id,
            unit=data.unit,
            kind=Occupancy.Kind(data.kind) if data.kind else None,
            roles=data.roles,
        )
        return Response(plain(view))


class DeclineEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(
        operation_id="join_request_decline",
        request=DeclineRequest,
        responses=JoinRequestView,
        tags=["joining"],
    )
    def post(self, request: Request, request_id: UUID, **kwargs: object) -> Response:
        """He stays out, and reads why."""
        data = read(request.data, DeclineRequest)
        view = requests.decline_request(
            actor=self.actor, estate=self.estate, request_id=request_id, reason=data.reason
        )
        return Response(plain(view))

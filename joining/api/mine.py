"""A person's own requests to join."""

from typing import ClassVar, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.http.addresses import address_of
from core.http.filters import search_parameter
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.models import Occupancy
from joining.selectors import my_request_view, requests_of
from joining.services import requests
from joining.shapes import AskToJoin, MyJoinRequest, MyJoinRequestPage


class NewestFirst(Pages):
    orders: ClassVar = {"asked_at": ("asked_at", "id")}
    ordering = "-asked_at"


class MyRequestsEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="my_join_requests",
        parameters=[search_parameter("the estate's name or the home"), *page_parameters(NewestFirst)],
        responses=MyJoinRequestPage,
        tags=["joining"],
    )
    def get(self, request: Request) -> HttpResponse:
        """What he asked for, and what became of it."""
        rows = requests_of(cast(User, request.user), request.query_params.dict())
        return paged(NewestFirst, rows, my_request_view, request, self)

    @extend_schema(
        operation_id="join_request_ask", request=AskToJoin, responses={201: MyJoinRequest}, tags=["joining"]
    )
    def post(self, request: Request) -> Response:
        """Ask an estate whose code he knows. Its office then sees his name, phone and email."""
        data = read(request.data, AskToJoin)
        row = requests.ask_to_join(
            user=cast(User, request.user),
            address=address_of(request._request),
            code=data.code,
            unit=data.unit,
            kind=Occupancy.Kind(data.kind),
            note=data.note,
        )
        return Response(plain(my_request_view(row)), status=201)


class WithdrawEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="join_request_withdraw", request=None, responses=MyJoinRequest, tags=["joining"]
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """He does not want to any more."""
        row = requests.withdraw_request(user=cast(User, request.user), request_id=request_id)
        return Response(plain(my_request_view(row)))

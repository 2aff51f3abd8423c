"""How far a new estate has come."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.setting_up import set_up_of
from backoffice.shapes import SetUpView, ShowSetUp
from core.shapes import plain, read
from estates.http import EstateView
from estates.permissions import Permission
from estates.services.founding import show_set_up


class SetUpEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.MANAGE_PEOPLE,
        "PUT": Permission.MANAGE_PEOPLE,
    }

    @extend_schema(operation_id="set_up", responses=SetUpView, tags=["people"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The five steps of a new estate, and which are done."""
        return Response(plain(set_up_of(self.estate)))

    @extend_schema(operation_id="set_up_show", request=ShowSetUp, responses=SetUpView, tags=["people"])
    def put(self, request: Request, **kwargs: object) -> Response:
        """Start on another page from now on, or there again. The steps stay where they are."""
        is_first = read(request.data, ShowSetUp).is_shown_first
        estate = show_set_up(actor=self.actor, estate=self.estate, is_first=is_first)
        return Response(plain(set_up_of(estate)))

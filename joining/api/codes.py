"""The estate's join code."""

from typing import ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.http.addresses import address_of
from core.shapes import plain, read
from estates.permissions import Permission
from joining.http import PersonView
from joining.services import codes
from joining.shapes import CheckCode, CodeAnswer, JoinCodeView


class JoinCodeEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = dict.fromkeys(
        ("GET", "POST", "DELETE"), Permission.MANAGE_PEOPLE
    )

    @extend_schema(operation_id="join_code", responses=JoinCodeView, tags=["joining"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The code with which somebody can ask to join."""
        return Response(plain(codes.read_join_code(actor=self.actor, estate=self.estate)))

    @extend_schema(
        operation_id="join_code_renew", request=None, responses={201: JoinCodeView}, tags=["joining"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Another one, which works from now on; the old one does not."""
        return Response(plain(codes.renew_join_code(actor=self.actor, estate=self.estate)), status=201)

    @extend_schema(operation_id="join_code_switch_off", responses={200: JoinCodeView}, tags=["joining"])
    def delete(self, request: Request, **kwargs: object) -> Response:
        """Nobody can ask by it any more. Open requests stay."""
        return Response(plain(codes.switch_off_join_code(actor=self.actor, estate=self.estate)))


class CheckCodeEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="join_code_check", request=CheckCode, responses=CodeAnswer, tags=["joining"])
    def post(self, request: Request) -> Response:
        """Whose code it is. Tries are few."""
        data = read(request.data, CheckCode)
        user = cast(User, request.user)
        estate = codes.estate_behind(user=user, code=data.code, address=address_of(request._request))
        return Response(plain(CodeAnswer(estate=estate.name)))

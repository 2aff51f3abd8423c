"""The door to a socket: a token by REST."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain
from estates.http import EstateView
from estates.permissions import Permission
from realtime.tokens import ConnectionToken, issue_connection_token


class TokensEndpoint(EstateView):
    # Whoever was cut off in an emergency must come back to see it.
    never_held_back = frozenset({"POST"})
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.USE_REALTIME}

    @extend_schema(
        operation_id="connection_token", request=None, responses={201: ConnectionToken}, tags=["realtime"]
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """A token for the `connect` frame: one person in one estate, for a minute."""
        return Response(plain(issue_connection_token(self.actor)), status=201)

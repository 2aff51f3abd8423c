"""The caller himself, and the estates he belongs to."""

from typing import ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.shapes import plain
from estates.http import EstateView
from estates.permissions import Permission
from estates.selectors import as_member, memberships_of
from estates.shapes import EstateSummary, MeView, estate_view, membership_view


class MeEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="me", responses=MeView, tags=["people"])
    def get(self, request: Request) -> Response:
        """Who is signed in, and what he may do in which estate."""
        user = cast(User, request.user)
        return Response(
            plain(
                MeView(
                    id=user.pk,
                    name=user.name,
                    email=user.email,
                    phone=user.phone,
                    language=user.language,
                    memberships=[membership_view(as_member(row), row.estate) for row in memberships_of(user)],
                )
            )
        )


class OneEstateEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_ESTATE}

    @extend_schema(operation_id="estate", responses=EstateSummary, tags=["people"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """One estate of the caller's."""
        return Response(plain(estate_view(self.estate)))

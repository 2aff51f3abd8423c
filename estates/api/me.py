"""The caller himself, and the estates he belongs to."""

from typing import ClassVar, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.shapes import plain, read
from estates.http import EstateView
from estates.permissions import Permission
from estates.selectors import as_member, invitations_of, memberships_of
from estates.services.founding import found_estate
from estates.services.invitations import accept_invitation, decline_invitation
from estates.shapes import EstateSummary, FoundEstate, InvitationView, MeView, estate_view, membership_view


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
                    invitations=[
                        InvitationView(member_id=row.pk, estate=row.estate.name)
                        for row in invitations_of(user)
                    ],
                )
            )
        )


class AcceptEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="invitation_accept", request=None, responses={204: None}, tags=["people"])
    def post(self, request: Request, member_id: UUID) -> Response:
        """Become a member of the estate that invites. Done again it changes nothing."""
        accept_invitation(user=cast(User, request.user), member_id=member_id)
        return Response(status=204)


class DeclineEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="invitation_decline", request=None, responses={204: None}, tags=["people"])
    def post(self, request: Request, member_id: UUID) -> Response:
        """Stay out. The estate learns that nobody came, and nothing else."""
        decline_invitation(user=cast(User, request.user), member_id=member_id)
        return Response(status=204)


class EstatesEndpoint(APIView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="estate_found",
        request=FoundEstate,
        responses={201: EstateSummary, 200: EstateSummary},
        tags=["people"],
    )
    def post(self, request: Request) -> Response:
        """Start an estate of one's own, and be its first manager. 200 where this `id` started it before."""
        user = cast(User, request.user)
        estate, is_new = found_estate(user=user, given=read(request.data, FoundEstate))
        return Response(plain(estate_view(estate)), status=201 if is_new else 200)


class OneEstateEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_ESTATE}

    @extend_schema(operation_id="estate", responses=EstateSummary, tags=["people"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """One estate of the caller's."""
        return Response(plain(estate_view(self.estate)))

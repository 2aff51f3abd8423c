"""Invitations of the estate's office, one at a time."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.filters import search_parameter
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import plain, read
from estates.models import Occupancy
from estates.permissions import Permission
from joining.http import PersonView
from joining.selectors import INVITATION_STATES, invitation_view, invitations_from
from joining.services import invitations
from joining.shapes import InvitationSent, InvitationSentPage, Invite


class NewestFirst(Pages):
    orders: ClassVar = {"created_at": ("created_at", "id"), "name": ("name", "id")}
    ordering = "-created_at"


class InvitationsEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = dict.fromkeys(("GET", "POST"), Permission.MANAGE_PEOPLE)

    @extend_schema(
        operation_id="invitations",
        parameters=[
            search_parameter("the name, phone, email or unit"),
            OpenApiParameter(
                "state", enum=sorted(INVITATION_STATES), description="`all`, where it is absent"
            ),
            *page_parameters(NewestFirst),
        ],
        responses=InvitationSentPage,
        tags=["joining"],
    )
    def get(self, request: Request, **kwargs: object) -> HttpResponse:
        """Whom the office invited, newest first. Those of households are theirs alone."""
        rows = invitations_from(self.estate, request.query_params.dict())
        return paged(NewestFirst, rows, invitation_view, request, self)

    @extend_schema(operation_id="invite", request=Invite, responses={201: InvitationSent}, tags=["joining"])
    def post(self, request: Request, **kwargs: object) -> Response:
        """Invite somebody by text or mail. Nothing is told of whether he has an account."""
        data = read(request.data, Invite)
        sent = invitations.invite(
            actor=self.actor,
            estate=self.estate,
            name=data.name,
            phone=data.phone,
            email=data.email,
            unit=data.unit,
            kind=Occupancy.Kind(data.kind) if data.kind else None,
            roles=data.roles,
        )
        return Response(plain(sent), status=201)


class InvitationEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitation_withdraw", responses={204: None}, tags=["joining"])
    def delete(self, request: Request, invitation_id: UUID, **kwargs: object) -> Response:
        """Withdraw it; its link opens nothing any more."""
        invitations.withdraw_invitation(actor=self.actor, estate=self.estate, invitation_id=invitation_id)
        return Response(status=204)


class SendAgainEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.MANAGE_PEOPLE}

    @extend_schema(
        operation_id="invitation_send_again", request=None, responses=InvitationSent, tags=["joining"]
    )
    def post(self, request: Request, invitation_id: UUID, **kwargs: object) -> Response:
        """Send it again, with another link; the old one opens nothing any more."""
        sent = invitations.send_again(actor=self.actor, estate=self.estate, invitation_id=invitation_id)
        return Response(plain(sent))

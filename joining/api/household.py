"""A resident's own household."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain, read
from estates.models import Occupancy
from estates.permissions import Permission
from joining.http import PersonView
from joining.selectors import households_of
from joining.services import household
from joining.shapes import AddedToHousehold, AddToHousehold, Households, InvitationSent


class HouseholdEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = dict.fromkeys(("GET", "POST"), Permission.KEEP_HOUSEHOLD)

    @extend_schema(operation_id="household", responses=Households, tags=["joining"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """The homes that he keeps, and whom he added there."""
        return Response(plain(Households(homes=households_of(self.actor, self.estate))))

    @extend_schema(
        operation_id="household_add",
        request=AddToHousehold,
        responses={201: AddedToHousehold},
        tags=["joining"],
    )
    def post(self, request: Request, **kwargs: object) -> Response:
        """Invite somebody into one's home. A child without phone and email is there at once."""
        data = read(request.data, AddToHousehold)
        added = household.add_to_household(
            actor=self.actor,
            estate=self.estate,
            unit_id=data.unit_id,
            kind=Occupancy.Kind(data.kind),
            name=data.name,
            phone=data.phone,
            email=data.email,
        )
        return Response(plain(added), status=201)


class HousemateEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.KEEP_HOUSEHOLD}

    @extend_schema(operation_id="household_remove", responses={204: None}, tags=["joining"])
    def delete(self, request: Request, occupancy_id: UUID, **kwargs: object) -> Response:
        """Whom he added does not live there any more."""
        household.remove_from_household(actor=self.actor, estate=self.estate, occupancy_id=occupancy_id)
        return Response(status=204)


class HouseholdInvitationEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"DELETE": Permission.KEEP_HOUSEHOLD}

    @extend_schema(operation_id="household_invitation_withdraw", responses={204: None}, tags=["joining"])
    def delete(self, request: Request, invitation_id: UUID, **kwargs: object) -> Response:
        """Withdraw it; its link opens nothing any more."""
        household.withdraw_from_household(actor=self.actor, estate=self.estate, invitation_id=invitation_id)
        return Response(status=204)


class HouseholdSendAgainEndpoint(PersonView):
    permissions: ClassVar[dict[str, Permission]] = {"POST": Permission.KEEP_HOUSEHOLD}

    @extend_schema(
        operation_id="household_invitation_send_again",
        request=None,
        responses=InvitationSent,
        tags=["joining"],
    )
    def post(self, request: Request, invitation_id: UUID, **kwargs: object) -> Response:
        """Send it again, with another link."""
        sent = household.send_again_to_household(
            actor=self.actor, estate=self.estate, invitation_id=invitation_id
        )
        return Response(plain(sent))

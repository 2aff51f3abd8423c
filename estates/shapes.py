"""What estates and people look like to a client, and what he sends about them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from core.shapes import Shape, View
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class EstateSummary(View):
    id: UUID
    name: str
    slug: str
    time_zone: str
    country: str


Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)]


class FoundEstate(Shape):
    """`id`: made by the client; sent again with the same one, the estate is answered and not made twice. `time_zone`:
    an IANA name. `country`: ISO 3166-1 alpha-2. `slug`: a short name of its own; left out, it is made from the name.
    """

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    time_zone: Annotated[str, Meta(max_length=64)]
    country: Annotated[str, Meta(min_length=2, max_length=2)]
    id: UUID | None = None
    slug: Slug | None = None


class SecurityRules(Shape):
    """`is_second_factor_required`: managers and security heads sign in with two steps, or may raise an SOS and nothing
    else.
    """

    is_second_factor_required: bool


class MembershipView(View):
    """`permissions`: what the member may do, as in the role matrix. `lacks_second_factor`: the estate wants one of him,
    and until he has it he may raise an SOS and nothing else.
    """

    member_id: UUID
    estate: EstateSummary
    roles: list[str]
    permissions: list[str]
    lacks_second_factor: bool


class InvitationView(View):
    """An estate that wants the user. Until he accepts it knows nothing of him, and he sees nothing of it."""

    member_id: UUID
    estate: str


class MeView(View):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str
    memberships: list[MembershipView]
    invitations: list[InvitationView]


def estate_view(estate: Estate) -> EstateSummary:
    return EstateSummary(
        id=estate.pk, name=estate.name, slug=estate.slug, time_zone=estate.time_zone, country=estate.country
    )


def membership_view(member: Member, estate: Estate) -> MembershipView:
    return MembershipView(
        member_id=member.id,
        estate=estate_view(estate),
        roles=sorted(member.role_keys),
        permissions=sorted(permission.value for permission in member.permissions),
        lacks_second_factor=member.lacks_second_factor,
    )


class OccupancyKind(StrEnum):
    """As what somebody lives somewhere."""

    OWNER = "owner"
    TENANT = "tenant"
    FAMILY = "family"
    CHILD = "child"


class AddUnit(Shape):
    """A home. `block` is made where it is missing. `latitude`, `longitude`: WGS 84 degrees."""

    name: Annotated[str, Meta(min_length=1, max_length=50)]
    block: Annotated[str, Meta(min_length=1, max_length=100)]
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class ChangeUnit(Shape):
    """What is absent stays as it is; a position can be null."""

    name: Annotated[str, Meta(min_length=1, max_length=50)] | UnsetType = UNSET
    block: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    latitude: Latitude | UnsetType | None = UNSET
    longitude: Longitude | UnsetType | None = UNSET


class NameBlock(Shape):
    """A block, street or close."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]


class MoveIn(Shape):
    """`starts_on`: today, where absent. `ends_on`: the first day on which he does not live there any more."""

    member_id: UUID
    kind: OccupancyKind
    starts_on: date | None = None
    ends_on: date | None = None


class MoveOut(Shape):
    """`ends_on`: the first day on which he does not live there any more; today, where absent."""

    ends_on: date | None = None


class NewOccupant(Shape):
    member_id: UUID
    kind: OccupancyKind


class HandOver(Shape):
    """`on`: the day on which those who live there leave and `occupants` come; today, where absent."""

    occupants: Annotated[list[NewOccupant], Meta(max_length=50)]
    on: date | None = None


class GiveRole(Shape):
    """`expires_at`: null for good."""

    role: Annotated[str, Meta(min_length=1, max_length=50)]
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class AddRole(Shape):
    """A role of the estate's own."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: list[Permission]


class ChangeRole(Shape):
    """What is absent or null stays as it is."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    permissions: list[Permission] | None = None


class MakeKey(Shape):
    """`expires_at`: within a year."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[list[Permission], Meta(min_length=1)]
    expires_at: Annotated[datetime, Meta(tz=True)]


class StartSupport(Shape):
    """`reason`: the estate's managers read it. `hours`: at most 4."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    hours: Annotated[float, Meta(gt=0, le=4)]


class GiveReason(Shape):
    """`reason`: it stands on the record."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]

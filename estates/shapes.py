"""What estates and people look like to a client."""

from uuid import UUID

from core.shapes import Shape, View
from estates.members import Member
from estates.models import Estate


class EstateSummary(View):
    id: UUID
    name: str
    slug: str
    time_zone: str
    country: str


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


class MeView(View):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str
    memberships: list[MembershipView]


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

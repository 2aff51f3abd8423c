"""Reads over codes, requests and invitations."""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from core.clock import now
from core.http.filters import one_of, searched
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, Unit
from estates.permissions import RoleKey
from estates.selectors import current_on, today
from joining.models import Invitation, JoinCode, JoinRequest
from joining.shapes import (
    Household,
    Housemate,
    InvitationSent,
    JoinCodeView,
    JoinRequestView,
    MyJoinRequest,
)
from joining.states import InvitationState, RequestState, Sending

REQUEST_STATES = {state.value: (state,) for state in RequestState if state != RequestState.WITHDRAWN} | {
    "all": tuple(state for state in RequestState if state != RequestState.WITHDRAWN)
}
INVITATION_STATES = {state.value: state for state in InvitationState} | {"all": None}
#: A text or mail that was refused so often is not tried again by itself.
MOST_TRIES = 5

#: Who may be added to a household, by what he is who adds.
ADDED_BY = {
    Occupancy.Kind.OWNER: (Occupancy.Kind.TENANT, Occupancy.Kind.FAMILY, Occupancy.Kind.CHILD),
    Occupancy.Kind.TENANT: (Occupancy.Kind.FAMILY, Occupancy.Kind.CHILD),
}


def join_code_view(estate: Estate) -> JoinCodeView:
    row = JoinCode.objects.of(estate).first()
    if row is None:
        return JoinCodeView(code=None, url=None, is_active=False, renewed_at=None)
    written = written_out(row.code)
    url = f"{settings.CLUSTR_PUBLIC_URL}/join/?code={written}"
    return JoinCodeView(code=written, url=url, is_active=row.is_active, renewed_at=row.renewed_at)


def written_out(code: str) -> str:
    """As people read it to each other: "ABCD-EFGH"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def requests_to(estate: Estate, given: Mapping[str, str]) -> QuerySet[JoinRequest]:
    """Requests with who asks: `q` in name, email, phone or the home that he says; `state`.

    One that was withdrawn is not shown: he wants nothing any more. Raises `FilterNotValid`.
    """
    states = one_of(REQUEST_STATES, given.get("state") or "all", "state")
    rows = _drawable_requests(estate).filter(state__in=states)
    return searched(rows, given, "user__name", "user__email", "user__phone", "unit_said")


def _drawable_requests(estate: Estate) -> QuerySet[JoinRequest]:
    called = Unit.objects.of(estate).filter(name__iexact=OuterRef("unit_said"))
    rows = JoinRequest.objects.of(estate).annotate(known_unit=Subquery(called.values("name")[:1]))
    return rows.select_related("user", "decided_by__user")


def request_view(row: JoinRequest) -> JoinRequestView:
    """Of a request that comes from `requests_to`."""
    return JoinRequestView(
        id=row.pk,
        name=row.user.name,
        email=row.user.email,
        phone=row.user.phone,
        is_phone_verified=row.user.is_phone_verified,
        unit=row.unit_said,
        known_unit=getattr(row, "known_unit", None),
        kind=row.kind,
        note=row.note,
        state=RequestState(row.state),
        reason=row.reason,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by.user.name if row.decided_by else None,
    )


def fresh_request_view(row: JoinRequest) -> JoinRequestView:
    """Of one as it stands in the database."""
    return request_view(_drawable_requests(row.estate).get(pk=row.pk))


def requests_of(user: User, given: Mapping[str, str]) -> QuerySet[JoinRequest]:
    """A person's own requests: `q` in the estate's name or the home."""
    rows = JoinRequest.objects.across_estates().filter(user=user).select_related("estate")
    return searched(rows, given, "estate__name", "unit_said")


def my_request_view(row: JoinRequest) -> MyJoinRequest:
    return MyJoinRequest(
        id=row.pk,
        estate=row.estate.name,
        unit=row.unit_said,
        kind=row.kind,
        note=row.note,
        state=RequestState(row.state),
        reason=row.reason,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
    )


def invitations_from(estate: Estate, given: Mapping[str, str]) -> QuerySet[Invitation]:
    """Invitations of the estate's office: `q` in name, phone, email or unit; `state`. Households' own are theirs.

    Raises `FilterNotValid`.
    """
    rows = drawable_invitations(estate).filter(host__isnull=True)
    state = one_of(INVITATION_STATES, given.get("state") or "all", "state")
    if state == InvitationState.EXPIRED:
        rows = rows.filter(state=InvitationState.OPEN, expires_at__lte=now())
    elif state == InvitationState.OPEN:
        rows = rows.filter(state=state, expires_at__gt=now())
    elif state is not None:
        rows = rows.filter(state=state)
    return searched(rows, given, "name", "phone", "email", "unit__name")


def drawable_invitations(estate: Estate) -> QuerySet[Invitation]:
    return Invitation.objects.of(estate).select_related("unit", "invited_by__user")


def state_of(row: Invitation) -> InvitationState:
    if row.state == InvitationState.OPEN and row.expires_at <= now():
        return InvitationState.EXPIRED
    return InvitationState(row.state)


def invitation_view(row: Invitation) -> InvitationSent:
    """Of an invitation that comes from here."""
    waiting = Sending.FAILED if row.tries >= MOST_TRIES else Sending.WAITING
    return InvitationSent(
        id=row.pk,
        name=row.name,
        phone=row.phone,
        email=row.email,
        unit=row.unit.name if row.unit else None,
        kind=row.kind or None,
        roles=row.roles,
        state=state_of(row),
        sending=Sending.SENT if row.sent_at else waiting,
        invited_by=row.invited_by.user.name if row.invited_by else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        member_id=row.membership_id,
    )


def homes_kept_by(member: Member, estate: Estate) -> QuerySet[Occupancy]:
    """Where the member lives today as an owner or tenant, by unit."""
    homes = Occupancy.objects.of(estate).filter(
        current_on(today(estate)), membership_id=member.id, kind__in=ADDED_BY
    )
    return homes.select_related("unit__block").order_by("unit__name", "pk")


def households_of(member: Member, estate: Estate) -> list[Household]:
    """The homes that the member keeps, with whom he added and invited there."""
    homes = list(homes_kept_by(member, estate))
    ids = [home.pk for home in homes]
    stays = Q(ends_on__isnull=True) | Q(ends_on__gt=today(estate))
    people = Occupancy.objects.of(estate).filter(stays, host__in=ids).select_related("membership__user")
    mates = list(people.order_by("starts_on", "pk"))
    open_ones = drawable_invitations(estate).filter(host__in=ids, state=InvitationState.OPEN)
    invitations = list(open_ones.order_by("-created_at", "-pk"))
    return [
        Household(
            unit_id=home.unit_id,
            unit=home.unit.name,
            block=home.unit.block.name,
            kind=home.kind,
            kinds=[kind.value for kind in ADDED_BY[Occupancy.Kind(home.kind)]],
            people=[housemate_view(row) for row in mates if row.host_id == home.pk],
            invitations=[invitation_view(row) for row in invitations if row.host_id == home.pk],
        )
        for home in homes
    ]


def housemate_view(row: Occupancy) -> Housemate:
    user = row.membership.user
    return Housemate(
        occupancy_id=row.pk,
        member_id=row.membership_id,
        name=user.name,
        kind=row.kind,
        has_sign_in=bool(user.phone or user.email),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def is_member(user: User, estate: Estate) -> bool:
    members = Membership.objects.of(estate).filter(user=user)
    return members.filter(status=Membership.Status.ACTIVE).exists()


def role_words(keys: list[str]) -> list[str]:
    """Built-in roles as people call them; an estate's own by its key's words."""
    known = {key.value: key.label for key in RoleKey}
    return [known.get(key, key.removeprefix("own-").replace("-", " ")) for key in keys]

"""Somebody asks to join; a manager decides."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.clock import now
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Occupancy
from estates.permissions import Permission, require
from estates.services.holding import hold_estate, words_of
from joining.errors import (
    AlreadyMember,
    JoinRequestDecided,
    JoinRequestNotFound,
    JoinRequestOpen,
    TooManyRequestsToJoin,
)
from joining.events import JoinRequestClosed, JoinRequestOpened
from joining.limits import count_try
from joining.models import JoinRequest
from joining.selectors import fresh_request_view, is_member
from joining.services.arrivals import let_in, must_be_able_to_let_in, unit_called
from joining.services.codes import estate_behind
from joining.shapes import JoinRequestView
from joining.states import RequestState
from realtime.publishing import publish
from realtime.topics import managers

#: How often one person asks one estate in a day: whoever is declined need not be heard all day.
ASKS: Final = 5
DAY_S: Final = 86_400


def ask_to_join(
    *, user: User, address: str, code: str, unit: str, kind: Occupancy.Kind, note: str = ""
) -> JoinRequest:
    """`unit`: as he calls his home. `address`: from where he asks, for the limits.

    Raises `AlreadyMember`, `JoinCodeUnknown`, `JoinRequestOpen`, `NameMissing`, `TooManyCodes`,
    `TooManyRequestsToJoin`.
    """
    said = words_of(unit, "unit")
    estate = estate_behind(user=user, code=code, address=address)
    with unit_of_work():
        hold_estate(estate)
        if is_member(user, estate):
            raise AlreadyMember
        if JoinRequest.objects.of(estate).filter(user=user, state=RequestState.OPEN).exists():
            raise JoinRequestOpen
        count_try(TooManyRequestsToJoin, (f"ask:{user.pk}:{estate.pk}", ASKS, DAY_S))
        row = JoinRequest.objects.create(
            estate=estate, user=user, unit_said=said, kind=kind, note=clean_text(note)
        )
        actor = _himself(user)
        record(actor, "joining.request.opened", row, {"unit": said, "kind": kind})
        publish(JoinRequestOpened(request=fresh_request_view(row)), to=[managers(estate.pk)], actor=actor)
        return row


def withdraw_request(*, user: User, request_id: UUID) -> JoinRequest:
    """He does not want to any more. Raises `JoinRequestDecided`, `JoinRequestNotFound`."""
    with unit_of_work():
        mine = JoinRequest.objects.across_estates().filter(user=user)
        row = mine.select_related("estate", "user").filter(pk=request_id).first()
        if row is None:
            raise JoinRequestNotFound
        _close(row, RequestState.WITHDRAWN, _himself(user), None, "")
        return row


def approve_request(
    *,
    actor: Member,
    estate: Estate,
    request_id: UUID,
    unit: str,
    kind: Occupancy.Kind | None = None,
    roles: Sequence[str] = (),
) -> JoinRequestView:
    """He is a member from now on, lives in `unit` (a name) as `kind` (as he asked, where absent), and holds `roles`
    beside the one that comes with that.

    Raises `AboveOwn`, `JoinRequestDecided`, `JoinRequestNotFound`, `PermissionMissing`, `RoleNotFound`, `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        row = _request(estate, request_id)
        as_what = kind or Occupancy.Kind(row.kind)
        given = must_be_able_to_let_in(actor, estate, as_what, roles)
        home = unit_called(estate, unit)
        changes = {"unit": home.name, "kind": as_what, "roles": [role.key for role in given]}
        view = _close(row, RequestState.APPROVED, actor, actor.id, "", changes)
        let_in(actor=actor, estate=estate, user=row.user, unit=home, kind=as_what, roles=given)
        return view


def decline_request(*, actor: Member, estate: Estate, request_id: UUID, reason: str = "") -> JoinRequestView:
    """`reason`: he reads it. Raises `JoinRequestDecided`, `JoinRequestNotFound`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        row = _request(estate, request_id)
        return _close(row, RequestState.DECLINED, actor, actor.id, clean_text(reason))


def _request(estate: Estate, request_id: UUID) -> JoinRequest:
    shown = JoinRequest.objects.of(estate).exclude(state=RequestState.WITHDRAWN)
    row = shown.select_related("estate", "user").filter(pk=request_id).first()
    if row is None:
        raise JoinRequestNotFound
    return row


def _close(
    row: JoinRequest,
    state: RequestState,
    actor: Actor,
    member_id: UUID | None,
    reason: str,
    changes: Mapping[str, object] | None = None,
) -> JoinRequestView:
    """One conditional update: of two who decide at once, one has decided. Raises `JoinRequestDecided`."""
    values = {"state": state, "reason": reason, "decided_at": now(), "decided_by_id": member_id}
    still_open = JoinRequest.objects.of(row.estate_id).filter(pk=row.pk, state=RequestState.OPEN)
    if not still_open.update(**values):
        raise JoinRequestDecided
    row.refresh_from_db(fields=list(values))
    record(actor, f"joining.request.{state}", row, changes or ({"reason": reason} if reason else {}))
    view = fresh_request_view(row)
    publish(JoinRequestClosed(request=view), to=[managers(row.estate_id)], actor=actor)
    return view


def _himself(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, name=user.name)

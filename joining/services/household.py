"""An owner or tenant says who lives in his own home: each with fewer rights than he has, and no longer than he does."""

from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import OccupancyNotFound, UnitNotFound
from estates.members import Member
from estates.models import Estate, Occupancy
from estates.permissions import Permission, permissions_of, require
from estates.selectors import today
from estates.services.holding import hold_estate, words_of
from estates.services.people import ROLE_OF, end_occupancy
from estates.services.roles import must_reach
from joining.errors import HouseholdFull, InvitationNotFound, KindNotYours
from joining.models import Invitation
from joining.selectors import ADDED_BY, homes_kept_by, housemate_view, invitation_view
from joining.services.arrivals import let_in
from joining.services.invitations import close, renew, write_invitation
from joining.shapes import AddedToHousehold, InvitationSent
from joining.states import InvitationState

#: People and open invitations of one home.
MOST: Final = 30
#: In a day, by one person.
SENT_BY_ONE: Final = 20


def add_to_household(
    *,
    actor: Member,
    estate: Estate,
    unit_id: UUID,
    kind: Occupancy.Kind,
    name: str,
    phone: str | None = None,
    email: str | None = None,
) -> AddedToHousehold:
    """Invite somebody into one's own home; a child without phone and email is there at once, and signs in nowhere.

    Raises `AddressMissing`, `EmailNotValid`, `HouseholdFull`, `KindNotYours`, `NameMissing`, `PhoneNotValid`,
    `TooManyInvitations`, and `UnitNotFound` for a home that the actor does not keep.
    """
    require(actor, Permission.KEEP_HOUSEHOLD, estate)
    with unit_of_work():
        hold_estate(estate)
        host = _home(actor, estate, unit_id)
        if kind not in ADDED_BY[Occupancy.Kind(host.kind)]:
            raise KindNotYours(field="kind")
        must_reach(actor, permissions_of([ROLE_OF[kind]]))
        _must_have_room(estate, host)
        if kind == Occupancy.Kind.CHILD and not phone and not email:
            person = _add_child(actor, estate, host, name)
            return AddedToHousehold(invitation=None, person=housemate_view(person))
        row = write_invitation(
            actor=actor,
            estate=estate,
            name=name,
            phone=phone,
            email=email,
            unit=host.unit,
            kind=kind,
            host=host,
            most=SENT_BY_ONE,
        )
        return AddedToHousehold(invitation=invitation_view(row), person=None)


def remove_from_household(*, actor: Member, estate: Estate, occupancy_id: UUID) -> None:
    """Whom the actor added does not live there any more, from today. Raises `OccupancyNotFound` for all others."""
    require(actor, Permission.KEEP_HOUSEHOLD, estate)
    with unit_of_work():
        hold_estate(estate)
        stays = Q(ends_on__isnull=True) | Q(ends_on__gt=today(estate))
        mine = Occupancy.objects.of(estate).filter(stays, host__in=homes_kept_by(actor, estate).values("pk"))
        occupancy = mine.select_related("unit", "membership__estate").filter(pk=occupancy_id).first()
        if occupancy is None:
            raise OccupancyNotFound
        end_occupancy(actor=actor, occupancy=occupancy, ends_on=max(occupancy.starts_on, today(estate)))


def send_again_to_household(*, actor: Member, estate: Estate, invitation_id: UUID) -> InvitationSent:
    """Raises `InvitationDecided`, `InvitationNotFound`, `TooManyInvitations`."""
    require(actor, Permission.KEEP_HOUSEHOLD, estate)
    with unit_of_work():
        return renew(actor=actor, row=_invitation(actor, estate, invitation_id), most=SENT_BY_ONE)


def withdraw_from_household(*, actor: Member, estate: Estate, invitation_id: UUID) -> None:
    """Raises `InvitationDecided`, `InvitationNotFound`."""
    require(actor, Permission.KEEP_HOUSEHOLD, estate)
    with unit_of_work():
        row = _invitation(actor, estate, invitation_id)
        close(actor=actor, row=row, state=InvitationState.WITHDRAWN)


def close_household_of(*, actor: Actor, occupancy: Occupancy) -> None:
    """Whoever does not live there any more invites nobody there."""
    with unit_of_work():
        waiting = Invitation.objects.of(occupancy.estate_id).filter(
            host=occupancy, state=InvitationState.OPEN
        )
        for row in waiting.select_for_update(no_key=True):
            close(actor=actor, row=row, state=InvitationState.WITHDRAWN)


def _home(actor: Member, estate: Estate, unit_id: UUID) -> Occupancy:
    home = homes_kept_by(actor, estate).filter(unit_id=unit_id).first()
    if home is None:
        raise UnitNotFound
    return home


def _invitation(actor: Member, estate: Estate, invitation_id: UUID) -> Invitation:
    mine = Invitation.objects.of(estate).filter(host__in=homes_kept_by(actor, estate).values("pk"))
    row = mine.select_related("estate").filter(pk=invitation_id).first()
    if row is None:
        raise InvitationNotFound
    return row


def _must_have_room(estate: Estate, host: Occupancy) -> None:
    stays = Q(ends_on__isnull=True) | Q(ends_on__gt=today(estate))
    people = Occupancy.objects.of(estate).filter(stays, host=host).count()
    waiting = Invitation.objects.of(estate).filter(host=host, state=InvitationState.OPEN).count()
    if people + waiting >= MOST:
        raise HouseholdFull


def _add_child(actor: Member, estate: Estate, host: Occupancy, name: str) -> Occupancy:
    child = User(name=words_of(name, "name"))
    child.set_unusable_password()
    child.save()
    record(actor, "accounts.user.created", child, {"by": "household"}, estate_id=estate.pk)
    membership = let_in(
        actor=actor,
        estate=estate,
        user=child,
        unit=host.unit,
        kind=Occupancy.Kind.CHILD,
        host=host,
        ends_on=host.ends_on,
    )
    there = Occupancy.objects.of(estate).select_related("membership__user")
    return there.get(membership=membership, unit=host.unit)

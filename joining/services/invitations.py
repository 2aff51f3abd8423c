"""An invitation goes to an address; whoever holds the link that came there answers it, once.

Nothing is looked up about the address before that: who invites does not learn whether it has an account, or where.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.phones import e164
from core.actors import Actor
from core.audit import record
from core.background import enqueue_on_commit
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Occupancy, Role, Unit
from estates.permissions import Permission, require
from estates.services.holding import words_of
from joining.errors import (
    AddressMissing,
    EmailNotValid,
    InvitationDecided,
    InvitationEmpty,
    InvitationNotFound,
    TooManyInvitations,
)
from joining.limits import count_try
from joining.models import GOOD_FOR, Invitation
from joining.selectors import drawable_invitations, invitation_view
from joining.services.arrivals import must_be_able_to_let_in, unit_called
from joining.shapes import InvitationSent
from joining.states import InvitationState

#: In a day: what one person sends, and what one address gets from one estate, whoever sends it.
SENT_BY_ONE: Final = 200
SENT_TO_ONE: Final = 5
DAY_S: Final = 86_400


def invite(
    *,
    actor: Member,
    estate: Estate,
    name: str,
    phone: str | None = None,
    email: str | None = None,
    unit: str | None = None,
    kind: Occupancy.Kind | None = None,
    roles: Sequence[str] = (),
) -> InvitationSent:
    """`name`: as the office calls him. `phone` or `email`, not both. `unit`: a name, with `kind`.

    Raises `AboveOwn`, `AddressMissing`, `EmailNotValid`, `InvitationEmpty`, `NameMissing`, `PermissionMissing`,
    `PhoneNotValid`, `RoleNotFound`, `TooManyInvitations`, `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    if bool(unit) != (kind is not None):
        raise InvitationEmpty(
            "Say where he is going to live and as what, or neither.", field="kind" if unit else "unit"
        )
    if not unit and not roles:
        raise InvitationEmpty(field="unit")
    given = must_be_able_to_let_in(actor, estate, kind, roles)
    with unit_of_work():
        home = unit_called(estate, unit) if unit else None
        row = write_invitation(
            actor=actor,
            estate=estate,
            name=name,
            phone=phone,
            email=email,
            unit=home,
            kind=kind,
            roles=given,
            most=SENT_BY_ONE,
        )
        return invitation_view(row)


def write_invitation(
    *,
    actor: Member,
    estate: Estate,
    name: str,
    phone: str | None,
    email: str | None,
    unit: Unit | None,
    kind: Occupancy.Kind | None,
    roles: Sequence[Role] = (),
    host: Occupancy | None = None,
    most: int,
) -> Invitation:
    """For whoever has asked for the permission. `most`: how many the actor sends in a day."""
    words, number, address = words_of(name, "name"), *_addresses(estate, phone, email)
    with unit_of_work():
        _count(actor, estate, number, address, most)
        row = Invitation.objects.create(
            estate=estate,
            name=words,
            phone=number,
            email=address,
            unit=unit,
            kind=kind or "",
            roles=[role.key for role in roles],
            host=host,
            invited_by_id=actor.id,
            expires_at=now() + GOOD_FOR,
        )
        changes = {"name": words, "unit": unit.name if unit else None, "kind": row.kind, "roles": row.roles}
        record(actor, "joining.invitation.sent", row, changes)
        enqueue_on_commit("joining.send", invitation_id=str(row.pk))
        return drawable_invitations(estate).get(pk=row.pk)


def send_again(*, actor: Member, estate: Estate, invitation_id: UUID) -> InvitationSent:
    """Another link, which holds for as long again; the old one does not any more. From now on the actor stands behind
    it, so it may say nothing that is above him.

    Raises `AboveOwn`, `InvitationDecided`, `InvitationNotFound`, `RoleNotFound`, `TooManyInvitations`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        row = _of_the_office(estate, invitation_id)
        must_be_able_to_let_in(actor, estate, Occupancy.Kind(row.kind) if row.kind else None, row.roles)
        return renew(actor=actor, row=row, most=SENT_BY_ONE)


def renew(*, actor: Member, row: Invitation, most: int) -> InvitationSent:
    """For whoever has asked for the permission."""
    with unit_of_work():
        _count(actor, row.estate, row.phone, row.email, most)
        values = {
            "letter": row.letter + 1,
            "expires_at": now() + GOOD_FOR,
            "invited_by_id": actor.id,
            "sent_at": None,
            "claimed_until": None,
            "tries": 0,
        }
        still_open = Invitation.objects.of(row.estate_id).filter(pk=row.pk, state=InvitationState.OPEN)
        if not still_open.filter(letter=row.letter).update(**values):
            raise InvitationDecided
        record(actor, "joining.invitation.sent_again", row)
        enqueue_on_commit("joining.send", invitation_id=str(row.pk))
        return invitation_view(drawable_invitations(row.estate).get(pk=row.pk))


def withdraw_invitation(*, actor: Member, estate: Estate, invitation_id: UUID) -> None:
    """Its link opens nothing any more. Raises `InvitationDecided`, `InvitationNotFound`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        close(actor=actor, row=_of_the_office(estate, invitation_id), state=InvitationState.WITHDRAWN)


def close(
    *, actor: Actor, row: Invitation, state: InvitationState, membership_id: UUID | None = None
) -> None:
    """One conditional update: of two who answer at once, one has answered. Raises `InvitationDecided`."""
    with unit_of_work():
        still_open = Invitation.objects.of(row.estate_id).filter(pk=row.pk, state=InvitationState.OPEN)
        if not still_open.update(state=state, answered_at=now(), membership_id=membership_id):
            raise InvitationDecided
        record(actor, f"joining.invitation.{state}", row, {"name": row.name})


def _of_the_office(estate: Estate, invitation_id: UUID) -> Invitation:
    office = Invitation.objects.of(estate).filter(host__isnull=True).select_related("estate")
    row = office.filter(pk=invitation_id).first()
    if row is None:
        raise InvitationNotFound
    return row


def _addresses(estate: Estate, phone: str | None, email: str | None) -> tuple[str | None, str | None]:
    number = e164(phone, country=estate.country) if phone and phone.strip() else None
    address = email.strip() if email and email.strip() else None
    if address is not None:
        try:
            validate_email(address)
        except ValidationError:
            raise EmailNotValid(field="email") from None
    if (number is None) == (address is None):
        raise AddressMissing(field="phone")
    return number, address


def _count(actor: Member, estate: Estate, phone: str | None, email: str | None, most: int) -> None:
    to = [f"invite:{estate.pk}:{one.lower()}" for one in (phone, email) if one]
    count_try(
        TooManyInvitations,
        (f"invite:by:{actor.id}", most, DAY_S),
        *((key, SENT_TO_ONE, DAY_S) for key in to),
    )

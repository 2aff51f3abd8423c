"""Whoever holds an invitation's link answers it: signed in, or as somebody new."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from core.actors import Actor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import AboveOwn, MemberNotFound, PermissionMissing, RoleNotFound
from estates.models import Occupancy, Role
from estates.permissions import Permission, require
from estates.selectors import current_on, member_by_id, today
from estates.services.holding import hold_estate, words_of
from joining.errors import (
    AccountExists,
    InvitationDecided,
    InvitationNotFound,
    InvitationOver,
    PasswordNotValid,
)
from joining.events import InvitationAnswered
from joining.links import letter_behind
from joining.models import Invitation
from joining.selectors import ADDED_BY, drawable_invitations, invitation_view, role_words, state_of
from joining.services.arrivals import let_in, must_be_able_to_let_in
from joining.services.invitations import close
from joining.shapes import Letter
from joining.states import InvitationState
from joining.wording import inviter_of
from realtime.publishing import publish
from realtime.topics import inbox


@dataclass(frozen=True, slots=True)
class Accepted:
    """`login`: the address with which he signs in; empty where he has signed in already."""

    estate_id: UUID
    login: str


def open_letter(token: str) -> Letter:
    """What the link shows. Looking changes nothing: programs look at links before people do.

    Raises `InvitationNotFound`, `InvitationOver`.
    """
    row = _open_invitation(token)
    _must_be_backed(row)
    account = _account_of(row)
    return Letter(
        estate=row.estate.name,
        name=row.name,
        invited_by=inviter_of(row),
        unit=row.unit.name if row.unit else None,
        kind=row.kind or None,
        roles=role_words(row.roles),
        expires_at=row.expires_at,
        has_account=account is not None and not _is_free(account),
        login=row.phone or row.email or "",
    )


def accept_letter(*, token: str, user: User | None, name: str = "", password: str = "") -> Accepted:
    """`user`: who is signed in; else the holder, who has proved by the link that the address is his, becomes a user
    with `name` and `password`.

    Raises `AccountExists`, `InvitationNotFound`, `InvitationOver`, `NameMissing`, `PasswordNotValid`.
    """
    before = _open_invitation(token)
    estate = before.estate
    # Hashing takes its time: not while others wait for the estate.
    new = None if user else _described(before, name, password)
    with unit_of_work():
        hold_estate(estate)
        # Once more, now that nobody else can answer it.
        row = _open_invitation(token)
        roles, host = _must_be_backed(row)
        login = "" if user else row.phone or row.email or ""
        who = user or _become(row, new)
        himself = Actor(kind="user", id=who.pk, name=who.name)
        membership = let_in(
            actor=himself,
            estate=estate,
            user=who,
            unit=row.unit,
            kind=Occupancy.Kind(row.kind) if row.kind else None,
            roles=roles,
            host=host,
            ends_on=host.ends_on if host else None,
        )
        _answer(row, InvitationState.ACCEPTED, himself, membership.pk)
        return Accepted(estate.pk, login)


def decline_letter(token: str) -> None:
    """The holder does not want to. On the record it is the link that did it: nobody asked who he is.

    Raises `InvitationNotFound`, `InvitationOver`.
    """
    with unit_of_work():
        row = _open_invitation(token)
        _answer(row, InvitationState.DECLINED, Actor(kind="link", id=None, name=row.name), None)


def _open_invitation(token: str) -> Invitation:
    invitation_id, letter = letter_behind(token)
    rows = Invitation.objects.across_estates().filter(estate__is_suspended=False)
    row = (
        rows.select_related("estate", "unit", "invited_by__user", "host__membership")
        .filter(pk=invitation_id)
        .first()
    )
    if row is None:
        raise InvitationNotFound
    if row.letter != letter or state_of(row) != InvitationState.OPEN:
        raise InvitationOver
    return row


def _must_be_backed(row: Invitation) -> tuple[list[Role], Occupancy | None]:
    """Whoever invited may still do so, today: else a manager who was dismissed could have left himself a door.

    Returns the roles beside the one that comes with the home, and the host. Raises `InvitationOver`.
    """
    if row.invited_by_id is None:
        raise InvitationOver
    try:
        inviter = member_by_id(row.estate_id, row.invited_by_id)
        if row.host_id is None:
            require(inviter, Permission.MANAGE_PEOPLE, row.estate)
            kind = Occupancy.Kind(row.kind) if row.kind else None
            return must_be_able_to_let_in(inviter, row.estate, kind, row.roles), None
        require(inviter, Permission.KEEP_HOUSEHOLD, row.estate)
        return [], _host_of(row)
    except (AboveOwn, MemberNotFound, PermissionMissing, RoleNotFound):
        raise InvitationOver from None


def _host_of(row: Invitation) -> Occupancy:
    homes = Occupancy.objects.of(row.estate_id).filter(current_on(today(row.estate)))
    host = homes.filter(pk=row.host_id, membership=row.invited_by).first() if row.host_id else None
    if host is None or row.kind not in ADDED_BY.get(Occupancy.Kind(host.kind), ()):
        raise InvitationOver
    return host


def _answer(row: Invitation, state: InvitationState, actor: Actor, membership_id: UUID | None) -> None:
    try:
        close(actor=actor, row=row, state=state, membership_id=membership_id)
    except InvitationDecided:
        raise InvitationOver from None
    if row.invited_by_id is not None:
        fresh = invitation_view(drawable_invitations(row.estate).get(pk=row.pk))
        to = [inbox(row.invited_by_id, row.estate_id)]
        publish(InvitationAnswered(invitation=fresh), to=to, actor=actor)


def _account_of(row: Invitation) -> User | None:
    """Whoever has the address to which the letter went."""
    if row.phone:
        return User.objects.filter(phone=row.phone).first()
    return User.objects.filter(email__iexact=row.email).first()


def _is_free(user: User) -> bool:
    """An office wrote it down, and nobody has made it his own yet: whoever proves the address may."""
    is_own = user.last_login is not None or user.has_proved_an_address or user.has_usable_password()
    return user.is_active and not is_own


def _described(row: Invitation, name: str, password: str) -> User:
    """As he describes himself, not saved. Raises `AccountExists`, `NameMissing`, `PasswordNotValid`."""
    user = User(phone=row.phone, email=row.email, name=words_of(name, "name"))
    account = _account_of(row)
    if account is not None and not _is_free(account):
        raise AccountExists
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordNotValid(" ".join(error.messages), field="password") from None
    user.set_password(password)
    return user


def _become(row: Invitation, new: User | None) -> User:
    """A user with the address of the letter: a new one, or one that nobody had made his own."""
    assert new is not None
    user = _account_of(row) or new
    if user is not new and not _is_free(user):
        raise AccountExists
    user.name, user.password = new.name, new.password
    # The letter came to this address, and its reader holds the link.
    if row.phone:
        user.is_phone_verified = True
    else:
        user.is_email_verified = True
    try:
        with unit_of_work():
            user.save()
    except IntegrityError:
        raise AccountExists from None
    actor = Actor(kind="user", id=user.pk, name=user.name)
    verb = "created" if user is new else "claimed"
    record(actor, f"accounts.user.{verb}", user, {"by": "invitation"}, estate_id=row.estate_id)
    return user

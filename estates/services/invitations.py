"""An estate invites somebody who has an account: he is nobody there until he says so."""

from uuid import UUID

from accounts.models import User
from core.actors import SYSTEM, Actor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import MemberNotFound
from estates.models import Membership
from estates.services.people import end_membership, outdate


def accept_invitation(*, user: User, member_id: UUID) -> None:
    """The user becomes a member. Done again it changes nothing. Raises `MemberNotFound`."""
    with unit_of_work():
        membership = _held(user, member_id, Membership.Status.ACTIVE)
        if membership.status == Membership.Status.ACTIVE:
            return
        membership.status, membership.is_known = Membership.Status.ACTIVE, True
        membership.save(update_fields=["status", "is_known"])
        outdate(Membership.objects.of(membership.estate_id).filter(pk=membership.pk))
        record(_himself(user), "estates.member.accepted", membership)


def decline_invitation(*, user: User, member_id: UUID) -> None:
    """The user stays out, and lives in none of the estate's homes. Raises `MemberNotFound`.

    On the record nobody did it: his name would tell the estate who has the number that it gave.
    """
    with unit_of_work():
        membership = _held(user, member_id)
        end_membership(actor=SYSTEM, membership=membership)


def _held(user: User, member_id: UUID, *also: Membership.Status) -> Membership:
    """His invitation, locked until the commit."""
    own = Membership.objects.across_estates().filter(
        user=user, estate__is_suspended=False, status__in=[Membership.Status.PENDING, *also]
    )
    membership = own.select_for_update(no_key=True, of=("self",)).filter(pk=member_id).first()
    if membership is None:
        raise MemberNotFound
    return membership


def _himself(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, name=user.name)

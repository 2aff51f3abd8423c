"""Whoever is moved is told, where he wants that; and managers of support access, always."""

from core.clock import now
from estates.models import Estate, Membership
from estates.moves import Move, on_move
from estates.support import on_support
from notifications.notices import HOME
from notifications.services import Recipient, intend
from notifications.states import Channel
from notifications.support_access import tell_managers

on_support(tell_managers)


@on_move
def tell_who_is_moved(move: Move) -> None:
    """Not who did it himself, and not who was only invited: he is nobody there yet."""
    occupancy = move.occupancy
    member = Membership.objects.of(occupancy.estate_id).select_related("user").get(pk=occupancy.membership_id)
    if member.status != Membership.Status.ACTIVE or member.pk == move.actor.id:
        return
    estate = Estate.objects.get(pk=occupancy.estate_id)
    day = occupancy.starts_on if move.is_in else occupancy.ends_on
    words = f"from {day:%d %b %Y} you live" if move.is_in else f"from {day:%d %b %Y} you no longer live"
    intend(
        estate_id=estate.pk,
        subject="estates.home",
        subject_id=occupancy.pk,
        # Ended again on another day is another step.
        step=f"{'in' if move.is_in else 'out'}.{day:%Y%m%d}.{int(now().timestamp()) % 100_000}",
        channel=Channel.SMS,
        recipients=[Recipient(member.pk, member.user.name, phone=member.user.phone)],
        body=f"{estate.name[:40]}: {words} in {occupancy.unit.name}. If that is wrong, tell your estate's office.",
        is_emergency=False,
        kind=HOME.key,
    )

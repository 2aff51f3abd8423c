"""Estates as the platform's admins keep them."""

from core.audit import record
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.errors import ReasonMissing
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require


def suspend_estate(*, actor: Member, estate: Estate, reason: str) -> None:
    """Close it to everybody: from the next request on nothing of it is found, and its sockets close within seconds.

    Nobody can raise an SOS there meanwhile. Done again it changes nothing. Raises `ReasonMissing`.
    """
    _set(actor=actor, estate=estate, is_suspended=True, reason=reason)


def reinstate_estate(*, actor: Member, estate: Estate, reason: str) -> None:
    """Open it again. Raises `ReasonMissing`."""
    _set(actor=actor, estate=estate, is_suspended=False, reason=reason)


def _set(*, actor: Member, estate: Estate, is_suspended: bool, reason: str) -> None:
    require(actor, Permission.RUN_PLATFORM, estate)
    words = clean_text(reason)
    if not words:
        raise ReasonMissing(field="reason")
    with unit_of_work():
        others = Estate.objects.filter(pk=estate.pk).exclude(is_suspended=is_suspended)
        if others.update(is_suspended=is_suspended):
            verb = "suspended" if is_suspended else "reinstated"
            record(actor, f"estates.estate.{verb}", estate, {"reason": words}, estate_id=estate.pk)
    estate.is_suspended = is_suspended

"""How people of an estate must sign in."""

from django.db.models import F

from accounts.models import User
from accounts.second_factor import users_with_second_factor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import SecondFactorMissing
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import MANAGEMENT, Permission, require
from estates.selectors import holders, holders_across
from estates.shapes import SecurityRules


def set_security_rules(*, actor: Member, estate: Estate, rules: SecurityRules) -> Estate:
    """Require a second factor of managers and security heads, or no longer. Raises `SecondFactorMissing` where the
    actor has none himself: he would shut himself out.
    """
    require(actor, Permission.MANAGE_SECURITY, estate)
    is_required = rules.is_second_factor_required
    if is_required and not users_with_second_factor([actor.user_id]):
        raise SecondFactorMissing
    with unit_of_work():
        others = Estate.objects.filter(pk=estate.pk).exclude(is_second_factor_required=is_required)
        if others.update(is_second_factor_required=is_required):
            grants = holders(estate.pk, *MANAGEMENT)
            Membership.objects.of(estate).filter(pk__in=grants.values("membership")).update(
                role_epoch=F("role_epoch") + 1
            )
            verb = "required" if is_required else "waived"
            record(actor, f"estates.second_factor.{verb}", estate, estate_id=estate.pk)
        estate.is_second_factor_required = is_required
        return estate


def reconsider_second_factor(user: User) -> None:
    """The user has got a second factor, or none any more: what he may do where one is required is another thing now."""
    strict = Membership.objects.across_estates().filter(user=user, estate__is_second_factor_required=True)
    with unit_of_work():
        grants = holders_across(list(strict.values_list("estate_id", flat=True)), *MANAGEMENT)
        strict.filter(pk__in=grants.values("membership")).update(role_epoch=F("role_epoch") + 1)

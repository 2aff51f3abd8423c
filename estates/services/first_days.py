"""A home that was planned begins: on its first day it gives the role that comes with it."""

from datetime import timedelta

from core.actors import SYSTEM
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.models import Estate, Membership, Occupancy
from estates.selectors import today
from estates.services.holding import hold_estate
from estates.services.people import follow_homes, open_occupancies


def begin_homes() -> int:
    """Give the roles of homes whose first day has come, each by its estate's own calendar; how many there were.

    Each is acted upon once: a role that is taken away afterwards stays away.
    """
    # A day begins at one estate up to a day before it does at another.
    tomorrow = now().date() + timedelta(days=1)
    due = Occupancy.objects.across_estates().filter(begun_at__isnull=True, starts_on__lte=tomorrow)
    return sum(_begin(estate) for estate in Estate.objects.filter(pk__in=due.values("estate")))


def _begin(estate: Estate) -> int:
    with unit_of_work():
        hold_estate(estate)
        homes = Occupancy.objects.of(estate).filter(begun_at__isnull=True, starts_on__lte=today(estate))
        begun = list(homes.select_related("membership__estate"))
        for home in begun:
            if home.membership.status == Membership.Status.ACTIVE and home in open_occupancies(
                home.membership
            ):
                follow_homes(actor=SYSTEM, membership=home.membership, kind=home.kind)
        Occupancy.objects.of(estate).filter(pk__in=[home.pk for home in begun]).update(begun_at=now())
        return len(begun)

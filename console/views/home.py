"""The resident's page, with the SOS."""

from django.http import HttpResponse

from console.visits import Visit, estate_page
from console.words import CATEGORY_TITLES
from core.shapes import plain
from emergency.selectors.alerts import alerts_for, drawable
from emergency.selectors.contacts import contact_view, contacts_of
from emergency.selectors.views import view_of
from emergency.states import OPEN, State
from estates.models import Estate
from estates.permissions import Permission, RoleKey
from estates.selectors import guards_on_duty, members_with_role, unit_of

#: The public emergency number where it is not 112, which every GSM network knows.
EMERGENCY_NUMBERS = {"US": "911", "CA": "911", "GB": "999", "AU": "000", "NZ": "111", "JM": "119"}


@estate_page(Permission.RAISE_ALERT)
def home(visit: Visit) -> HttpResponse:
    # A silent alert stands nowhere in this page, not even in its source: somebody may be looking over the shoulder.
    mine = alerts_for(visit.actor, visit.estate).filter(
        person_id=visit.actor.id, is_silent=False, state__in=[*OPEN, State.RESOLVED, State.CLOSED]
    )
    return visit.draw(
        "console/home.html",
        unit=unit_of(visit.actor, visit.estate),
        guards_on_duty=len(guards_on_duty(visit.estate)),
        categories=[{"key": key.value, "title": title} for key, title in CATEGORY_TITLES.items()],
        data={
            "alerts": [plain(view_of(alert)) for alert in drawable(mine.order_by("-raised_at")[:10])],
            "contacts": [plain(contact_view(contact)) for contact in contacts_of(visit.actor)],
            "numbers": numbers_of(visit.estate),
        },
    )


def numbers_of(estate: Estate) -> list[dict[str, str]]:
    """Whom to ring when the network is gone: a guard on duty, the security head, the public number."""
    people = [*guards_on_duty(estate)[:1], *members_with_role(estate, RoleKey.SECURITY_HEAD)[:1]]
    found = [{"name": person.name, "phone": person.phone} for person in people if person.phone]
    public = EMERGENCY_NUMBERS.get(estate.country, "112")
    return [*found, {"name": f"{public}, public emergency", "phone": public}]

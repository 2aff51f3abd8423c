"""The desk's pages of people and homes."""

from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse

from console.visits import Visit, estate_page
from core.errors import Invalid
from estates.models import Membership, Occupancy, Unit
from estates.people import (
    block_view,
    blocks_of,
    get_person,
    people_of,
    person_view,
    role_view,
    roles_of,
    unit_history,
    unit_view,
    units_of,
)
from estates.permissions import Permission
from estates.selectors import today
from estates.services.homes import get_unit, is_in_use

PAGE_SIZE = 50
#: How long a role can be given for, in hours.
TERMS = ((4, "4 hours"), (24, "a day"), (168, "a week"), (720, "30 days"))
KINDS = [(kind.value, kind.label) for kind in Occupancy.Kind]


@estate_page(Permission.READ_PEOPLE)
def people(visit: Visit) -> HttpResponse:
    """Searched by `?q=`, `?role=`, `?status=`."""
    given = {name: visit.request.GET.get(name, "").strip() for name in ("q", "role", "status")}
    try:
        found = people_of(visit.estate, given)
    except Invalid:
        found = people_of(visit.estate, given | {"status": "active"})
    page = Paginator(found.order_by("user__name", "pk"), PAGE_SIZE).get_page(visit.request.GET.get("page"))
    return visit.draw(
        "console/desk_people.html",
        rows=[person_view(person) for person in page],
        page_of=page,
        given=given,
        page_query=urlencode({name: value for name, value in given.items() if value}),
        roles=[role_view(role) for role in roles_of(visit.estate).order_by("name")],
        statuses=[(status.value, status.label) for status in Membership.Status],
        day=today(visit.estate),
    )


@estate_page(Permission.READ_PEOPLE)
def person(visit: Visit, member_id: UUID) -> HttpResponse:
    """One of them, with roles and homes, and what a manager can do about them."""
    found = person_view(get_person(visit.estate, member_id))
    held = {role.key for role in found.roles}
    return visit.draw(
        "console/desk_person.html",
        person=found,
        is_active=found.status == Membership.Status.ACTIVE,
        is_invited=found.status == Membership.Status.PENDING,
        day=today(visit.estate),
        may_give=visit.actor.may(Permission.MANAGE_ROLES),
        may_manage=visit.actor.may(Permission.MANAGE_PEOPLE),
        others=[role_view(role) for role in roles_of(visit.estate).order_by("name") if role.key not in held],
        units=Unit.objects.of(visit.estate).order_by("name"),
        terms=TERMS,
        kinds=KINDS,
    )


@estate_page(Permission.READ_PEOPLE)
def units(visit: Visit) -> HttpResponse:
    """Searched by `?q=`."""
    given = {"q": visit.request.GET.get("q", "").strip()}
    found = units_of(visit.estate, given).order_by("name", "pk")
    page = Paginator(found, PAGE_SIZE).get_page(visit.request.GET.get("page"))
    return visit.draw(
        "console/desk_units.html",
        rows=[unit_view(unit) for unit in page],
        page_of=page,
        given=given,
        page_query=urlencode({name: value for name, value in given.items() if value}),
        blocks=[block_view(block) for block in blocks_of(visit.estate, {}).order_by("name")],
        may_manage=visit.actor.may(Permission.MANAGE_PEOPLE),
    )


@estate_page(Permission.READ_PEOPLE)
def unit(visit: Visit, unit_id: UUID) -> HttpResponse:
    """One of them, with everybody who ever lived there."""
    found = get_unit(visit.estate, unit_id)
    return visit.draw(
        "console/desk_unit.html",
        unit=unit_history(visit.estate, found),
        is_in_use=is_in_use(found),
        kinds=KINDS,
        day=today(visit.estate),
        may_manage=visit.actor.may(Permission.MANAGE_PEOPLE),
    )

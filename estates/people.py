"""People, homes and roles as management reads them: lists that can be searched, and one of each."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When

from core.clock import now
from core.http.filters import one_of
from core.shapes import Page, View
from core.text import clean_text
from estates.errors import MemberNotFound
from estates.models import Block, Estate, Membership, Occupancy, Role, RoleGrant, Unit
from estates.selectors import current_on, today
from estates.services.roles import permissions_in

STATUSES = {status.value: (status,) for status in Membership.Status} | {"all": tuple(Membership.Status)}


#: In the place of the name of who has not accepted yet: that he has an account, and what it says, is not ours to tell.
INVITED = "Invited, has not accepted"


class HeldRole(View):
    """`expires_at`: null for good."""

    key: str
    name: str
    expires_at: datetime | None


class HomeView(View):
    """Where somebody lives, or did. `ends_on`: the first day on which he does not any more."""

    occupancy_id: UUID
    unit_id: UUID
    unit: str
    block: str
    kind: str
    starts_on: date
    ends_on: date | None


class PersonInEstate(View):
    """`roles`: those that hold now. `homes`: the newest first, past ones too."""

    member_id: UUID
    name: str
    email: str | None
    phone: str | None
    status: str
    since: datetime
    roles: list[HeldRole]
    homes: list[HomeView]


class OccupantView(View):
    """Who lives, or lived, in a unit."""

    occupancy_id: UUID
    member_id: UUID
    name: str
    kind: str
    starts_on: date
    ends_on: date | None


class HomeUnit(View):
    """A unit. `latitude`, `longitude`: WGS 84 degrees. `occupants`: those of today."""

    id: UUID
    name: str
    block: str
    latitude: float | None
    longitude: float | None
    occupants: list[OccupantView]


class UnitHistory(HomeUnit):
    """`history`: everybody who ever lived there or is going to, the newest first."""

    history: list[OccupantView]


class RoleView(View):
    """`is_built_in`: it cannot be changed. `permissions`: what it allows."""

    key: str
    name: str
    is_built_in: bool
    permissions: list[str]


class PersonPage(Page):
    results: list[PersonInEstate]


class BlockView(View):
    """A block, street or close. `units`: how many homes stand in it."""

    id: UUID
    name: str
    units: int


class BlockPage(Page):
    results: list[BlockView]


class UnitPage(Page):
    results: list[HomeUnit]


class RolePage(Page):
    results: list[RoleView]


def people_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[Membership]:
    """Memberships by name: `q` in name, email, phone or unit, `role`, `unit` (id), `status` (active unless said).

    Raises `FilterNotValid`.
    """
    people = Membership.objects.of(estate).filter(
        status__in=one_of(STATUSES, given.get("status") or "active", "status")
    )
    if words := _words(given, "q"):
        living = Occupancy.objects.of(estate).filter(current_on(today(estate)), unit__name__icontains=words)
        # Of who is only invited nothing is told, so nothing finds him.
        people = people.filter(is_known=True).filter(
            Q(user__name__icontains=words)
            | Q(user__email__icontains=words)
            | Q(user__phone__icontains=words.replace(" ", ""))
            | Q(pk__in=living.values("membership"))
        )
    if role := _words(given, "role"):
        people = people.filter(pk__in=_live_grants(estate).filter(role__key=role).values("membership"))
    if unit := _words(given, "unit"):
        living = Occupancy.objects.of(estate).filter(current_on(today(estate)), unit__name__iexact=unit)
        people = people.filter(pk__in=living.values("membership"))
    return _drawable_people(estate, people)


def get_person(estate: Estate, member_id: UUID) -> Membership:
    """Raises `MemberNotFound`."""
    person = _drawable_people(estate, Membership.objects.of(estate)).filter(pk=member_id).first()
    if person is None:
        raise MemberNotFound
    return person


def person_view(person: Membership) -> PersonInEstate:
    """Of a membership that comes from here."""
    grants: list[RoleGrant] = person.live_grants  # type: ignore[attr-defined]
    homes: list[Occupancy] = person.homes  # type: ignore[attr-defined]
    return PersonInEstate(
        member_id=person.pk,
        name=person.user.name if person.is_known else INVITED,
        email=person.user.email if person.is_known else None,
        phone=person.user.phone if person.is_known else None,
        status=person.status,
        since=person.created_at,
        roles=[
            HeldRole(key=grant.role.key, name=grant.role.name, expires_at=grant.expires_at)
            for grant in grants
        ],
        homes=[_home(row) for row in homes],
    )


def units_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[Unit]:
    """Units by name: `q` in the unit's or the block's name or in that of who lives there, `block`."""
    units = Unit.objects.of(estate)
    if words := _words(given, "q"):
        living = _occupancies(estate).filter(
            current_on(today(estate)), membership__user__name__icontains=words
        )
        units = units.filter(
            Q(name__icontains=words) | Q(block__name__icontains=words) | Q(pk__in=living.values("unit"))
        )
    if block := _words(given, "block"):
        units = units.filter(block__name__iexact=block)
    current = _occupancies(estate).filter(current_on(today(estate)))
    return units.select_related("block").prefetch_related(
        Prefetch("occupancies", queryset=current, to_attr="current")
    )


def unit_view(unit: Unit) -> HomeUnit:
    """Of a unit that comes from `units_of`."""
    current: list[Occupancy] = unit.current  # type: ignore[attr-defined]
    return HomeUnit(
        id=unit.pk,
        name=unit.name,
        block=unit.block.name,
        latitude=unit.latitude,
        longitude=unit.longitude,
        occupants=[_occupant(row) for row in current],
    )


def unit_history(estate: Estate, unit: Unit) -> UnitHistory:
    """The unit with everybody who ever lived there."""
    rows = list(_occupancies(estate).filter(unit=unit))
    day = today(estate)
    living = [row for row in rows if row.starts_on <= day and (row.ends_on is None or row.ends_on > day)]
    return UnitHistory(
        id=unit.pk,
        name=unit.name,
        block=unit.block.name,
        latitude=unit.latitude,
        longitude=unit.longitude,
        occupants=[_occupant(row) for row in living],
        history=[_occupant(row) for row in rows],
    )


def blocks_of(estate: Estate, given: Mapping[str, str]) -> QuerySet[Block]:
    """Blocks with how many homes each has: `q` in the name."""
    blocks = Block.objects.of(estate).annotate(unit_count=Count("units"))
    if words := _words(given, "q"):
        blocks = blocks.filter(name__icontains=words)
    return blocks


def block_view(block: Block) -> BlockView:
    """Of a block that comes from `blocks_of`."""
    count: int = block.unit_count  # type: ignore[attr-defined]
    return BlockView(id=block.pk, name=block.name, units=count)


def roles_of(estate: Estate) -> QuerySet[Role]:
    """The built-in roles and the estate's own."""
    return Role.objects.filter(Q(estate=estate) | Q(estate__isnull=True))


def role_view(role: Role) -> RoleView:
    return RoleView(
        key=role.key,
        name=role.name,
        is_built_in=role.estate_id is None,
        permissions=sorted(permission.value for permission in permissions_in(role)),
    )


def home_view(occupancy: Occupancy) -> HomeView:
    return _home(occupancy)


def _drawable_people(estate: Estate, people: QuerySet[Membership]) -> QuerySet[Membership]:
    homes = Occupancy.objects.of(estate).select_related("unit__block").order_by("-starts_on", "-pk")
    grants = _live_grants(estate).select_related("role").order_by("role__name", "pk")
    # A cursor reads what it is ordered by from the row itself.
    named = people.annotate(by_name=Case(When(is_known=False, then=Value(INVITED)), default=F("user__name")))
    return named.select_related("user").prefetch_related(
        Prefetch("role_grants", queryset=grants, to_attr="live_grants"),
        Prefetch("occupancies", queryset=homes, to_attr="homes"),
    )


def _live_grants(estate: Estate) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.of(estate).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now()))


def _occupancies(estate: Estate) -> QuerySet[Occupancy]:
    known = Occupancy.objects.of(estate).filter(membership__is_known=True)
    return known.select_related("membership__user").order_by("-starts_on", "-pk")


def _home(row: Occupancy) -> HomeView:
    return HomeView(
        occupancy_id=row.pk,
        unit_id=row.unit_id,
        unit=row.unit.name,
        block=row.unit.block.name,
        kind=row.kind,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _occupant(row: Occupancy) -> OccupantView:
    return OccupantView(
        occupancy_id=row.pk,
        member_id=row.membership_id,
        name=row.membership.user.name,
        kind=row.kind,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _words(given: Mapping[str, str], name: str) -> str:
    return clean_text(given.get(name, ""))

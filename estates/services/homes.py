"""Units, and who lives in them from when to when."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import ManyToOneRel

from core.actors import Actor
from core.audit import record
from core.unit_of_work import unit_of_work
from estates.errors import (
    EndsTooEarly,
    LivesThere,
    MemberNotFound,
    OccupancyNotFound,
    UnitExists,
    UnitInUse,
    UnitNotFound,
)
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, Unit
from estates.moves import Move, react
from estates.permissions import Permission, permissions_of, require
from estates.selectors import current_on, today
from estates.services.blocks import block_called
from estates.services.holding import hold_estate, words_of
from estates.services.people import ROLE_OF, add_unit, end_occupancy, follow_homes, move_in, outdate
from estates.services.roles import must_reach


def create_unit(
    *,
    actor: Member,
    estate: Estate,
    block: str,
    name: str,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Unit:
    """A home in `block`, which is made where it is missing. Raises `NameMissing`, `UnitExists`."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        return add_unit(
            actor=actor,
            estate=estate,
            block=block_called(estate, block).name,
            name=_free_name(estate, name),
            latitude=latitude,
            longitude=longitude,
        )


def change_unit(*, actor: Member, estate: Estate, unit_id: UUID, **changes: Any) -> Unit:
    """`changes`: name, block, latitude, longitude; what is absent stays.

    Raises `NameMissing`, `UnitExists`, `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        unit = get_unit(estate, unit_id)
        if "name" in changes:
            changes["name"] = _free_name(estate, changes["name"], besides=unit)
        if "block" in changes:
            changes["block"] = block_called(estate, changes["block"])
        told = {
            key: [str(getattr(unit, key)), str(value)]
            for key, value in changes.items()
            if getattr(unit, key) != value
        }
        if not told:
            return unit
        for key in told:
            setattr(unit, key, changes[key])
        unit.save(update_fields=list(told))
        record(actor, "estates.unit.changed", unit, told)
        return unit


def remove_unit(*, actor: Member, estate: Estate, unit_id: UUID) -> None:
    """Delete one that was made by mistake: nobody ever lived there, and nothing of any feature hangs on it.

    Raises `UnitInUse`, `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        unit = get_unit(estate, unit_id)
        if is_in_use(unit):
            raise UnitInUse
        record(actor, "estates.unit.removed", unit, {"name": unit.name, "block": unit.block.name})
        unit.delete()


def is_in_use(unit: Unit) -> bool:
    """Whether a row of any feature points at the unit: what a feature adds later is asked too."""
    relations = (one for one in Unit._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel))
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: unit}).exists()
        for relation in relations
    )


def move_member_in(
    *,
    actor: Member,
    estate: Estate,
    unit_id: UUID,
    member_id: UUID,
    kind: Occupancy.Kind,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Occupancy:
    """The member lives in the unit from `starts_on` (today at the estate, where absent) to the day before `ends_on`,
    and has the role that comes with it for as long.

    Raises `AboveOwn`, `EndsTooEarly`, `LivesThere`, `MemberNotFound`, `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    begins = starts_on or today(estate)
    if ends_on is not None and ends_on <= begins:
        raise EndsTooEarly(field="ends_on")
    with unit_of_work():
        hold_estate(estate)
        unit = get_unit(estate, unit_id)
        return _settle(actor, unit, member_id, kind, begins, ends_on)


def _settle(
    actor: Member, unit: Unit, member_id: UUID, kind: Occupancy.Kind, begins: date, ends_on: date | None
) -> Occupancy:
    members = Membership.objects.of(unit.estate_id).select_related("estate")
    membership = members.filter(pk=member_id, status=Membership.Status.ACTIVE).first()
    if membership is None:
        raise MemberNotFound
    if actor.kind != "key":
        # A key may keep people and homes, and do nothing that lives there: its maker answers for it.
        must_reach(actor, permissions_of([ROLE_OF[kind]]))
    return settle(actor=actor, unit=unit, membership=membership, kind=kind, starts_on=begins, ends_on=ends_on)


def settle(
    *,
    actor: Actor,
    unit: Unit,
    membership: Membership,
    kind: Occupancy.Kind,
    starts_on: date,
    ends_on: date | None = None,
    host: Occupancy | None = None,
) -> Occupancy:
    """The whole act of moving in, for whoever has asked for the permission. Raises `LivesThere`."""
    if _overlapping(unit, membership, starts_on, ends_on).exists():
        raise LivesThere
    with unit_of_work():
        occupancy = move_in(
            actor=actor,
            unit=unit,
            membership=membership,
            kind=kind,
            starts_on=starts_on,
            ends_on=ends_on,
            host=host,
        )
        outdate(Membership.objects.of(unit.estate_id).filter(pk=membership.pk))
        follow_homes(actor=actor, membership=membership, kind=kind)
        react(Move(occupancy=occupancy, actor=actor, is_in=True))
        return occupancy


def move_member_out(
    *, actor: Member, estate: Estate, occupancy_id: UUID, ends_on: date | None = None
) -> Occupancy:
    """`ends_on`: the first day on which the member does not live there any more; today, where absent.

    His household there, the role that came with living there, and what features hang on it end in the same act. Done
    again it changes nothing. Raises `EndsTooEarly`, `OccupancyNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    end = ends_on or today(estate)
    with unit_of_work():
        hold_estate(estate)
        occupancy = (
            Occupancy.objects.of(estate)
            .select_related("unit", "membership__estate")
            .filter(pk=occupancy_id)
            .first()
        )
        if occupancy is None:
            raise OccupancyNotFound
        if end < occupancy.starts_on:
            raise EndsTooEarly(field="ends_on")
        if occupancy.ends_on is None or occupancy.ends_on > end:
            end_occupancy(actor=actor, occupancy=occupancy, ends_on=end)
        return occupancy


def hand_over(
    *,
    actor: Member,
    estate: Estate,
    unit_id: UUID,
    on: date | None = None,
    occupants: Sequence[tuple[UUID, Occupancy.Kind]],
) -> Unit:
    """On that day (today at the estate, where absent) everybody who lives in the unit leaves it, and `occupants`
    (members, each as what) live there from then on: all of it or nothing.

    Raises `AboveOwn`, `LivesThere` (one member twice, or one who is to move in later anyway), `MemberNotFound`,
    `UnitNotFound`.
    """
    require(actor, Permission.MANAGE_PEOPLE, estate)
    day = on or today(estate)
    with unit_of_work():
        hold_estate(estate)
        unit = get_unit(estate, unit_id)
        present = Occupancy.objects.of(estate).filter(current_on(day), unit=unit)
        for occupancy in present.select_related("unit", "membership__estate").order_by("starts_on", "pk"):
            # The end of another one may have ended this one too.
            occupancy.refresh_from_db(fields=["ends_on"])
            if occupancy.ends_on is None or occupancy.ends_on > day:
                end_occupancy(actor=actor, occupancy=occupancy, ends_on=day)
        for member_id, kind in occupants:
            _settle(actor, unit, member_id, kind, day, None)
        record(actor, "estates.unit.handed_over", unit, {"name": unit.name, "on": day.isoformat()})
        return unit


def get_unit(estate: Estate, unit_id: UUID) -> Unit:
    """Raises `UnitNotFound`."""
    unit = Unit.objects.of(estate).select_related("block").filter(pk=unit_id).first()
    if unit is None:
        raise UnitNotFound
    return unit


def _overlapping(unit: Unit, membership: Membership, starts_on: date, ends_on: date | None) -> Any:
    mine = Occupancy.objects.of(unit.estate_id).filter(unit=unit, membership=membership)
    later = mine.filter(starts_on__gte=starts_on)
    if ends_on is not None:
        later = later.filter(starts_on__lt=ends_on)
    return mine.filter(current_on(starts_on)) | later


def _free_name(estate: Estate, given: str, *, besides: Unit | None = None) -> str:
    name = words_of(given, "name")
    others = Unit.objects.of(estate).filter(name__iexact=name)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise UnitExists(field="name")
    return name

"""Units and residents as lists that go out and come in."""

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from django.core.validators import validate_email
from django.db.models import Prefetch
from import_export import widgets

from accounts.phones import e164
from estates.exchanging import PORTION, ListResource, Progress, Row, Taken, Words, column, exchange
from estates.members import Member
from estates.models import Membership, Occupancy, Unit
from estates.permissions import Permission
from estates.selectors import current_on, today
from estates.services.people_in_bulk import take_people
from estates.services.units_in_bulk import take_units

if TYPE_CHECKING:

    class _Resident(Membership):
        """A member with his homes of today."""

        homes: list[Occupancy]

        class Meta:
            abstract = True


#: Between the units of somebody who has several.
BETWEEN_UNITS = ";"


class Degrees(widgets.FloatWidget):
    """WGS 84 degrees within `limit`; empty is unknown."""

    def __init__(self, limit: int) -> None:
        super().__init__(coerce_to_string=False)
        self.limit = limit

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> float | None:
        if not value:
            return None
        try:
            degrees = float(value)
        except ValueError:
            degrees = math.nan
        if not -self.limit <= degrees <= self.limit:
            raise ValueError(f"Give degrees between -{self.limit} and {self.limit}, such as 6.4411.")
        return degrees


class Phone(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str | None:
        return e164(value, country=kwargs["estate"].country) if value else None


class Email(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str | None:
        if not value:
            return None
        validate_email(value)
        if len(value) > 254:
            raise ValueError("At most 254 characters.")
        return value.lower()


class UnitNames(widgets.Widget):
    """One or more, with semicolons between."""

    one = Words(longest=50)

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> tuple[str, ...]:
        names = [self.one.clean(name) for name in value.split(BETWEEN_UNITS) if name.strip()]
        if not names:
            raise ValueError("This must not be empty.")
        return tuple(dict.fromkeys(names))


class Kind(widgets.Widget):
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Occupancy.Kind:
        try:
            return Occupancy.Kind(value.lower())
        except ValueError:
            raise ValueError(f"Use one of: {', '.join(Occupancy.Kind)}.") from None


@exchange("units", title="Units", export=Permission.EXPORT_PEOPLE, bring_in=Permission.IMPORT_PEOPLE)
class Units(ListResource):
    block = column("block__name", "block", Words(longest=100))
    name = column("name", "name", Words(longest=50))
    latitude = column("latitude", "latitude", Degrees(90))
    longitude = column("longitude", "longitude", Degrees(180))
    needed = ("block", "name")

    def rows(self, actor: Member) -> Iterator[Unit]:
        """All of them, by block and name."""
        units = Unit.objects.of(self.estate).select_related("block")
        return units.order_by("block__name", "name", "pk").iterator(chunk_size=PORTION)

    def take(self, rows: Iterable[Row], *, actor: Member, is_trial: bool, progress: Progress) -> Taken:
        return take_units(rows, actor=actor, estate=self.estate, is_trial=is_trial, progress=progress)


@exchange("people", title="Residents", export=Permission.EXPORT_PEOPLE, bring_in=Permission.IMPORT_PEOPLE)
class People(ListResource):
    """Who lives there today. Somebody who is a tenant here and an owner there has a row for each kind."""

    name = column("name", "name", Words(longest=200))
    phone = column("phone", "phone", Phone())
    email = column("email", "email", Email())
    unit = column("unit", "unit", UnitNames())
    kind = column("kind", "kind", Kind())
    needed = ("name", "unit", "kind")

    def rows(self, actor: Member) -> Iterator[dict[str, Any]]:
        """Active members who live there today, by name."""
        current = Occupancy.objects.of(self.estate).filter(current_on(today(self.estate)))
        homes = Prefetch(
            "occupancies", queryset=current.select_related("unit").order_by("unit__name"), to_attr="homes"
        )
        members = (
            Membership.objects.of(self.estate)
            .filter(status=Membership.Status.ACTIVE, pk__in=current.values("membership"))
            .select_related("user")
            .prefetch_related(homes)
            .order_by("user__name", "pk")
        )
        for member in members.iterator(chunk_size=PORTION):
            units: dict[str, list[str]] = {}
            for home in cast("_Resident", member).homes:
                units.setdefault(home.kind, []).append(home.unit.name)
            for kind, names in units.items():
                yield {
                    "name": member.user.name,
                    "phone": member.user.phone,
                    "email": member.user.email,
                    "unit": f"{BETWEEN_UNITS} ".join(names),
                    "kind": kind,
                }

    def take(self, rows: Iterable[Row], *, actor: Member, is_trial: bool, progress: Progress) -> Taken:
        return take_people(rows, actor=actor, estate=self.estate, is_trial=is_trial, progress=progress)

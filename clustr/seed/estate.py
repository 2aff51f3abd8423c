"""Builds the two estates: places, people and who lives where, in the order in which it happened."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from accounts.models import User
from clustr.seed import cast
from clustr.seed.past import at
from core.actors import SYSTEM
from core.unit_of_work import unit_of_work
from emergency.services import add_contact
from estates.members import Member
from estates.models import Estate, Membership, Unit
from estates.selectors import member_by_id
from estates.services.people import add_member, add_unit, create_estate, end_membership, move_in
from staff.services import add_post

#: The middle of the demo's estate, WGS 84 degrees: a park, where nobody lives.
LATITUDE, LONGITUDE = 51.4425, -0.2747
#: About 22 m and 28 m between neighbours.
NORTHWARD, EASTWARD = 0.0002, 0.0004

AGE_DAYS = 400
POSTS_SET_UP_DAYS_AGO = 90
CONTACTS_NAMED_DAYS_AGO = 30


@dataclass
class Place:
    """An estate being built: its people and homes by the names that the scenes use."""

    estate: Estate
    #: The present, from which everything is counted back.
    today: datetime
    units: dict[str, Unit] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    _members: dict[str, Member] = field(default_factory=dict)

    def member(self, key: str) -> Member:
        if key not in self._members:
            self._members[key] = member_by_id(self.estate.pk, self.memberships[key].pk)
        return self._members[key]

    def id_of(self, key: str) -> UUID:
        return self.memberships[key].pk


def build(today: datetime) -> tuple[Place, Place]:
    """Both estates, as they stood two weeks ago. Nobody has a password yet."""
    # One unit of work: the record is written once, in the order in which everything happened.
    with unit_of_work():
        with at(today - timedelta(days=AGE_DAYS)):
            palm_court = Place(create_estate(actor=SYSTEM, **cast.ESTATE), today)
            cedar_close = Place(create_estate(actor=SYSTEM, **cast.OTHER_ESTATE), today)
            _build_homes(palm_court)
        changes = [
            (person.since, partial(_arrive, palm_court, person))
            for person in (*cast.CAST, *cast.neighbours(), cast.FORMER)
        ]
        changes.append((cast.FORMER_LEFT_DAYS_AGO, partial(_leave, palm_court, cast.FORMER)))
        changes.append((cast.STRANGER.since, partial(_arrive, cedar_close, cast.STRANGER)))
        changes.append((POSTS_SET_UP_DAYS_AGO, partial(_set_up_posts, palm_court)))
        changes.append((CONTACTS_NAMED_DAYS_AGO, partial(_name_contacts, palm_court)))
        for days_ago, change in sorted(changes, key=lambda row: -row[0]):
            with at(today - timedelta(days=days_ago)):
                change()
    return palm_court, cedar_close


def _build_homes(place: Place) -> None:
    """Four parallel streets, running east."""
    for row, (street, letter) in enumerate(cast.BLOCKS.items()):
        for number in range(1, cast.UNITS_PER_BLOCK + 1):
            name = f"{letter}-{number:02d}"
            place.units[name] = add_unit(
                actor=SYSTEM,
                estate=place.estate,
                block=street,
                name=name,
                latitude=round(LATITUDE + (1.5 - row) * 3 * NORTHWARD, 6),
                longitude=round(LONGITUDE + (number - 8) * EASTWARD, 6),
            )


def _arrive(place: Place, person: cast.Person) -> None:
    user = User.objects.create_user(
        name=person.name,
        email=person.email,
        phone=person.phone,
        is_email_verified=True,
        is_phone_verified=True,
    )
    membership = add_member(actor=SYSTEM, estate=place.estate, user=user, roles=[person.role])
    place.memberships[person.key] = membership
    if person.kind is not None:
        move_in(
            actor=SYSTEM,
            unit=place.units[person.unit],
            membership=membership,
            kind=person.kind,
            starts_on=(place.today - timedelta(days=person.since)).date(),
            ends_on=_end_of(place, person),
        )


def _end_of(place: Place, person: cast.Person) -> date | None:
    if person is not cast.FORMER:
        return None
    return (place.today - timedelta(days=cast.FORMER_LEFT_DAYS_AGO)).date()


def _leave(place: Place, person: cast.Person) -> None:
    end_membership(actor=SYSTEM, membership=place.memberships[person.key])


def _set_up_posts(place: Place) -> None:
    for name in cast.POSTS:
        add_post(actor=place.member("ngozi"), estate=place.estate, name=name)


def _name_contacts(place: Place) -> None:
    for key, contacts in cast.CONTACTS.items():
        for name, phone in contacts:
            add_contact(actor=place.member(key), estate=place.estate, name=name, phone=phone)

"""The cast: who plays in the tests. Stranger is manager of another estate."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.models import User
from core.actors import SYSTEM
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, Unit
from estates.permissions import RoleKey
from estates.selectors import member_by_id
from estates.services.people import add_member, add_unit, create_estate, move_in

PASSWORD = "Correct-horse-9-battery"


@cache
def _hashed() -> str:
    """Argon2 is slow on purpose: once is enough for a whole run."""
    return make_password(PASSWORD)


@dataclass
class Person:
    """One of the cast, with the ways in which a test uses him."""

    user: User
    membership: Membership
    estate: Estate
    password: str = PASSWORD

    @property
    def id(self):
        """The membership's id."""
        return self.membership.pk

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def email(self) -> str:
        assert self.user.email is not None
        return self.user.email

    @property
    def phone(self) -> str:
        assert self.user.phone is not None
        return self.user.phone

    @property
    def member(self) -> Member:
        """Himself, acting; read anew each time, so that roles are today's."""
        return member_by_id(self.estate.pk, self.membership.pk)

    @property
    def api(self) -> APIClient:
        """REST in process, signed in as him."""
        client = APIClient()
        client.force_authenticate(self.user)
        return client

    def url(self, path: str) -> str:
        """`path` under his estate's address."""
        return f"/api/v1/estates/{self.estate.pk}/{path}"


@dataclass
class Cast:
    """Two estates and the people in them."""

    estate: Estate
    other_estate: Estate
    ada: Person
    bola: Person
    gate: Person
    sule: Person
    chief: Person
    musa: Person
    kid: Person
    worker: Person
    accountant: Person
    stranger: Person
    unit: Unit
    people: list[Person] = field(default_factory=list)


def make_cast(number: int = 0) -> Cast:
    """Palm Court with its people, and the estate next door with Stranger, all through the services.

    `number`: below 99; another one for each cast that shares a database.
    """
    # One transaction, not thirty: nearly every test begins with this.
    with unit_of_work():
        return _make_cast(number)


def _make_cast(number: int) -> Cast:
    nth = f"-{number}" if number else ""
    estate = create_estate(
        actor=SYSTEM, name="Palm Court", slug=f"palm-court{nth}", time_zone="Africa/Lagos", country="NG"
    )
    other = create_estate(
        actor=SYSTEM, name="Next Door", slug=f"next-door{nth}", time_zone="Europe/London", country="GB"
    )
    unit = add_unit(actor=SYSTEM, estate=estate, block="B", name="B-14", latitude=6.4411, longitude=3.4722)
    next_door = add_unit(
        actor=SYSTEM, estate=estate, block="B", name="B-15", latitude=6.4413, longitude=3.4725
    )
    parts = {
        "ada": ("Ada Obi", estate, RoleKey.OWNER),
        "bola": ("Bola Ade", estate, RoleKey.TENANT),
        "gate": ("Gate Musa", estate, RoleKey.GUARD),
        "sule": ("Sule Bello", estate, RoleKey.GUARD),
        "chief": ("Chief Eze", estate, RoleKey.SECURITY_HEAD),
        "musa": ("Musa Sani", estate, RoleKey.MANAGER),
        "kid": ("Kid Obi", estate, RoleKey.CHILD),
        "worker": ("Worker Ife", estate, RoleKey.DOMESTIC_STAFF),
        "accountant": ("Accountant Uche", estate, RoleKey.ACCOUNTANT),
        "stranger": ("Stranger Smith", other, RoleKey.MANAGER),
    }
    # In one statement: there is no service that makes a user, and every test waits for ten of them.
    users = User.objects.bulk_create(
        _user(number * 10 + nth, name) for nth, (name, _, _) in enumerate(parts.values(), start=1)
    )
    people = {
        key: _person(user, where, role)
        for user, (key, (_, where, role)) in zip(users, parts.items(), strict=True)
    }
    _live(people["ada"], unit, Occupancy.Kind.OWNER)
    _live(people["kid"], unit, Occupancy.Kind.CHILD)
    _live(people["bola"], next_door, Occupancy.Kind.TENANT)
    return Cast(estate=estate, other_estate=other, unit=unit, people=list(people.values()), **people)


def _user(number: int, name: str) -> User:
    # Ofcom keeps +44 7700 900000 to 900999 for drama: nobody can ever be rung by a test.
    return User(
        name=name,
        email=f"{name.split()[0].lower()}{f'.{number // 10}' if number > 10 else ''}@example.test",
        phone=f"+447700900{number:03d}",
        is_phone_verified=True,
        password=_hashed(),
    )


def _person(user: User, estate: Estate, role: RoleKey) -> Person:
    membership = add_member(actor=SYSTEM, estate=estate, user=user, roles=[role])
    return Person(user=user, membership=membership, estate=estate)


def _live(person: Person, unit: Unit, kind: Occupancy.Kind) -> None:
    move_in(actor=SYSTEM, unit=unit, membership=person.membership, kind=kind, starts_on=date(2020, 1, 1))

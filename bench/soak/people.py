"""Who lives in the estates of a soak: `python -m bench.soak.people ESTATES MEMBERS` makes them and prints them as JSON.

A process of its own, because Django's settings are another process's there.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import cycle, islice
from typing import Any

from tests.support.seeding import PASSWORD, Citizen
from tests.support.systems import System

#: Names of the cast (`tests/support/cast.py`), which say what somebody may hear: the first so many members of an
#: estate. Manager, guard, owner ...
KEYS = ("musa", "gate", "ada", "gate", "ada", "chief", "gate", "ada", "gate", "ada")
#: So many are needed in each estate for somebody who presses SOS and a guard who comes.
FEWEST = 3
#: People in all estates together: there are no more telephone numbers.
MOST = 1000


def make_people(system: System, estates: int, members: int) -> list[Citizen]:
    """Migrate, and make so many estates with so many members each. Returns all of them, estate by estate."""
    made = json.loads(system.run("-m", "bench.soak.people", str(estates), str(members)))
    return [Citizen(**person) for people in made for person in people]


def _main(estates: int, members: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from core.unit_of_work import unit_of_work

    call_command("migrate", verbosity=0, interactive=False)
    password = make_password(PASSWORD)
    with unit_of_work():
        made = [_make_estate(number, members, password) for number in range(estates)]
    json.dump(made, sys.stdout)


def _make_estate(number: int, members: int, password: str) -> list[dict[str, Any]]:
    from core.actors import SYSTEM
    from estates.permissions import RoleKey
    from estates.services.people import create_estate

    roles = {
        "musa": RoleKey.MANAGER,
        "gate": RoleKey.GUARD,
        "ada": RoleKey.OWNER,
        "chief": RoleKey.SECURITY_HEAD,
    }
    estate = create_estate(
        actor=SYSTEM, name=f"Soak {number}", slug=f"soak-{number}", time_zone="Africa/Lagos", country="NG"
    )
    return [
        _make_person(estate, key, f"{key}.{number}.{nth}", phone, password, roles[key])
        for nth, (key, phone) in enumerate(
            zip(islice(cycle(KEYS), members), _phones(number * members), strict=False)
        )
    ]


def _phones(start: int) -> Iterator[str]:
    """Ofcom keeps these numbers, among others, for drama; nothing is sent to them either."""
    return (f"+447700900{number:03d}" for number in range(start, MOST))


def _make_person(estate: Any, key: str, name: str, phone: str, password: str, role: Any) -> dict[str, Any]:
    from accounts.models import User
    from core.actors import SYSTEM
    from estates.services.people import add_member

    user = User(
        name=name, email=f"{name}@example.test", phone=phone, is_phone_verified=True, password=password
    )
    user.save()
    membership = add_member(actor=SYSTEM, estate=estate, user=user, roles=[role])
    citizen = Citizen(
        key=key,
        id=str(membership.pk),
        user_id=str(user.pk),
        estate_id=str(estate.pk),
        name=name,
        email=user.email or "",
        phone=phone,
    )
    return asdict(citizen)


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))

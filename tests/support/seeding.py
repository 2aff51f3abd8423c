"""Fills the database of a system under test: `python -m tests.support.seeding COUNT` migrates, makes so many casts and
prints them as JSON. A process of its own, because the tests' own Django works on another database.
"""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

PASSWORD = "Correct-horse-9-battery"
RESPONDERS = {"gate", "sule", "chief", "musa"}
MANAGEMENT = {"chief", "musa"}

#: A ladder that is climbed in seconds; every audience has its step. A repeat must be at least 30 s.
QUICK_LADDER = [
    {"after_s": 0, "channel": "websocket", "audience": ["guards_on_duty"]},
    {"after_s": 1, "channel": "sms", "audience": ["unreceived"]},
    {"after_s": 2, "channel": "sms", "audience": ["guards", "security_heads", "contacts"]},
    {"after_s": 4, "channel": "sms", "audience": ["managers"], "repeat_every_s": 600},
]


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody in the system's database, as the doors know him. `key`: his name in the cast."""

    key: str
    id: str
    user_id: str
    estate_id: str
    name: str
    email: str
    phone: str
    password: str = PASSWORD

    def url(self, path: str) -> str:
        """`path` under his estate's address."""
        return f"/api/v1/estates/{self.estate_id}/{path}"

    @property
    def topics(self) -> frozenset[str]:
        """What he may hear, said here once more and not asked of the product."""
        shared = ["all"]
        if self.key in RESPONDERS:
            shared += ["guards", "emergency"]
        if self.key in MANAGEMENT:
            shared += ["managers"]
        return frozenset({f"member.{self.id}", *(f"estate.{self.estate_id}.{name}" for name in shared)})


@dataclass(frozen=True, slots=True)
class Town:
    """One cast: Palm Court's people, and Stranger from next door."""

    estate_id: str
    ada: Citizen
    bola: Citizen
    gate: Citizen
    sule: Citizen
    chief: Citizen
    musa: Citizen
    kid: Citizen
    worker: Citizen
    accountant: Citizen
    stranger: Citizen

    @property
    def people(self) -> list[Citizen]:
        """Who lives and works in Palm Court."""
        return [getattr(self, key) for key in self.__slots__ if key not in ("estate_id", "stranger")]

    @property
    def lane(self) -> str:
        return f"estate.{self.estate_id}.emergency"

    @property
    def guards(self) -> str:
        return f"estate.{self.estate_id}.guards"


def read_towns(text: str) -> list[Town]:
    """What the process printed."""
    return [
        Town(town["estate_id"], **{key: Citizen(**person) for key, person in town["people"].items()})
        for town in json.loads(text)
    ]


def _main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from emergency.models import EscalationPolicy
    from tests.support.cast import make_cast

    call_command("migrate", verbosity=0, interactive=False)
    towns = []
    with transaction.atomic():
        for number in range(count):
            cast = make_cast(number)
            towns.append({"estate_id": str(cast.estate.pk), "people": dict(_people(cast))})
            if number % 2:
                EscalationPolicy.objects.create(estate=cast.estate, category="", steps=QUICK_LADDER)
    json.dump(towns, sys.stdout)


def _people(cast: Any) -> Iterable[tuple[str, dict[str, str]]]:
    keys = [name for name in Town.__slots__ if name != "estate_id"]
    for key in keys:
        person = getattr(cast, key)
        estate_id: UUID = person.estate.pk
        yield (
            key,
            asdict(
                Citizen(
                    key=key,
                    id=str(person.id),
                    user_id=str(person.user.pk),
                    estate_id=str(estate_id),
                    name=person.name,
                    email=person.email,
                    phone=person.phone,
                )
            ),
        )


if __name__ == "__main__":
    _main(int(sys.argv[1]))

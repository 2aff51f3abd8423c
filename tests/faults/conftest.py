"""Servers of the tests' own, and ClustR on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.own_servers import OwnPostgres, OwnRedis
from tests.support.seeding import Town
from tests.support.systems import Embedded, Production, copy_of, seeded_database, seeded_folder
from tests.support.twilio import FakeTwilio

#: More than the tests use: each takes its own.
TOWNS = 30


class Towns:
    """Every second town climbs a ladder of seconds (`seeding.QUICK_LADDER`), the others the default one."""

    def __init__(self, towns: list[Town]) -> None:
        self._usual, self._quick = towns[0::2], towns[1::2]

    def take(self) -> Town:
        return self._usual.pop()

    def take_quick(self) -> Town:
        return self._quick.pop()


@dataclass(frozen=True)
class Seeded:
    """A data folder to be copied, and who is in it."""

    folder: Path
    people: tuple[Town, ...]

    def towns(self) -> Towns:
        """All of them anew, for each copy."""
        return Towns(list(self.people))


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    with OwnPostgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[OwnRedis]:
    with OwnRedis() as server:
        yield server


@pytest.fixture(scope="session")
def twilio() -> Iterator[FakeTwilio]:
    """One for all; each test looks at the numbers of its own town."""
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(scope="session")
def towns(postgres: OwnPostgres, redis: OwnRedis) -> Towns:
    """The people in the production form's database."""
    return Towns(seeded_database(postgres, redis, "clustr", TOWNS))


@pytest.fixture(scope="session")
def _production(
    postgres: OwnPostgres, redis: OwnRedis, twilio: FakeTwilio, towns: Towns
) -> Iterator[Production]:
    with Production(postgres, redis, "clustr", **twilio.environment()) as system:
        yield system


@pytest.fixture
def production(_production: Production) -> Iterator[Production]:
    """The production form. That everything works again after each test is a part of each test."""
    with _production.redis.client() as cache:
        # So many sign-ins in a minute are not allowed in real life.
        cache.flushdb()
    yield _production
    _production.mend()
    # Shown with a failure.
    print(_production.output)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """A data folder that was filled once, to be copied."""
    folder = tmp_path_factory.mktemp("seeded") / "data"
    return Seeded(folder, tuple(seeded_folder(folder, 8)))


@pytest.fixture
def embedded(seeded: Seeded, tmp_path: Path) -> Iterator[Callable[..., Embedded]]:
    """Makes embedded systems, each started on its own copy of the seeded folder."""
    made: list[Embedded] = []

    def make(*, planted: str | None = None, **environment: str) -> Embedded:
        system = Embedded(
            copy_of(seeded.folder, tmp_path / f"data-{len(made)}"), planted=planted, **environment
        )
        made.append(system)
        system.start()
        return system

    yield make
    for system in made:
        print(system.process.output, f"exit code before the end: {system.process.exit_code}", sep="\n")
        system.close()

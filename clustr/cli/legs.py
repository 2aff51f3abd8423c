"""The legs of the tests: what each one needs, how it is run, and what came of it."""

import os
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

Need = Callable[[], str | None]

#: pytest's exit code for "nothing matched", which a narrowed run may well end with.
NOTHING_COLLECTED = 5


def database_url() -> str:
    return os.environ.get("CLUSTR_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")


def redis_url() -> str:
    return os.environ.get("CLUSTR_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def postgres() -> str | None:
    """What is missing for PostgreSQL, None when it answers."""
    import psycopg

    try:
        with psycopg.connect(database_url(), connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return f"PostgreSQL does not answer at CLUSTR_TEST_DATABASE_URL ({_first_line(error)})"
    return None


def redis() -> str | None:
    from redis import Redis, RedisError

    try:
        with Redis.from_url(redis_url(), socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except (RedisError, ValueError) as error:
        return f"Redis does not answer at CLUSTR_TEST_REDIS_URL ({_first_line(error)})"
    return None


def chromium() -> str | None:
    return None if _on_path("chromium", "chromium-browser", "google-chrome") else "no chromium on the PATH"


def redis_server() -> str | None:
    return None if _on_path("redis-server", "valkey-server") else "no redis-server on the PATH"


def postgres_server() -> str | None:
    found = _on_path("postgres") or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return None if found else "no postgres server program on this machine"


def nginx() -> str | None:
    return None if _on_path("nginx") or Path("/usr/sbin/nginx").exists() else "no nginx on the PATH"


def _on_path(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


@dataclass(frozen=True)
class Leg:
    """One way to run the tests. `marks`: pytest's -m. `backend`: CLUSTR_TEST_LEG; empty: production where it can be."""

    name: str
    about: str
    marks: str
    backend: str = "embedded"
    server: str = "uvicorn"
    workers: int = 0
    #: Runs every test that needs no browser and kills no server.
    is_full: bool = False
    #: Coverage is measured on one leg: it makes a leg nearly twice as long.
    is_measured: bool = False
    #: A test that failed is run once more, and named: for what hangs on a browser's or a killed server's timing.
    tries_again: bool = False
    needs: tuple[Need, ...] = ()

    def pytest_options(self, *, with_once: bool = True) -> list[str]:
        """`with_once`: also the tests that say the same on every full leg, of which one is enough."""
        parallel = ["-n", str(self.workers), "--dist", "loadfile"] if self.workers else ["-n", "0"]
        again = ["--reruns", "1", "-rR"] if self.tries_again else []
        marks = self.marks if with_once else f"{self.marks} and not once"
        return ["-m", marks, *parallel, *again]

    def environment(self) -> dict[str, str]:
        return {
            "CLUSTR_TEST_LEG": self.backend or ("production" if not (postgres() or redis()) else "embedded"),
            "CLUSTR_TEST_SERVER": self.server,
            "CLUSTR_TEST_DATABASE_URL": database_url(),
            "CLUSTR_TEST_REDIS_URL": redis_url(),
        }


LEGS = (
    Leg(
        "embedded",
        "SQLite, everything in one process",
        "not browser and not fault",
        workers=3,
        is_full=True,
    ),
    Leg(
        "production",
        "PostgreSQL and Redis",
        "not browser and not fault",
        backend="production",
        workers=3,
        is_full=True,
        is_measured=True,
        needs=(postgres, redis),
    ),
    Leg(
        "daphne",
        "the socket tests on the other server",
        "socket and not in_process and not browser and not fault",
        backend="",
        server="daphne",
        workers=2,
    ),
    Leg("browser", "two pages in Chromium", "browser", workers=2, tries_again=True, needs=(chromium,)),
    Leg(
        "fault",
        "servers that are killed and started again",
        "fault",
        backend="production",
        workers=2,
        tries_again=True,
        needs=(postgres, redis, redis_server, postgres_server, nginx),
    ),
)


def leg_of_once(legs: Sequence[Leg]) -> Leg | None:
    """Which of the legs runs the tests that are to run once: the last full one that can run here."""
    full = [leg for leg in legs if leg.is_full and missing_for(leg) is None]
    return full[-1] if full else None


def missing_for(leg: Leg) -> str | None:
    """Why the leg cannot run here, None when it can."""
    return "; ".join(reason for need in leg.needs if (reason := need())) or None


@dataclass
class Outcome:
    """What came of a leg. `reason`: why it did not run."""

    leg: Leg
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reason: str = ""
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, leg: Leg, report: Path, code: int, seconds: float, *, insists: bool) -> Self:
        """From pytest's JUnit report and exit code. `insists`: a skipped test counts as a failure."""
        outcome = cls(leg, seconds=seconds)
        if report.exists():
            suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest wrote it just now
            counts = {} if suite is None else suite.attrib
            outcome.failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
            outcome.skipped = int(counts.get("skipped", 0))
            outcome.passed = int(counts.get("tests", 0)) - outcome.failed - outcome.skipped
        if code not in (0, NOTHING_COLLECTED) and not outcome.failed:
            outcome.failed = 1
            outcome.notes.append(f"pytest ended with code {code}")
        if insists and outcome.skipped:
            outcome.failed += outcome.skipped
            outcome.notes.append(f"{outcome.skipped} skipped, which CLUSTR_TEST_REQUIRE=all does not allow")
            outcome.skipped = 0
        return outcome

    def line(self) -> str:
        if self.reason:
            return f"not run: {self.reason}"
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        notes = "".join(f"; {note}" for note in self.notes)
        return f"{'FAILED' if self.failed else 'passed'} in {self.seconds:.0f} s ({counts}{notes})"

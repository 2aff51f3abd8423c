"""The PostgreSQL and the Redis under a bench: what the tests would use, else servers of its own, removed afterwards."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

import psycopg

from clustr.cli import legs
from clustr.cli.refusal import Refusal
from tests.support.own_servers import OwnPostgres, OwnRedis
from tests.support.ports import free_port
from tests.support.processes import clean_environment

KEY = "a-key-for-benches-that-is-long-enough-for-hs256"


@dataclass(frozen=True)
class Backend:
    """A database of the bench's own, and a Redis."""

    database_url: str
    redis_url: str
    public_url: str = "http://127.0.0.1:8000"

    def environment(self, application_name: str = "clustr") -> dict[str, str]:
        """For processes of ours. `application_name`: how PostgreSQL's log calls this one."""
        joint = "&" if "?" in self.database_url else "?"
        return clean_environment(
            CLUSTR_MODE="production",
            CLUSTR_SECRET_KEY=KEY,
            CLUSTR_DATABASE_URL=f"{self.database_url}{joint}application_name={application_name}",
            CLUSTR_REDIS_URL=self.redis_url,
            CLUSTR_PUBLIC_URL=self.public_url,
            CLUSTR_LOG_LEVEL="WARNING",
            # One user and one address stand for thousands.
            CLUSTR_REQUESTS_PER_USER="0",
            CLUSTR_REQUESTS_PER_ADDRESS="0",
        )

    def at(self, web_port: int) -> "Backend":
        """The same, with REST on this port."""
        return replace(self, public_url=f"http://127.0.0.1:{web_port}")


@contextmanager
def backend() -> Iterator[Backend]:
    """An empty database on the tests' PostgreSQL or on one of our own, and a Redis."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(_redis())
        if legs.postgres() is None:
            yield Backend(stack.enter_context(_database(legs.database_url())), redis_url)
        else:
            own = stack.enter_context(_own_postgres())
            yield Backend(own.create_database("clustr_bench"), redis_url)


class LoggedPostgres(OwnPostgres):
    """A PostgreSQL that writes down every statement, with the name of the program that sent it."""

    def command(self) -> list[str]:
        settings = ["log_statement=all", "log_line_prefix=%a|", "log_min_messages=warning"]
        return [*super().command(), *(part for setting in settings for part in ("-c", setting))]

    @property
    def log(self) -> str:
        return (self.folder / "output").read_text(errors="replace")


@contextmanager
def logged_backend() -> Iterator[tuple[Backend, LoggedPostgres]]:
    """Servers of our own, of which the database tells what it was asked."""
    _require(legs.postgres_server())
    with LoggedPostgres() as postgres, _redis() as redis_url:
        yield Backend(postgres.create_database("clustr_bench"), redis_url), postgres


@contextmanager
def _own_postgres() -> Iterator[OwnPostgres]:
    _require(legs.postgres_server())
    with OwnPostgres() as server:
        yield server


@contextmanager
def _redis() -> Iterator[str]:
    """Named by the environment; else our own, so that nobody's keys are touched; else the machine's."""
    if "CLUSTR_TEST_REDIS_URL" not in os.environ and legs.redis_server() is None:
        with OwnRedis() as server:
            yield f"{server.url}/0"
    else:
        _require(legs.redis())
        yield legs.redis_url()


@contextmanager
def _database(server_url: str) -> Iterator[str]:
    name = f"clustr_bench_{os.getpid()}_{free_port()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _require(missing: str | None) -> None:
    if missing:
        raise Refusal(f"This bench needs PostgreSQL and Redis: {missing}.")

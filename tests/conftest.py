"""The cast and the harness, for every test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from core import background as core_background
from notifications.push.keys import make_private_key, public_key_of
from tests.support.background import Background
from tests.support.cast import Cast, make_cast
from tests.support.leg import LEG
from tests.support.push import FakePushService
from tests.support.server import Server, make_server

#: What migrations filled.
KEPT_TABLES = frozenset({"django_migrations", "django_content_type", "auth_permission"})

#: The built-in roles, which belong to no estate, stay: they are the same for every test.
ROLES = "estates_role"
#: How often the tables are emptied before that is given up.
WIPES = 5


def pytest_report_header() -> str:
    return f"leg: {LEG}, server: {os.environ.get('CLUSTR_TEST_SERVER', 'uvicorn')}"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """A database of its own for each worker; SQLite's in a file, because the server's threads share it."""
    from django.conf import settings

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folder = Path(tempfile.mkdtemp(prefix="clustr-test-db-"))
        database.setdefault("TEST", {})["NAME"] = str(folder / f"{worker}.sqlite3")
    else:
        database.setdefault("TEST", {})["NAME"] = f"test_clustr_{os.getpid()}_{worker}"


@pytest.fixture(scope="session", autouse=True)
def _hash_cheaply() -> None:
    from django.conf import settings

    _, *others = settings.PASSWORD_HASHERS
    settings.PASSWORD_HASHERS = ["tests.support.light_argon2.LightArgon2PasswordHasher", *others]


@pytest.fixture(scope="session", autouse=True)
def _wipe_cheaply() -> None:
    """Empty the tables after a test without Django's `flush`, which also makes every permission anew.

    Foreign keys are checked at the commit, so the order of the tables does not matter.
    """

    def wipe(self: TransactionTestCase) -> None:
        tables = [
            table for table in connection.introspection.django_table_names() if table not in KEPT_TABLES
        ]
        statements = [_delete_from(table) for table in tables]
        if connection.vendor == "postgresql":
            # SQLite takes one statement at a time, and has no way to go for it.
            statements = ["; ".join(statements)]
        for tries_left in reversed(range(WIPES)):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
                return
            except DatabaseError:
                # The server has just written something of a socket that was open in this test.
                if not tries_left:
                    raise

    setattr(TransactionTestCase, "_fixture_teardown", wipe)  # noqa: B010 (it is not in the stubs)


def _delete_from(table: str) -> str:
    kept = " WHERE estate_id IS NOT NULL" if table == ROLES else ""
    return f"DELETE FROM {connection.ops.quote_name(table)}{kept}"


@pytest.fixture(scope="session", autouse=True)
def _leave_nobody_connected(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A thread that is still about would keep PostgreSQL from dropping the test database."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def background(monkeypatch: pytest.MonkeyPatch) -> Background:
    """What is enqueued runs at once after the commit."""
    stand_in = Background()
    monkeypatch.setattr(core_background, "_send", stand_in.send)
    return stand_in


@pytest.fixture(autouse=True)
def _clear_cache() -> None:
    """Rate limits of one test must not reach the next."""
    cache.clear()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Palm Court and its people; every test has them anew."""
    return make_cast()


@pytest.fixture(scope="session")
def _running_server(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    server = make_server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(_running_server: Server, cast: Cast) -> Server:
    """A server on the cast's database."""
    return _running_server


@pytest.fixture
def push_service(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePushService]:
    """Push messages go to the fake, which takes them from this installation alone; one that hangs is soon given up."""
    from notifications.push import webpush

    monkeypatch.setattr(webpush, "READ_TIMEOUT_S", 0.5)
    settings.CLUSTR_VAPID_PRIVATE_KEY = make_private_key()
    with FakePushService(public_key_of(settings.CLUSTR_VAPID_PRIVATE_KEY)) as service:
        settings.CLUSTR_PUSH_TEST_ORIGIN = service.origin
        yield service

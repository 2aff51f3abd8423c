"""The production form: docker-compose.yml's own commands against a real PostgreSQL, Redis and nginx."""

import json
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg
import pytest
import redis
from websockets.sync.client import connect

from tests.house.apps import App, call
from tests.house.compose import Stack, image_content, services

ALWAYS_ON = ("web", "web-emergency", "realtime", "worker-emergency", "worker-default", "beat", "proxy")
OURS = ("migrate", "web", "web-emergency", "realtime", "worker-emergency", "worker-default", "beat")
PASSWORD = "amber-otter-4821"

PEOPLE = """
from accounts.models import User
from core.actors import SYSTEM
from estates.permissions import RoleKey
from estates.services.people import add_member, create_estate
import json
estate = create_estate(actor=SYSTEM, name="Palm Court", slug="palm-court", time_zone="Europe/London", country="GB")
people = {}
for number, (key, role) in enumerate({"ada": RoleKey.OWNER, "gate": RoleKey.GUARD, "musa": RoleKey.MANAGER}.items()):
    user = User.objects.create_user(
        name=key.title(), email=f"{key}@example.test", phone=f"+44770090080{number}", password="PASSWORD"
    )
    add_member(actor=SYSTEM, estate=estate, user=user, roles=[role])
    people[key] = {"email": user.email, "password": "PASSWORD", "estate_id": str(estate.pk)}
print("PEOPLE", json.dumps(people))
""".replace("PASSWORD", PASSWORD)


def test_every_service_is_described_completely() -> None:
    described = services()
    assert {"postgres", "redis", *OURS, "proxy"} == set(described)
    for name in OURS:
        service = described[name]
        assert service["environment"]["CLUSTR_MODE"] == "production", name
        assert service["environment"]["CLUSTR_SECRET_KEY_FILE"] == "/run/secrets/secret_key", name
        assert service["read_only"] is True, name
        assert "depends_on" in service, name
    for name in ("postgres", "redis", *OURS[1:-1], "proxy"):
        assert "healthcheck" in described[name], name
    # Secrets come as files and never stand in the environment.
    for name, service in described.items():
        for key in service.get("environment", {}):
            assert not key.endswith(("_PASSWORD", "_SECRET_KEY", "_TOKEN", "_DATABASE_URL")), (name, key)


def test_the_containers_do_not_run_as_root() -> None:
    lines = (Path(__file__).parent.parent.parent / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1] not in ("USER root", "USER 0")


@pytest.fixture
def database() -> Iterator[str]:
    """A database of our own on the tests' PostgreSQL."""
    server = os.environ.get("CLUSTR_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    name = f"clustr_compose_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis_urls() -> Iterator[tuple[str, str]]:
    """Two numbers on the tests' Redis that nothing else uses."""
    server = urlsplit(os.environ.get("CLUSTR_TEST_REDIS_URL", "redis://127.0.0.1:6379/9"))
    urls = urlunsplit(server._replace(path="/12")), urlunsplit(server._replace(path="/13"))
    for url in urls:
        redis.Redis.from_url(url).flushdb()
    yield urls
    for url in urls:
        redis.Redis.from_url(url).flushdb()


@pytest.fixture
def stack(tmp_path: Path, database: str, redis_urls: tuple[str, str]) -> Iterator[Stack]:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name, content in {
        "secret_key": "k" * 60,
        "database_url": database,
        "metrics_token": "m" * 40,
        "twilio_auth_token": "",
        "email_url": "",
        "vapid_private_key": urlsafe_b64encode(bytes(range(1, 33))).decode().rstrip("="),
    }.items():
        (secrets / name).write_text(content)
    (tmp_path / "data").mkdir()
    stack = Stack(
        image_content(tmp_path / "app"),
        {
            "CLUSTR_DATA_DIR": str(tmp_path / "data"),
            "CLUSTR_SECRET_KEY_FILE": str(secrets / "secret_key"),
            "CLUSTR_DATABASE_URL_FILE": str(secrets / "database_url"),
            "CLUSTR_METRICS_TOKEN_FILE": str(secrets / "metrics_token"),
            "CLUSTR_TWILIO_AUTH_TOKEN_FILE": str(secrets / "twilio_auth_token"),
            "CLUSTR_EMAIL_URL_FILE": str(secrets / "email_url"),
            "CLUSTR_VAPID_PRIVATE_KEY_FILE": str(secrets / "vapid_private_key"),
            "CLUSTR_REDIS_URL": redis_urls[0],
            "CLUSTR_CELERY_BROKER_URL": redis_urls[1],
        },
    )
    yield stack
    stack.close()


def _wait_until_healthy(stack: Stack, name: str) -> None:
    """As Docker does: the check is asked again until it is content. A worker ticks before its broker can ask it."""
    deadline = time.monotonic() + 90
    check = stack.check(name)
    while check.wait() != 0:
        assert time.monotonic() < deadline, check.output
        check = stack.check(name)


@pytest.mark.fault
@pytest.mark.timeout(300)
def test_an_sos_goes_through_the_proxy_to_the_guard_and_every_service_stops_cleanly(
    stack: Stack, tmp_path: Path
) -> None:
    _collect_static(stack)
    assert stack.start("migrate").wait(timeout_s=120) == 0, stack.running["migrate"].output
    people = _make_people(stack)
    for name in ALWAYS_ON[:-1]:
        stack.start(name)
    (tmp_path / "nginx").mkdir()
    stack.start_proxy(tmp_path / "nginx")
    _wait_until_ready(stack)
    for name in OURS[1:-1]:
        _wait_until_healthy(stack, name)

    with urlopen(f"{stack.url}/sign-in/", timeout=10) as page:
        assert page.status == 200

    ada, gate, musa = (App(stack.url, people[key]) for key in ("ada", "gate", "musa"))
    with connect(gate.ws, compression=None) as tablet:
        tablet.send(gate.connect_frame())
        assert json.loads(tablet.recv(10))["type"] == "welcome"
        began = time.monotonic()
        alert = ada.call("alerts/", {"category": "fire"})
        event = _next_event(tablet, "emergency.alert.raised")
        assert event["data"]["alert"]["id"] == alert["id"]
        assert time.monotonic() - began < 3

    texts = _wait_for_texts(musa, alert["id"], stack)
    assert {row["state"] for row in texts} <= {"accepted", "sent", "delivered"}

    # An SOS needs none of the processes that serve everything else; and where its own are gone, they take it.
    for gone in ("web", "web-emergency"):
        assert stack.running[gone].stop(timeout_s=20) == 0
        assert ada.call("alerts/", {"category": "fire"})["id"] == alert["id"]
        stack.start(gone)
        _wait_until_healthy(stack, gone)

    for name in reversed(ALWAYS_ON):
        process = stack.running[name]
        assert process.stop(timeout_s=20) == 0, (name, process.output)
        assert "Traceback" not in process.output, (name, process.output)


def _collect_static(stack: Stack) -> None:
    """As the Dockerfile does it."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=stack.app,
        env=stack.environment("web"),
        check=True,
    )


def _make_people(stack: Stack) -> dict[str, dict[str, str]]:
    output = subprocess.check_output(
        [sys.executable, "manage.py", "shell", "-c", PEOPLE],
        cwd=stack.app,
        env=stack.environment("web"),
        text=True,
    )
    line = next(line for line in output.splitlines() if line.startswith("PEOPLE "))
    people: dict[str, dict[str, str]] = json.loads(line.removeprefix("PEOPLE "))
    return people


def _wait_until_ready(stack: Stack) -> None:
    """Database, layer, worker and auditor, as the proxy's outside sees them."""
    deadline = time.monotonic() + 90
    answer: Any = None
    while time.monotonic() < deadline:
        try:
            answer = call(f"{stack.url}/readyz")
            if answer["status"] == "ok":
                return
        except HTTPError as error:
            answer = error.read()
        except (URLError, ConnectionError) as error:
            answer = error
        time.sleep(0.5)
    said = {name: process.output for name, process in stack.running.items()}
    raise AssertionError(f"not ready: {answer!r}\n{json.dumps(said, indent=2)}")


def _next_event(tablet: Any, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(tablet.recv(10))
        if frame.get("event") == kind:
            return frame


def _wait_for_texts(manager: App, alert_id: str, stack: Stack) -> list[dict[str, Any]]:
    """The ladder runs in the workers: nobody acknowledges, so texts go out."""
    deadline = time.monotonic() + 40
    while True:
        rows = manager.call(f"alerts/{alert_id}/deliveries/")["results"]
        texts = [row for row in rows if row["channel"] == "sms" and row["state"] != "intended"]
        if texts:
            return texts
        if time.monotonic() > deadline:
            told = [(row["step"], row["channel"], row["state"], row["error"]) for row in rows]
            raise AssertionError(f"no text was sent: {told}\n{stack.running['worker-emergency'].output}")
        time.sleep(0.5)

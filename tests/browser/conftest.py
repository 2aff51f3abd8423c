"""A whole ClustR of its own, Chromium, and people who sit in front of it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from notifications.push.keys import public_key_of
from tests.browser.people import Person, Town
from tests.support.push import FakePushService

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 90
#: Longer than a countdown on a busy machine.
WAIT_MS = 20_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # A slow machine, a whole server and a real browser: the tests themselves wait for what they expect.
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    # pytest-playwright's own lives until the end of the session, with a running event loop in the main thread, and
    # asyncio's tests cannot start theirs beside it.
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright, pytestconfig: pytest.Config) -> Iterator[Browser]:
    headed = bool(pytestconfig.getoption("--headed", default=False))
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=not headed)
    yield chromium
    chromium.close()


@pytest.fixture(scope="package")
def push_service() -> Iterator[FakePushService]:
    """Where the demo's browsers subscribe; it learns the demo's key when that has been made."""
    with FakePushService("") as service:
        yield service


@pytest.fixture(scope="package")
def town(
    playwright: Playwright, push_service: FakePushService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """`clustr demo` as a newcomer starts it, with its workers and its clock. Not without a browser to look at it."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CLUSTR_")}
    environment |= {"CLUSTR_HEARTBEAT_S": "1", "CLUSTR_DEBUG": "true"}
    environment["CLUSTR_PUSH_TEST_ORIGIN"] = push_service.origin
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "clustr.cli", "demo", "--port", "0", "--data-dir", str(folder / "data")],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        content = _ready(server, folder)
        push_service.public_key = public_key_of((folder / "data" / "push_key").read_text())
        yield Town(content, folder / "data" / "sms.log")
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _ready(server: "subprocess.Popen[bytes]", folder: Path) -> dict[str, Any]:
    deadline = time.monotonic() + STARTS_WITHIN_S
    told = folder / "data" / "demo.json"
    while time.monotonic() < deadline and server.poll() is None:
        try:
            content = json.loads(told.read_text())
            if httpx.get(f"{content['base_url']}/healthz", timeout=2).status_code == 200:
                return dict(content)
        except (OSError, ValueError, httpx.HTTPError):
            time.sleep(0.2)
    raise RuntimeError(f"the demo did not start:\n{(folder / 'log.txt').read_text()}")


@pytest.fixture
def quiet_town(town: Town) -> Town:
    """Nothing open before a test, and nobody on duty but who starts a shift."""
    town.calm_down()
    return town


Open = Callable[..., Page]


@pytest.fixture
def seat(quiet_town: Town, browser: Browser) -> Iterator[Open]:
    """`seat(person, "board/")` opens a page as that person, in a browser of his own.

    A test fails when a page of its own says something on the console that it should not.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def sit(
        person: Person | None, path: str, *, width: int = 1280, height: int = 800, **options: Any
    ) -> Page:
        state = quiet_town.signed_in(browser, person) if person else None
        context = browser.new_context(
            base_url=quiet_town.base_url,
            viewport={"width": width, "height": height},
            storage_state=state,
            locale="en-GB",
            **options,
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        listen(page, troubles)
        page.goto(person.path(path) if person and not path.startswith("/") else path)
        return page

    yield sit
    for context in contexts:
        context.close()
    assert troubles == []


#: The browser itself complains about these when a test cuts the network or is refused on purpose.
EXPECTED = ("net::ERR_", "WebSocket connection to", "Failed to load resource", "Failed to fetch")


def listen(page: Page, troubles: list[str]) -> None:
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            troubles.append(f"{page.url}: {message.text}")
            if message.type in ("error", "warning") and not any(text in message.text for text in EXPECTED)
            else None
        ),
    )

"""The demo's people, and what they do with a page."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.support.processes import clean_environment

#: A little longer than the button wants to be held.
HOLD_MS = 1700


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    estate_id: str
    member_id: str
    email: str
    phone: str
    password: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    def path(self, page: str) -> str:
        return f"/estates/{self.estate_id}/{page}"

    def api(self, path: str) -> str:
        return f"/api/v1/estates/{self.estate_id}/{path}"


class Town:
    """The running demo."""

    def __init__(self, content: dict[str, Any], outbox: Path) -> None:
        #: Where the console provider keeps each text.
        self._outbox = outbox
        self.base_url = str(content["base_url"])
        self.people = [
            Person(**{name: row[name] for name in Person.__annotations__}) for row in content["people"]
        ]
        self._states: dict[str, Any] = {}
        self._clients: dict[str, httpx.Client] = {}

    def one(self, role: str, number: int = 0) -> Person:
        found = [person for person in self.people if person.role.replace(" ", "_") == role]
        return found[number]

    @property
    def resident(self) -> Person:
        return self.one("owner")

    @property
    def neighbour(self) -> Person:
        return self.one("tenant")

    @property
    def guard(self) -> Person:
        return self.one("guard")

    @property
    def colleague(self) -> Person:
        return self.one("guard", 1)

    @property
    def manager(self) -> Person:
        return self.one("manager")

    @property
    def stranger(self) -> Person:
        return self.one("stranger")

    def signed_in(self, browser: Browser, person: Person) -> Any:
        """The person's cookies, from the sign-in page the first time: signing in is rate limited."""
        if person.email not in self._states:
            context = browser.new_context(base_url=self.base_url)
            page = context.new_page()
            page.goto("/sign-in/")
            page.get_by_label("Phone or email").fill(person.phone)
            page.get_by_label("Password").fill(person.password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/estates/**")
            cookies = context.cookies()
            self._states[person.email] = {"cookies": cookies, "origins": []}
            context.close()
        return self._states[person.email]

    def api(self, person: Person) -> httpx.Client:
        """REST as an app of the person's would use it."""
        if person.email not in self._clients:
            client = httpx.Client(base_url=self.base_url, timeout=20)
            answer = client.post(
                "/_allauth/app/v1/auth/login", json={"email": person.email, "password": person.password}
            )
            assert answer.status_code == 200, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['meta']['access_token']}"
            self._clients[person.email] = client
        return self._clients[person.email]

    def raise_alert(self, person: Person, category: str, **more: Any) -> dict[str, Any]:
        answer = self.api(person).post(person.api("alerts/"), json={"category": category, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def mails(self) -> list[str]:
        """What the console provider kept, a line each, oldest first."""
        kept = self._outbox.with_name("mail.log")
        return kept.read_text().splitlines() if kept.exists() else []

    def texts(self, phone: str) -> list[str]:
        """The texts that went to this number, oldest first."""
        kept = self._outbox.read_text() if self._outbox.exists() else ""
        return [line for line in kept.splitlines() if f"SMS to {phone}: " in line]

    def texts_so_far(self) -> int:
        """How much was texted by now; for `link_in_text_to`."""
        return len(self._outbox.read_text()) if self._outbox.exists() else 0

    def link_in_text_to(self, person: Person, *, since: int) -> str:
        """The address in the last text that went to his number after that, once there is one."""
        return self._newest_link(person.phone, r"http\S+", since)

    def invitation_to(self, phone: str) -> str:
        """The same for an invitation."""
        return self._newest_link(phone, r"/invited/#\S+")

    def _newest_link(self, phone: str, kind: str, since: int = 0) -> str:
        mine = re.compile(rf"SMS to {re.escape(phone)}: .*?({kind})")
        found: list[str] = []

        def is_there() -> bool:
            found[:] = mine.findall(self._outbox.read_text()[since:] if self._outbox.exists() else "")
            return bool(found)

        wait_until(is_there)
        return found[-1]

    def platform_admin(self, email: str) -> tuple[Person, Any]:
        """Somebody new who runs the platform, and his cookies: with the second step that he must have."""
        data_dir = self._outbox.parent
        environment = clean_environment(
            CLUSTR_DATA_DIR=str(data_dir), CLUSTR_SECRET_KEY=(data_dir / "secret_key").read_text().strip()
        )
        made = subprocess.run(
            [sys.executable, "-m", "tests.browser.platform_admin", email],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        key = made.stdout.split()[-1]
        cookie = {"name": "sessionid", "value": key, "url": self.base_url}
        person = Person("Pat Reed", "platform admin", self.manager.estate_id, "", email, "", "")
        return person, {"cookies": [cookie], "origins": []}

    def act(self, person: Person, alert: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
        answer = self.api(person).post(person.api(f"alerts/{alert['id']}/{action}/"), json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def turn_devices_off(self, person: Person) -> None:
        """None of his is woken any more: tests share his sign-in."""
        client, path = self.api(person), person.api("push-subscription/")
        for device in client.get(path).json()["devices"]:
            client.delete(path, params={"device": device["device"]})

    def calm_down(self) -> None:
        """Resolve what is open, close what is resolved, send the guards home. No post misses its tablet."""
        manager = self.manager
        client = self.api(manager)
        for alert in client.get(manager.api("alerts/?state=open")).json()["results"]:
            self.act(manager, alert, "resolve", outcome="test", report="The test is over.")
            self.act(manager, alert, "close")
        for post in client.get(manager.api("posts/")).json()["results"]:
            if post["device"]:
                client.delete(manager.api(f"posts/{post['id']}/device/"))
        for guard in (self.guard, self.colleague):
            self.api(guard).post(guard.api("duty/"), json={"on": False})


def hold_sos(page: Page) -> None:
    """Press and hold, as a thumb does, until the page asks what is happening."""
    button = page.get_by_role("button", name="SOS")
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(page.get_by_role("heading", name="What is happening?")).to_be_visible()
    page.mouse.up()


def start_shift(board: Page) -> None:
    board.get_by_role("button", name="Start shift").click()
    expect(board.locator("html")).to_have_attribute("data-sound", "ready")
    expect(board.get_by_role("button", name="Start shift")).to_be_hidden()


def is_live(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-connection", "live")


def wait_until(condition: Callable[[], bool], *, within_s: float = 15) -> None:
    """What Playwright's own waiting cannot do here: its polling is `eval`, which our pages forbid."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)

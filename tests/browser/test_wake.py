"""A sleeping device is woken: the switch, the notice on its screen, and what it tells the server.

Everything is real but the push service's network: the page subscribes at ours, the server encrypts for it, and Chromium
gives its own service worker what comes.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Person, Town, is_live, start_shift, wait_until
from tests.support.push import FakeBrowser, FakePushService

#: Chromium's own push service needs Google's keys and network.
SUBSCRIBES_AT_OURS = """(() => {
  const given = %s;
  const raw = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  let subscription = null;
  PushManager.prototype.getSubscription = async () => subscription;
  PushManager.prototype.subscribe = async (options) => {
    const key = options.applicationServerKey;
    const unsubscribe = async () => !(subscription = null);
    subscription = { options: { applicationServerKey: key.buffer }, toJSON: () => given, unsubscribe };
    return subscription;
  };
})()"""


class Device:
    """A page whose browser takes push messages, and its service worker."""

    def __init__(self, page: Page, browser: FakeBrowser) -> None:
        self.page, self.browser = page, browser
        self.cdp = page.context.new_cdp_session(page)
        self.registrations: list[str] = []
        self.cdp.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self.cdp.send("ServiceWorker.enable")
        self.given = 0

    def _note(self, event: dict[str, Any]) -> None:
        self.registrations += [
            row["registrationId"] for row in event["registrations"] if not row["isDeleted"]
        ]

    def _has_worker(self) -> bool:
        # Events of the browser come in only while Playwright waits for something.
        self.page.wait_for_timeout(50)
        return bool(self.registrations)

    def deliver(self) -> dict[str, Any]:
        """Give the worker what came next at the push service; answers it."""
        wait_until(lambda: len(self.browser.notices) > self.given)
        notice = self.browser.notices[self.given]
        self.given += 1
        self.give(json.dumps(notice))
        return notice

    def give(self, data: str) -> None:
        wait_until(self._has_worker)
        # A message for a worker that is not ready yet is dropped.
        self.page.evaluate("async () => Boolean(await navigator.serviceWorker.ready)")
        origin = self.page.evaluate("location.origin")
        message = {"origin": origin, "registrationId": self.registrations[-1], "data": data}
        self.cdp.send("ServiceWorker.deliverPushMessage", message)

    def shown(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(
            """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => ({
              title: one.title, body: one.body, tag: one.tag, silent: one.silent,
              requireInteraction: one.requireInteraction }))"""
        )
        return found

    def expect_shown(self, *titles: str) -> dict[str, Any]:
        wait_until(lambda: [one["title"] for one in self.shown()] == list(titles))
        return self.shown()[-1] if titles else {}


@pytest.fixture
def device(quiet_town: Town, seat: Open, push_service: FakePushService) -> Any:
    def open_page(person: Person, path: str, *, said: str = "", **options: Any) -> Device:
        """`said`: a script that says what the person told the browser, where no option can."""
        quiet_town.turn_devices_off(person)
        browser = push_service.browser()
        page = seat(person, "/offline/", **options)
        page.context.add_init_script(SUBSCRIBES_AT_OURS % json.dumps(browser.subscription))
        if said:
            page.context.add_init_script(said)
        made = Device(page, browser)
        page.goto(person.path(path))
        is_live(page)
        return made

    return open_page


def deliveries(town: Town, alert: dict[str, Any]) -> list[dict[str, Any]]:
    manager = town.manager
    path = manager.api(f"alerts/{alert['id']}/deliveries/?channel=push")
    rows: list[dict[str, Any]] = town.api(manager).get(path).json()["results"]
    return rows


ALLOWED: dict[str, Any] = {"permissions": ["notifications"]}
NO = 'Object.defineProperty(Notification, "permission", { get: () => "denied" })'


def switch_on(page: Page) -> None:
    page.get_by_role("switch", name="Wake this device").click()
    expect(page.locator("html")).to_have_attribute("data-wake", "on")


def test_an_sos_wakes_the_device_and_its_answer_makes_it_quiet(quiet_town: Town, device: Any) -> None:
    guard = quiet_town.guard
    tablet = device(guard, "board/", **ALLOWED)
    start_shift(tablet.page)
    expect(tablet.page.locator("#wake-state")).to_contain_text("Off.")
    switch_on(tablet.page)
    expect(tablet.page.locator("#wake-state")).to_contain_text("On. An SOS for you wakes this device")

    alert = quiet_town.raise_alert(quiet_town.neighbour, "intrusion")
    tablet.deliver()

    shown = tablet.expect_shown("SOS INTRUSION")
    assert (shown["tag"], shown["requireInteraction"], shown["silent"]) == (alert["id"], True, False)
    wait_until(lambda: [row["state"] for row in deliveries(quiet_town, alert)] == ["received"])
    expect(tablet.page.locator(".alert")).to_contain_text("Woke 1/1 device")

    quiet_town.act(quiet_town.colleague, alert, "acknowledge")
    # The page that is open takes it away by itself; what comes by push then says who has it.
    tablet.expect_shown()
    tablet.deliver()
    shown = tablet.expect_shown(f"{quiet_town.colleague.name} has it")
    assert (shown["tag"], shown["requireInteraction"], shown["silent"]) == (alert["id"], False, True)


def test_a_tap_says_that_it_was_seen_and_acknowledges_nothing(quiet_town: Town, device: Any) -> None:
    tablet = device(quiet_town.guard, "board/", **ALLOWED)
    start_shift(tablet.page)
    switch_on(tablet.page)
    alert = quiet_town.raise_alert(quiet_town.neighbour, "fire", drill=True)
    tablet.deliver()
    tablet.expect_shown("DRILL. SOS FIRE")

    (worker,) = tablet.page.context.service_workers
    worker.evaluate(
        """async () => {
          const [notification] = await registration.getNotifications();
          const tap = new NotificationEvent("notificationclick", { notification });
          // Only the browser's own events may be waited for.
          tap.waitUntil = () => undefined;
          dispatchEvent(tap);
        }"""
    )

    tablet.expect_shown()
    wait_until(lambda: [row["state"] for row in deliveries(quiet_town, alert)] == ["seen"])
    api = quiet_town.api(quiet_town.manager)
    assert api.get(quiet_town.manager.api(f"alerts/{alert['id']}/")).json()["state"] == "active"


def test_what_cannot_be_read_shows_something_all_the_same(quiet_town: Town, device: Any) -> None:
    """A browser takes push away from a page that shows nothing for a message."""
    tablet = device(quiet_town.guard, "board/", **ALLOWED)
    tablet.give("not what it should be")

    assert tablet.expect_shown("ClustR")["body"] == "Open ClustR to see what is new."


def test_it_is_turned_off_again(quiet_town: Town, device: Any) -> None:
    guard = quiet_town.guard
    tablet = device(guard, "board/", **ALLOWED)
    start_shift(tablet.page)
    switch_on(tablet.page)
    tablet.page.get_by_role("switch", name="Wake this device").click()
    expect(tablet.page.locator("html")).to_have_attribute("data-wake", "off")

    tablet.page.reload()
    expect(tablet.page.locator("html")).to_have_attribute("data-wake", "off")
    alert = quiet_town.raise_alert(quiet_town.neighbour, "fire")
    assert deliveries(quiet_town, alert) == []


def test_it_stays_on_over_a_reload(quiet_town: Town, device: Any) -> None:
    tablet = device(quiet_town.guard, "board/", **ALLOWED)
    switch_on(tablet.page)

    tablet.page.reload()

    expect(tablet.page.locator("html")).to_have_attribute("data-wake", "on")
    tablet.page.get_by_role("switch", name="Wake this device").click()
    expect(tablet.page.locator("html")).to_have_attribute("data-wake", "off")


def test_a_browser_that_is_told_no_says_so(quiet_town: Town, device: Any) -> None:
    phone = device(quiet_town.resident, "home/", said=NO)
    expect(phone.page.locator("#wake-state")).to_contain_text("Blocked by this browser.")
    expect(phone.page.get_by_role("switch", name="Wake this device")).to_be_disabled()


def test_a_resident_hears_that_somebody_has_it(quiet_town: Town, device: Any) -> None:
    phone = device(quiet_town.resident, "home/", **ALLOWED)
    switch_on(phone.page)
    alert = quiet_town.raise_alert(quiet_town.resident, "medical")
    quiet_town.act(quiet_town.guard, alert, "acknowledge")

    phone.deliver()

    phone.expect_shown(f"{quiet_town.guard.name} has it")

"""What the pages do when the network is not there."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Town, hold_sos, is_live, start_shift, wait_until

PHONE = {"width": 360, "height": 740}


#: How many pages of an estate the worker holds.
KEPT_PAGES = """caches.keys()
  .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
  .then((all) => all.flat().filter(({ url }) => url.includes("/estates/")).length)"""


def cut(page: Page) -> None:
    """No network. Chromium's switch leaves open sockets alone, so the page's own is broken as well."""
    page.context.set_offline(True)
    expect(page.locator("html")).not_to_have_attribute("data-connection", "live")


def restore(page: Page) -> None:
    page.context.set_offline(False)


def test_an_sos_without_network_is_kept_and_goes_out_when_it_is_back(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    cut(home)
    hold_sos(home)
    home.get_by_role("button", name="Medical").click()
    expect(home.locator("#sent-title")).to_have_text("Medical: not sent yet")
    notice = home.locator("#sent-offline")
    expect(notice).to_contain_text("Your SOS is kept on this phone and goes out by itself")
    call = home.locator("#sent-call")
    expect(call).to_be_visible()
    assert (call.get_attribute("href") or "").startswith("tel:+")
    text = home.locator("#sent-text").get_attribute("href") or ""
    assert re.fullmatch(r"sms:\+\d+\?body=SOS%20Medical.*", text)
    expect(board.locator(".alert")).to_have_count(0)

    restore(home)
    expect(board.locator(".alert")).to_have_count(1)
    expect(home.locator("#sent-title")).to_have_text(re.compile(r"Medical: sent \d\d:\d\d:\d\d"))
    expect(home.locator("#sent-facts")).to_contain_text("1 guard has it")
    expect(notice).to_be_hidden()
    assert home.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox')).length") == 0


def test_a_kept_sos_survives_a_reload(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    home.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    home.reload()
    is_live(home)
    cut(home)
    hold_sos(home)
    home.get_by_role("button", name="Robbery").click()
    expect(home.locator("#sent-title")).to_have_text("Robbery: not sent yet")
    home.reload()
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    restore(home)
    expect(board.locator(".alert")).to_contain_text("Robbery", timeout=30_000)
    expect(home.locator("#sent-title")).to_have_text(re.compile("Robbery: sent"))


def test_a_press_taken_back_without_network_never_goes_out(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    cut(home)
    hold_sos(home)
    home.get_by_role("button", name="Fire").click()
    home.get_by_role("button", name="CANCEL").click()
    restore(home)
    is_live(home)
    mine = quiet_town.resident
    assert quiet_town.api(mine).get(mine.api("alerts/?state=open")).json()["results"] == []
    expect(board.locator(".alert")).to_have_count(0)
    assert home.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox')).length") == 0


def test_a_board_that_was_away_says_what_it_missed_in_order(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    is_live(board)
    cut(board)
    expect(board.locator("#connection-words")).to_have_text(re.compile("offline since|last seen"))
    first = quiet_town.raise_alert(quiet_town.resident, "intrusion")
    quiet_town.act(quiet_town.colleague, first, "acknowledge")
    quiet_town.act(quiet_town.colleague, first, "respond", eta_s=120)
    quiet_town.act(quiet_town.colleague, first, "on-scene")
    quiet_town.act(quiet_town.colleague, first, "resolve", outcome="false_alarm", report="A cat.")
    second = quiet_town.raise_alert(quiet_town.neighbour, "fire")
    expect(board.locator(".alert")).to_have_count(0)

    restore(board)
    missed = board.locator("#missed")
    expect(missed).to_be_visible(timeout=20_000)
    expect(missed.get_by_role("heading")).to_have_text(
        re.compile(r"While this board was away, \d\d:\d\d.\d\d:\d\d$")
    )
    lines = [line.split(" ", 1)[1] for line in missed.locator("li").all_inner_texts()]
    told = [line.rpartition(": ")[2] for line in lines if "Intrusion" in line]
    colleague = quiet_town.colleague.name
    assert told == [
        "raised",
        f"{colleague} has it",
        f"{colleague} is on the way",
        f"{colleague} is there",
        "resolved, false alarm",
    ]
    assert "Fire" in lines[5]
    assert lines[5].endswith("raised")
    expect(board.locator(f'.alert[data-id="{second["id"]}"]')).to_be_visible()
    expect(board.locator("html")).to_have_attribute("data-sound", "alarm")
    expect(board.locator("#recent")).to_contain_text("resolved, false alarm")
    missed.get_by_role("button", name="I have read this").click()
    expect(missed).to_be_hidden()


def test_a_press_on_the_board_without_network_is_kept_too(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    alert = quiet_town.raise_alert(quiet_town.resident, "medical")
    card = board.locator(".alert")
    expect(card).to_be_visible()
    cut(board)
    card.get_by_role("button", name="I have it").click()
    expect(card).to_contain_text("Not sent yet")
    restore(board)
    expect(card.locator(".responders")).to_contain_text(f"{quiet_town.guard.name} has it")
    expect(card.get_by_text("Not sent yet")).to_be_hidden()
    found = quiet_town.api(quiet_town.guard).get(quiet_town.guard.api(f"alerts/{alert['id']}/")).json()
    assert found["acknowledged_by"]["name"] == quiet_town.guard.name


def test_the_board_opens_without_network_and_says_so(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    is_live(board)
    board.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    board.reload()
    is_live(board)
    board.context.set_offline(True)
    board.reload()
    expect(board.locator("#connection-words")).to_have_text("no network")
    expect(board.get_by_role("heading", name="Not connected")).to_be_visible()
    expect(board.get_by_role("heading", name="All quiet")).to_be_hidden()
    board.goto(quiet_town.guard.path("desk/roles/"))
    expect(board.get_by_role("heading", name="No network")).to_be_visible()
    board.context.set_offline(False)


def test_the_worker_registers_and_never_keeps_the_api(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    is_live(board)
    board.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    kept = board.evaluate(
        """async () => {
          const names = await caches.keys();
          const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
          return lists.flat().map(({ url }) => new URL(url).pathname);
        }"""
    )
    assert "/offline/" in kept
    assert "/static/console/board.js" in kept
    assert [path for path in kept if path.startswith("/api")] == []


def test_signing_out_clears_the_persons_pages_from_the_device(quiet_town: Town, seat: Open) -> None:
    home = seat(None, "/sign-in/")
    person = quiet_town.one("serviceman")
    home.get_by_label("Phone or email").fill(person.email)
    home.get_by_label("Password").fill(person.password)
    home.get_by_role("button", name="Sign in").click()
    is_live(home)
    home.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    home.reload()
    is_live(home)
    wait_until(lambda: home.evaluate(KEPT_PAGES) == 1)
    home.locator("summary", has_text="Menu").click()
    home.get_by_role("button", name=f"Sign out {person.name}").click()
    expect(home.get_by_role("heading", name="Sign in to your estate")).to_be_visible()
    wait_until(lambda: home.evaluate(KEPT_PAGES) == 0)

"""The main job with two windows: a resident presses, a guard's board shows it, and the resident sees who comes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town, hold_sos, is_live, start_shift

PHONE = {"width": 360, "height": 740, "has_touch": True}


def test_an_sos_from_the_press_to_the_end(quiet_town: Town, seat: Open) -> None:
    guard, resident = quiet_town.guard, quiet_town.resident
    board = seat(guard, "board/")
    expect(board.get_by_role("heading", name="All quiet")).to_be_visible()
    start_shift(board)
    expect(board.locator("#on-duty")).to_contain_text(guard.name)
    home = seat(resident, "home/", **PHONE)
    is_live(home)

    # The resident presses and holds, and says what it is.
    hold_sos(home)
    home.get_by_role("button", name="Intrusion").click()
    expect(home.get_by_role("heading", name="Intrusion: SOS goes out in")).to_be_visible()
    expect(home.locator("#countdown-number")).to_have_text(re.compile("[345]"))
    expect(board.locator(".alert")).to_have_count(0)

    # The countdown ends: the board shows it, sounds, and counts; the resident sees that it has arrived.
    card = board.locator(".alert")
    expect(card).to_have_count(1)
    expect(card.get_by_role("heading")).to_have_text(re.compile("Intrusion"))
    expect(card.locator(".alert-where")).to_have_text(re.compile(rf"Unit .+ · {resident.name}"))
    expect(card.locator(".alert-age")).to_have_text(re.compile(r"^00:\d\d$"))
    expect(board.locator("html")).to_have_attribute("data-sound", "alarm")
    expect(board.locator("#say-now")).to_contain_text("Intrusion")
    expect(board.get_by_role("heading", name="All quiet")).to_be_hidden()
    expect(home.locator("#sent-title")).to_have_text(re.compile(r"^Intrusion: sent \d\d:\d\d:\d\d$"))
    expect(home.locator("#sent-facts")).to_contain_text("1 guard has it")
    expect(card.locator(".proof")).to_contain_text("Received 1/1 tablet")
    expect(card.locator(".proof")).to_contain_text("next: SMS to")
    expect(board).to_have_title(re.compile("^‼ Intrusion"))

    # The guard takes it: the sound stops, and the resident sees who it is.
    card.get_by_role("button", name="I have it").click()
    expect(board.locator("html")).to_have_attribute("data-sound", "ready")
    expect(card.locator(".responders")).to_contain_text(f"{guard.name} has it")
    expect(card.get_by_role("button", name="You have it")).to_be_disabled()
    expect(home.locator("#sent-facts")).to_contain_text(f"{guard.first_name} has it")

    card.get_by_role("button", name="On my way").click()
    card.get_by_role("button", name="2 min", exact=True).click()
    expect(home.locator("#sent-facts")).to_contain_text(
        re.compile(rf"{guard.first_name} is on the way, (2 min|1\d\d s|9\d s)")
    )
    card.get_by_role("button", name="On scene").click()
    expect(home.locator("#sent-facts")).to_contain_text(f"{guard.first_name} is there")

    # It ends with a report, and the resident confirms.
    card.get_by_role("button", name="Resolve").click()
    card.get_by_label("Real").check()
    card.get_by_label("What did you find?").fill("A ladder at the back wall, nobody on it.")
    card.get_by_role("button", name="Resolve").last.click()
    expect(board.locator(".alert")).to_have_count(0)
    expect(board.locator("#recent li").first).to_contain_text("resolved, real")
    expect(home.locator("#sent-title")).to_have_text("Intrusion: resolved, real")
    expect(home.locator("#sent-facts")).to_contain_text("A ladder at the back wall")
    home.get_by_role("button", name="I am safe, close it").click()
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    expect(home.locator("#past li").first).to_contain_text("closed, real")
    expect(board.locator("#recent li").first).to_contain_text("closed, real")
    expect(board).to_have_title(re.compile("^Board"))


def test_the_boards_receipts_stand_in_the_delivery_record(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    alert = quiet_town.raise_alert(quiet_town.resident, "medical")
    expect(board.locator(".alert")).to_be_visible()
    desk = seat(quiet_town.manager, f"desk/alerts/{alert['id']}/")
    row = desk.locator("#live-deliveries tbody tr", has_text=quiet_town.guard.name)
    expect(row.locator('[data-label="Received"]')).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(row.locator('[data-label="Seen"]')).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


def test_a_press_taken_back_in_the_countdown_reaches_nobody(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    hold_sos(home)
    home.get_by_role("button", name="Fire").click()
    home.get_by_role("button", name="CANCEL").click()
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    expect(home.locator("#say")).to_contain_text("Cancelled. Nobody was told.")
    mine = quiet_town.resident
    newest = quiet_town.api(mine).get(mine.api("alerts/?page_size=1")).json()["results"][0]
    assert newest["state"] == "cancelled"
    expect(board.locator(".alert")).to_have_count(0)


def test_letting_go_too_early_raises_nothing(quiet_town: Town, seat: Open) -> None:
    home = seat(quiet_town.resident, "home/", **PHONE)
    button = home.get_by_role("button", name="SOS")
    button.hover()
    home.mouse.down()
    home.wait_for_timeout(600)
    expect(button).to_contain_text("Keep holding")
    home.mouse.up()
    expect(button).to_contain_text("Let go too early")
    home.wait_for_timeout(1500)
    expect(button).to_be_visible()


def test_pressing_and_holding_is_enough(quiet_town: Town, seat: Open) -> None:
    """Who cannot choose any more is helped as well."""
    board = seat(quiet_town.guard, "board/")
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    hold_sos(home)
    expect(home.locator("#choose-left")).to_contain_text("Goes out as “Emergency” in")
    expect(board.locator(".alert")).to_have_count(1, timeout=25_000)
    expect(board.locator(".alert")).to_contain_text("Emergency")


def test_a_silent_sos_leaves_nothing_on_the_screen(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    home = seat(quiet_town.resident, "home/", **PHONE)
    is_live(home)
    before = home.locator("#past").inner_text()
    hold_sos(home)
    home.get_by_label("Silent").check()
    home.get_by_role("button", name="Violence at home").click()
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    card = board.locator(".alert")
    expect(card).to_contain_text("Violence at home")
    expect(card).to_contain_text("silent: do not call")
    expect(card.locator('[data-act="call"]')).to_be_hidden()
    card.get_by_role("button", name="I have it").click()
    expect(card.locator(".responders")).to_contain_text("has it")
    home.reload()
    is_live(home)
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    assert home.locator("#past").inner_text() == before
    assert "Violence" not in home.locator("main").inner_text()


def test_asking_to_cancel_tells_the_board_to_go_and_see(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    quiet_town.raise_alert(quiet_town.resident, "accident")
    home = seat(quiet_town.resident, "home/", **PHONE)
    home.get_by_role("button", name="I am safe, ask to cancel").click()
    expect(home.get_by_role("button", name="Asked to cancel")).to_be_disabled()
    expect(board.locator(".alert")).to_contain_text("asks to cancel. See for yourself first")


def test_a_colleague_taking_it_stops_the_sound_and_leaves_room_for_a_second(
    quiet_town: Town, seat: Open
) -> None:
    first, second = seat(quiet_town.guard, "board/"), seat(quiet_town.colleague, "board/")
    start_shift(first)
    start_shift(second)
    quiet_town.raise_alert(quiet_town.neighbour, "robbery")
    expect(second.locator("html")).to_have_attribute("data-sound", "alarm")
    first.locator(".alert").get_by_role("button", name="I have it").click()
    expect(second.locator("html")).to_have_attribute("data-sound", "ready")
    expect(second.locator(".responders")).to_contain_text(f"{quiet_town.guard.name} has it")
    second.locator(".alert").get_by_role("button", name="I have it too").click()
    expect(first.locator(".responders")).to_contain_text(f"{quiet_town.colleague.name} has it")


def test_a_drill_is_marked_and_stands_below_the_real_thing(quiet_town: Town, seat: Open) -> None:
    quiet_town.raise_alert(quiet_town.neighbour, "fire", drill=True)
    quiet_town.raise_alert(quiet_town.resident, "other")
    board = seat(quiet_town.guard, "board/")
    expect(board.locator(".alert")).to_have_count(2)
    expect(board.locator(".alert").first).to_contain_text("Emergency")
    expect(board.locator(".alert").last.get_by_text("DRILL", exact=True)).to_be_visible()
    expect(board.locator(".alert").first.get_by_text("DRILL", exact=True)).to_be_hidden()


def test_the_way_to_the_alert_is_said_where_both_places_are_known(quiet_town: Town, seat: Open) -> None:
    here = {"latitude": 6.44, "longitude": 3.47}
    board = seat(quiet_town.guard, "board/", geolocation=here, permissions=["geolocation"])
    quiet_town.raise_alert(quiet_town.resident, "medical", position={"lat": 6.4427, "lon": 3.4727})
    expect(board.locator(".alert-place")).to_contain_text("420 m north-east")


def test_the_desk_follows_by_itself(quiet_town: Town, seat: Open) -> None:
    desk = seat(quiet_town.manager, "desk/alerts/")
    is_live(desk)
    alert = quiet_town.raise_alert(quiet_town.resident, "fire", note="Smoke")
    first = desk.locator("tbody tr").first
    expect(first).to_contain_text("Nobody has it")
    expect(desk.get_by_role("link", name="Open (1)")).to_be_visible()
    first.get_by_role("link").click()
    quiet_town.act(quiet_town.guard, alert, "acknowledge")
    expect(desk.locator("#live-timeline")).to_contain_text(f"{quiet_town.guard.name} has it.")
    expect(desk.locator("#live-facts")).to_contain_text("Acknowledged")
    desk.get_by_role("button", name="Resolve").click()
    desk.get_by_label("False alarm").check()
    desk.get_by_label("What was found?").fill("Burnt toast.")
    desk.get_by_role("button", name="Resolve").last.click()
    expect(desk.locator("#live-facts")).to_contain_text("Burnt toast.")
    desk.get_by_role("button", name="Close").click()
    expect(desk.locator("#live-facts")).to_contain_text("Closed, false alarm")


def test_contacts_are_added_and_removed(quiet_town: Town, seat: Open) -> None:
    home = seat(quiet_town.one("accountant"), "home/", **PHONE)
    home.get_by_label("Name").fill("Uncle Ben")
    home.get_by_label("Phone").fill("nonsense")
    home.get_by_role("button", name="Add").click()
    expect(home.locator("#contact-trouble")).to_be_visible()
    home.get_by_label("Phone").fill("+447700900777")
    home.get_by_role("button", name="Add").click()
    expect(home.locator("#contacts")).to_contain_text("Uncle Ben")
    expect(home.locator("#contact-trouble")).to_be_hidden()
    home.get_by_role("button", name="Remove Uncle Ben").click()
    expect(home.locator("#contacts")).not_to_contain_text("Uncle Ben")


@pytest.mark.parametrize("path", ["board/", "desk/roles/"])
def test_a_page_that_is_not_ones_own_says_so(path: str, quiet_town: Town, seat: Open) -> None:
    page = seat(quiet_town.resident, path)
    expect(page.get_by_role("heading", name="This page is not for your role")).to_be_visible()

"""Words on an alert: the guard asks, the one who hides answers with a thumb, and each sees that it was read."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town, hold_sos, is_live, start_shift
from tests.browser.test_scene import PHONE


def test_a_talk_between_the_board_and_the_phone(quiet_town: Town, seat: Open) -> None:
    guard, resident = quiet_town.guard, quiet_town.resident
    board = seat(guard, "board/")
    start_shift(board)
    home = seat(resident, "home/", **PHONE)
    is_live(home)
    hold_sos(home)
    home.get_by_role("button", name="Intrusion").click()
    card = board.locator(".alert")
    expect(card).to_have_count(1)

    # The guard writes: the phone says so before the words are there, then shows them and has read them.
    card.get_by_role("button", name="Message", exact=True).click()
    card.get_by_label("Message", exact=True).press_sequentially("Where in the house are you?", delay=20)
    thread = home.locator("#sent-thread")
    expect(thread.locator(".thread-writing")).to_have_text(f"{guard.first_name} is writing…")
    card.get_by_role("button", name="Send", exact=True).click()
    expect(thread.locator("li")).to_have_text(re.compile(rf"{guard.name}\s*Where in the house are you\?"))
    expect(thread.locator(".thread-writing")).to_have_text("")
    expect(card.locator(".thread-mark")).to_have_text(f"read by {resident.first_name}")
    expect(home.locator("#say")).to_contain_text("Where in the house are you?")

    # Who cannot write presses one button; the board shows it and the phone sees that it was read.
    home.get_by_role("button", name="I am hiding").click()
    expect(card.locator(".thread-lines li").last).to_contain_text("I am hiding")
    expect(thread.locator(".thread-mark")).to_have_text(re.compile(rf"read by .*{guard.first_name}"))
    desk = seat(quiet_town.manager, f"desk/alerts/{card.get_attribute('data-id')}/")
    expect(desk.get_by_text(f"{resident.name}: I am hiding")).to_be_visible()


def test_words_without_a_network_wait_and_stand_behind_nothing(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    alert = quiet_town.raise_alert(quiet_town.resident, "medical")
    card = board.locator(f'.alert[data-id="{alert["id"]}"]')
    card.get_by_role("button", name="Message", exact=True).click()
    board.context.set_offline(True)
    card.get_by_role("button", name="Lock the door").click()
    expect(card.locator(".thread-mark")).to_have_text("sending…")
    card.get_by_role("button", name="I have it").click()
    board.context.set_offline(False)
    expect(card.get_by_role("button", name="You have it")).to_be_disabled()
    expect(card.locator(".thread-lines li")).to_have_text(re.compile(r"You\s*Lock the door$"))


def test_a_silent_alert_shows_no_words_on_the_phone(quiet_town: Town, seat: Open) -> None:
    resident = quiet_town.resident
    home = seat(resident, "home/", **PHONE)
    is_live(home)
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    alert = quiet_town.raise_alert(resident, "robbery", silent=True)
    card = board.locator(f'.alert[data-id="{alert["id"]}"]')
    card.get_by_role("button", name="Message", exact=True).click()
    expect(card.get_by_text("a silent alert shows nothing on its phone")).to_be_visible()
    card.get_by_role("button", name="Are you safe?").click()
    expect(card.locator(".thread-lines li")).to_contain_text("Are you safe?")
    home.reload()
    is_live(home)
    expect(home.get_by_role("button", name="SOS")).to_be_visible()
    expect(home.get_by_text("Are you safe?")).to_have_count(0)


def test_many_words_do_not_push_the_board_away(quiet_town: Town, seat: Open) -> None:
    alert = quiet_town.raise_alert(quiet_town.resident, "fire")
    client = quiet_town.api(quiet_town.guard)
    for number in range(8):
        client.post(quiet_town.guard.api(f"alerts/{alert['id']}/messages/"), json={"text": f"word {number}"})
    board = seat(quiet_town.guard, "board/", width=360, height=740)
    card = board.locator(f'.alert[data-id="{alert["id"]}"]')
    expect(card.locator(".thread-lines li")).to_have_count(3)
    expect(card.locator(".thread-lines li").last).to_contain_text("word 7")
    card.get_by_role("button", name="5 earlier messages").click()
    expect(card.locator(".thread-lines li")).to_have_count(8)
    assert board.evaluate("document.documentElement.scrollWidth <= innerWidth")

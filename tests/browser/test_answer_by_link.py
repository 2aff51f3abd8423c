"""A guard whose tablet is dead has a telephone with a text on it."""

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town
from tests.browser.test_scene import PHONE


def test_one_tap_in_a_text_is_seen_on_the_board_and_by_the_person_in_need(
    quiet_town: Town, seat: Open
) -> None:
    board = seat(quiet_town.colleague, "board/")
    home = seat(quiet_town.resident, "home/", **PHONE)
    before = quiet_town.texts_so_far()
    alert = quiet_town.raise_alert(quiet_town.resident, "fire", note="Kitchen")
    expect(board.locator(".alert")).to_have_count(1)

    phone = seat(None, quiet_town.link_in_text_to(quiet_town.guard, since=before), **PHONE)
    expect(phone.get_by_role("heading", name="Fire")).to_be_visible()
    expect(phone.get_by_role("main")).to_contain_text("Kitchen")
    take = phone.get_by_role("button", name="I HAVE IT")
    box = take.bounding_box()
    assert box is not None
    assert box["height"] >= 64
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    take.click()

    expect(phone.get_by_role("heading", name=f"You have it, {quiet_town.guard.name}")).to_be_visible()
    expect(board.locator(".alert")).to_contain_text(f"{quiet_town.guard.name} has it")
    expect(home.locator("#sent-facts")).to_contain_text(f"{quiet_town.guard.first_name} has it")
    record = quiet_town.api(quiet_town.manager).get(quiet_town.manager.api(f"alerts/{alert['id']}/timeline/"))
    assert "by the link he was sent" in record.text

    phone.get_by_role("link", name="Open the board").click()
    expect(phone.get_by_label("Phone or email")).to_be_visible()

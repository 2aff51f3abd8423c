"""The desk keeps API keys: one is made, shown once, works, and is revoked."""

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town


def test_a_manager_makes_a_key_that_works_until_it_is_revoked(quiet_town: Town, seat: Open) -> None:
    manager = quiet_town.manager
    desk = seat(manager, "desk/keys/", width=360, height=740)
    desk.get_by_label("For which program").fill("Register")
    desk.get_by_role("button", name="Make the key").click()
    expect(desk.get_by_role("alert").filter(has_text="Choose what it may do.")).to_be_visible()
    desk.get_by_label("See the estate he belongs to").check()
    desk.get_by_role("button", name="Make the key").click()
    expect(desk.locator("#made-key")).to_contain_text("clustr_")
    key = desk.locator("#made-key").text_content() or ""
    desk.get_by_role("button", name="Copy").click()
    expect(desk.locator("#copied")).not_to_be_empty()

    def ask() -> int:
        address = desk.url.split("/estates/")[0] + manager.api("")
        return httpx.get(address, headers={"Authorization": f"Bearer {key}"}).status_code

    assert ask() == 200
    desk.get_by_role("link", name="I have it").click()
    row = desk.get_by_role("row").filter(has_text="Register")
    expect(row).not_to_contain_text("never")
    expect(desk.get_by_text(key)).to_have_count(0)
    revoke = row.get_by_role("button")
    revoke.click()
    expect(revoke).to_have_text("Revoke, really")
    revoke.click()
    expect(row).to_contain_text("Revoked")
    assert ask() == 401

"""Your account, in a browser."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Open
from tests.browser.people import Town
from tests.browser.test_for_everybody import SMALL, no_sideways_scroll, small_targets


def test_another_device_is_signed_out_from_the_list(quiet_town: Town, seat: Open, browser: Browser) -> None:
    resident = quiet_town.resident
    elsewhere = browser.new_context(base_url=quiet_town.base_url, user_agent="A lost phone")
    lost = elsewhere.new_page()
    lost.goto("/sign-in/")
    lost.get_by_label("Phone or email").fill(resident.email)
    lost.get_by_label("Password").fill(resident.password)
    lost.get_by_role("button", name="Sign in").click()
    lost.wait_for_url("**/home/")

    page = seat(resident, "/settings/", **SMALL)
    row = page.locator("#sessions li").filter(has_text="A lost phone")
    no_sideways_scroll(page)
    assert small_targets(page) == []
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")

    expect(row).to_have_count(0)
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_focused()
    lost.goto("/")
    expect(lost).to_have_url(f"{quiet_town.base_url}/sign-in/?next=/")
    elsewhere.close()


def test_a_refused_password_says_why(quiet_town: Town, seat: Open) -> None:
    page = seat(quiet_town.resident, "/settings/", **SMALL)
    page.get_by_label("Your password now").fill(quiet_town.resident.password)
    page.get_by_label("The new one").fill("password123")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#password-trouble")).to_contain_text("too common")
    page.get_by_label("Your password now").fill("wrong")
    page.get_by_label("The new one").fill("nine-kettles-in-a-boat")
    page.get_by_role("button", name="Change password").click()
    expect(page.locator("#password-trouble")).to_be_visible()

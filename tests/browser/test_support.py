"""A platform admin enters with a reason; the manager sees it at once on his page, and ends it there."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Open, listen
from tests.browser.people import Town

REASON = "Your import of units fails"


def test_support_enters_announced_and_is_put_out(quiet_town: Town, seat: Open, browser: Browser) -> None:
    manager = quiet_town.manager
    desk = seat(manager, "desk/keys/", width=360, height=740)
    expect(desk.locator("#connection-words")).to_contain_text("live")
    _, state = quiet_town.platform_admin("pat@example.test")
    context = browser.new_context(base_url=quiet_town.base_url, storage_state=state, locale="en-GB")
    troubles: list[str] = []
    platform = context.new_page()
    listen(platform, troubles)
    platform.goto("/")
    form = platform.get_by_role("form", name="Enter Palm Court")
    form.get_by_label("Why, as its managers read it").fill(REASON)
    form.get_by_role("button", name="Enter").click()
    expect(platform.get_by_role("heading", name="People")).to_be_visible()
    expect(platform.get_by_text("is in this estate")).to_be_visible()
    platform.goto(manager.path("desk/roles/"))
    expect(platform.locator("#connection-words")).to_contain_text("live")

    banner = desk.locator(".supporter")
    expect(banner).to_contain_text("Pat Reed of ClustR support is in this estate")
    expect(banner).to_contain_text(REASON)
    banner.get_by_role("button", name="End it now").click()
    banner.get_by_role("button", name="End it, really").click()
    expect(banner).to_have_count(0)
    assert troubles == []
    platform.goto(manager.path("desk/people/"))
    expect(platform.get_by_role("heading", name="People")).to_have_count(0)
    context.close()
    desk.goto(manager.path("desk/support/"))
    row = desk.get_by_role("row").filter(has_text=REASON)
    expect(row).to_contain_text(manager.name)

"""Your account, in a browser."""

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.people import Town, wait_until
from tests.browser.test_for_everybody import SMALL, no_sideways_scroll, small_targets
from tests.support.authenticator import code_of


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


def sign_in(page: Page, town: Town, path: str = "/settings/") -> None:
    page.goto(f"/sign-in/?next={path}")
    page.get_by_label("Phone or email").fill(town.neighbour.email)
    page.get_by_label("Password").fill(town.neighbour.password)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/sign-in/")


def test_a_second_step_is_set_up_used_and_switched_off(quiet_town: Town, seat: Open) -> None:
    page = seat(None, "/sign-in/", **SMALL)
    sign_in(page, quiet_town)
    password = page.get_by_label("Your password", exact=True)
    password.fill("wrong")
    page.get_by_role("button", name="Set up an authenticator app").click()
    expect(page.locator("#second-trouble")).to_be_visible()
    password.fill(quiet_town.neighbour.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Scan this")).to_be_focused()
    assert page.locator("#app-code").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    secret = (page.locator("#app-secret").text_content() or "").replace(" ", "")
    page.get_by_label("The six digits that it shows").fill(code_of(secret, steps=-1))
    page.get_by_role("button", name="Switch on").click()
    codes = page.locator("#codes-list li")
    expect(codes).to_have_count(10)
    no_sideways_scroll(page)
    assert small_targets(page) == []
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("#factors")).to_contain_text("Authenticator app")

    sign_out(page)
    sign_in(page, quiet_town)
    page.get_by_label("Code of your authenticator app").fill(code_of(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/")

    page.get_by_label("Your password", exact=True).fill(quiet_town.neighbour.password)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off: your password alone")).to_be_visible()


def test_a_security_key_is_the_second_step(quiet_town: Town, browser: Browser) -> None:
    """Chromium plays the key. It knows no address but a name, so the page is opened by this machine's."""
    context = browser.new_context(base_url=quiet_town.base_url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, quiet_town)
    page.get_by_label("Your password", exact=True).fill(quiet_town.neighbour.password)
    page.get_by_role("button", name="Add a security key").click()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.locator("#factors")).to_contain_text("Security key")

    sign_out(page)
    sign_in(page, quiet_town)
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url("**/settings/")

    page.get_by_label("Your password", exact=True).fill(quiet_town.neighbour.password)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off: your password alone")).to_be_visible()
    context.close()


def test_a_number_is_asked_to_be_proved(quiet_town: Town, seat: Open) -> None:
    page = seat(None, "/sign-in/", **SMALL)
    sign_in(page, quiet_town)
    phone = page.get_by_role("region", name="Phone")
    phone.get_by_label("Another number").fill("+44 7700 900 888")
    phone.get_by_label("Password, to be sure").fill(quiet_town.neighbour.password)
    phone.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("The six digits that were texted")).to_be_focused()
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    expect(page.locator("#phone-code-trouble")).to_contain_text("Incorrect code")
    no_sideways_scroll(page)
    assert small_targets(page) == []


def test_another_email_counts_once_its_code_is_typed(quiet_town: Town, seat: Open) -> None:
    page = seat(None, "/sign-in/", **SMALL)
    sign_in(page, quiet_town)
    email = page.get_by_role("region", name="Email")
    email.get_by_label("Another address").fill("another@example.test")
    email.get_by_label("Password, to be sure").fill(quiet_town.neighbour.password)
    email.get_by_role("button", name="Send the code").click()
    expect(page.get_by_label("The six digits that were mailed")).to_be_focused()
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    expect(page.locator("#email-code-trouble")).to_contain_text("Incorrect code")
    expect(email).to_contain_text(quiet_town.neighbour.email)
    no_sideways_scroll(page)
    assert small_targets(page) == []


def test_a_manager_without_a_second_step_is_told_to_set_up_his_own(quiet_town: Town, seat: Open) -> None:
    page = seat(quiet_town.manager, "desk/roles/", **SMALL)
    page.get_by_label("Managers and security heads need a second step").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#security-trouble")).to_contain_text("Set it up in your account")
    no_sideways_scroll(page)
    assert small_targets(page) == []


def test_a_name_is_changed_and_a_device_is_forgotten_with_the_keyboard(quiet_town: Town, seat: Open) -> None:
    neighbour = quiet_town.neighbour
    home = seat(neighbour, "home/", **SMALL)
    page = seat(neighbour, "/settings/profile/", **SMALL)
    name = page.get_by_label("Name")
    name.fill("42")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="at least one letter")).to_be_visible()
    name.fill(f"{neighbour.name} Junior")
    page.keyboard.press("Enter")
    expect(page.locator(".bar-who")).to_have_text(f"{neighbour.name} Junior")
    no_sideways_scroll(page)
    assert small_targets(page) == []
    name.fill(neighbour.name)
    page.keyboard.press("Enter")
    expect(page.locator(".bar-who")).to_have_text(neighbour.name)

    home.close()
    page.get_by_role("navigation", name="Your account").get_by_role("link", name="Devices").click()
    expect(page.locator("#devices, .empty")).to_be_visible()
    no_sideways_scroll(page)
    assert small_targets(page) == []


def test_a_switch_is_turned_with_the_keyboard_and_quiet_hours_are_kept(quiet_town: Town, seat: Open) -> None:
    page = seat(quiet_town.resident, "/settings/notifications/", **SMALL)
    moved = page.get_by_role("switch", name="Text message").first
    expect(moved).not_to_be_checked()
    moved.focus()
    page.keyboard.press(" ")
    expect(moved).to_be_checked()
    hours = page.get_by_role("switch", name="Quiet hours")
    hours.focus()
    page.keyboard.press(" ")
    page.get_by_label("From").fill("21:30")
    page.get_by_label("To").fill("21:30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="end at another time")).to_be_visible()
    page.get_by_label("To").fill("05:00")
    no_sideways_scroll(page)
    assert small_targets(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved").first).to_be_visible()

    page.reload()
    expect(moved).to_be_checked()
    expect(page.get_by_label("From")).to_have_value("21:30")
    moved.uncheck()
    hours.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved").first).to_be_visible()


def test_a_resident_shows_himself_to_his_neighbours_and_hides_again(quiet_town: Town, seat: Open) -> None:
    resident = quiet_town.resident
    page = seat(resident, "/settings/privacy/", **SMALL)
    page.get_by_label("Phone").select_option("neighbours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Show your name as well")).to_be_visible()
    page.get_by_label("Name").select_option("neighbours")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="Show your name")).to_have_count(0)
    no_sideways_scroll(page)
    assert small_targets(page) == []

    other = seat(quiet_town.neighbour, "neighbours/", **SMALL)
    expect(other.get_by_role("row").filter(has_text=resident.name)).to_contain_text(resident.phone)
    no_sideways_scroll(other)
    assert small_targets(other) == []
    for field in ("Phone", "Name"):
        page.get_by_label(field).select_option("nobody")
    # The page is shown anew when it was taken.
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name")).to_have_value("nobody")
    other.reload()
    expect(other.get_by_role("row").filter(has_text=resident.name)).to_have_count(0)


def test_my_data_is_taken_out_and_an_erasure_taken_back(quiet_town: Town, seat: Open) -> None:
    page = seat(None, "/sign-in/", **SMALL)
    sign_in(page, quiet_town, "/settings/data/")
    password = page.get_by_label("Password, to be sure")
    password.fill("wrong")
    # "Make a new file", where there was one.
    page.get_by_role("button", name=re.compile(r"^Make .+ file$")).click()
    expect(page.locator("#export-trouble")).to_be_visible()
    password.fill(quiet_town.neighbour.password)
    page.keyboard.press("Enter")
    fetch = page.get_by_role("link", name="Fetch the file")
    expect(fetch).to_be_visible()
    with page.expect_download() as download:
        fetch.click()
    assert download.value.suggested_filename.endswith(".zip")
    no_sideways_scroll(page)
    assert small_targets(page) == []

    page.get_by_label("Your password").fill(quiet_town.neighbour.password)
    erase = page.get_by_role("button", name="Erase my account")
    erase.click()
    page.get_by_role("button", name="Erase it, really").click()
    expect(page.get_by_text("Your account will be erased on")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Keep my account").click()
    expect(erase).to_be_visible()
    expect(page.get_by_text("Your account will be erased on")).to_have_count(0)


def test_what_is_pressed_before_the_script_runs_waits_for_it(quiet_town: Town, browser: Browser) -> None:
    """And is never sent the browser's way, which would put the password into the address."""
    # A service worker would have the script at hand.
    context = browser.new_context(base_url=quiet_town.base_url, service_workers="block")
    page = context.new_page()
    page.goto("/sign-in/")
    sign_in(page, quiet_town)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/console/settings.js", hold)
    page.goto("/settings/", wait_until="commit")
    # Refused because everybody has it; a wrong password would count towards the lock.
    page.get_by_label("Your password now").fill(quiet_town.neighbour.password)
    page.get_by_label("The new one").fill("1234567890")
    page.get_by_role("button", name="Change password").click()
    wait_until(lambda: len(held) == 1)
    assert "?" not in page.url
    held[0].continue_()
    expect(page.locator("#password-trouble")).to_be_visible()
    assert "?" not in page.url
    context.close()

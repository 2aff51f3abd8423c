"""From nothing to an estate that works: sign-up, the estate, units, people, ladder, drill, second step."""

import re
import secrets
import time

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Town
from tests.browser.test_for_everybody import SMALL, no_sideways_scroll, small_targets
from tests.support.authenticator import code_of

PASSWORD = "a-long-walk-9-times"
UNITS = "block,name\nAcacia,A-1\nAcacia,A-2\nBaobab,B-1\n"
PEOPLE = "name,phone,unit,kind\nGuard One,{phone},A-1,tenant\n"


def mailed_code(town: Town, address: str) -> str:
    """The newest code that the console provider kept for this address."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        lines = town.mails()
        codes = [re.search(r"\b\d{6}\b", line.partition("Mail to ")[2]) for line in lines if address in line]
        if codes and codes[-1]:
            return codes[-1][0]
        time.sleep(0.1)
    raise AssertionError(f"no code for {address}")


def fits(page: Page) -> None:
    no_sideways_scroll(page)
    assert small_targets(page) == []


def bring_in(desk: Page, kind: str, content: str) -> None:
    file = FilePayload(name=f"{kind}.csv", mimeType="text/csv", buffer=content.encode())
    desk.get_by_label("List", exact=True).select_option(kind)
    desk.get_by_label("File", exact=True).set_input_files(file)
    desk.get_by_role("button", name="Try it out").click()
    expect(desk.locator("#import-state")).to_have_text(re.compile("^Tried out"))
    desk.get_by_role("button", name="Bring it in").click()
    expect(desk.locator("#import-state")).to_have_text("Brought in")


def test_a_new_person_starts_an_estate_and_plays_it_through_to_the_drill(
    quiet_town: Town, seat: Open
) -> None:
    # Others each time: a second try meets what the first one made.
    number = secrets.randbelow(10**8)
    email, phone = f"efe{number}@acacia.example", f"+2547{number:08}"
    page = seat(None, "/sign-in/", **SMALL)
    page.get_by_role("link", name="Make an account").click()
    fits(page)
    page.get_by_label("Your name").fill("Efe Eze")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    fits(page)
    page.get_by_label("Six digits").fill(mailed_code(quiet_town, email))
    page.keyboard.press("Enter")

    page.get_by_role("link", name="Start an estate of your own").click()
    fits(page)
    page.get_by_label("Its name").fill("Acacia Park")
    page.get_by_label("Country").select_option(label="Kenya")
    expect(page.get_by_label("Time zone")).to_have_value("Africa/Nairobi")
    page.get_by_role("button", name="Start it").click()
    expect(page.get_by_role("heading", name="Set up Acacia Park")).to_be_visible()
    expect(page.get_by_text("0 of 5 steps done")).to_be_visible()
    fits(page)
    start = page.url

    page.get_by_role("link", name="Import a list").first.click()
    bring_in(page, "units", UNITS)
    page.reload()
    bring_in(page, "people", PEOPLE.format(phone=phone))
    page.goto("/")
    expect(page).to_have_url(start)
    expect(page.get_by_text("2 of 5 steps done")).to_be_visible()
    expect(page.get_by_text("3 units")).to_be_visible()

    page.get_by_role("link", name="Invite people").click()
    page.get_by_role("link", name="Guard One").click()
    page.get_by_label("Another role").select_option("Guard")
    page.get_by_role("button", name="Give").click()
    expect(page.locator("li").filter(has_text="Guard").first).to_be_visible()

    page.goto(start)
    page.get_by_role("link", name="Choose a ladder").click()
    fits(page)
    page.get_by_role("button", name="Take Everybody at once").click()
    expect(page.get_by_text("Holds now")).to_have_count(1)

    page.goto(start)
    drill = page.get_by_role("button", name="Place a drill")
    drill.press("Enter")
    page.get_by_role("button", name="Yes, place the drill now").press("Enter")
    told = page.locator("#live-drill")
    expect(told).to_contain_text("Guard One")
    expect(told.locator("li").filter(has_text="SMS")).to_contain_text("sent")
    assert any("DRILL" in text for text in quiet_town.texts(phone))
    fits(page)

    page.get_by_role("link", name="Drill no. 1").click()
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Resolve").click()
    page.get_by_label("Test").check()
    page.get_by_label("What was found?").fill("The text came.")
    page.locator("#ending").get_by_role("button", name="Resolve").click()
    expect(page.locator("#live-facts .state")).to_have_text("Resolved, test")

    page.goto("/settings/")
    expect(page.get_by_role("region", name="Email")).to_contain_text("signs you in, too")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set up an authenticator app").click()
    expect(page.get_by_role("heading", name="Scan this")).to_be_focused()
    secret = (page.locator("#app-secret").text_content() or "").replace(" ", "")
    page.get_by_label("The six digits that it shows").fill(code_of(secret))
    page.get_by_role("button", name="Switch on").click()
    page.get_by_role("button", name="I have kept them").click()

    page.goto(start)
    expect(page.get_by_text("All five steps are done.")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Go to the desk").click()
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/desk/alerts/$"))


def test_a_forgotten_password_is_set_anew_by_a_code_with_the_keyboard(quiet_town: Town, seat: Open) -> None:
    neighbour = quiet_town.neighbour
    page = seat(None, "/sign-in/", **SMALL)
    page.get_by_role("link", name="Forgotten your password?").click()
    expect(page.get_by_role("heading", name="Set a new password")).to_be_visible()
    expect(page.get_by_label("Phone or email")).to_be_focused()
    fits(page)
    page.keyboard.type(neighbour.email)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Six digits")).to_be_focused()
    fits(page)
    page.keyboard.type(mailed_code(quiet_town, neighbour.email))
    page.keyboard.press("Tab")
    # The same again: other tests sign in with it.
    page.keyboard.type(neighbour.password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is set")).to_be_visible()
    fits(page)

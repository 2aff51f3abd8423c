"""Small screens, keyboards, screen readers, dark nights."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Town, hold_sos, is_live, start_shift

SMALL = {"width": 360, "height": 640}


def no_sideways_scroll(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("innerWidth"), f"{page.url} is {width} wide"


def small_targets(page: Page) -> list[str]:
    """Buttons, links in menus and fields under 44 pixels: what a gloved finger misses."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, summary, input, select, textarea, .choice")]
          .filter((one) => one.offsetParent && !one.closest(".visually-hidden, .choice > input"))
          .filter((one) => !(one.matches("input") && ["radio", "checkbox", "hidden"].includes(one.type)))
          .filter((one) => one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def first_stop(page: Page) -> None:
    """Press Tab until something on the page has the focus: the browser's own buttons may have had it before."""
    page.bring_to_front()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            return


def test_nothing_scrolls_sideways_on_a_small_phone(quiet_town: Town, seat: Open) -> None:
    alert = quiet_town.raise_alert(quiet_town.neighbour, "domestic_violence", note="A" * 200)
    quiet_town.raise_alert(quiet_town.one("child"), "fire", drill=True)
    manager = quiet_town.manager
    for path in (
        "board/",
        "home/",
        "desk/alerts/",
        f"desk/alerts/{alert['id']}/",
        "desk/posts/",
        "desk/roles/",
    ):
        page = seat(manager, path, **SMALL)
        if path != "desk/roles/":
            is_live(page)
        no_sideways_scroll(page)
        assert small_targets(page) == []
    for path in ("/sign-in/", "/offline/"):
        no_sideways_scroll(seat(None, path, **SMALL))


def test_the_sos_steps_fit_a_small_phone(quiet_town: Town, seat: Open) -> None:
    home = seat(quiet_town.resident, "home/", **SMALL)
    is_live(home)
    sos = home.get_by_role("button", name="SOS").bounding_box()
    assert sos
    assert sos["height"] >= 640 / 4
    assert sos["y"] + sos["height"] <= 640
    hold_sos(home)
    no_sideways_scroll(home)
    for category in ("Medical", "Accident"):
        box = home.get_by_role("button", name=category).bounding_box()
        assert box
        assert box["height"] >= 64
        assert box["y"] + box["height"] <= 640
    home.get_by_role("button", name="Medical").click()
    no_sideways_scroll(home)
    cancel = home.get_by_role("button", name="CANCEL").bounding_box()
    assert cancel
    assert cancel["y"] + cancel["height"] <= 640
    home.get_by_role("button", name="CANCEL").click()


def test_an_sos_by_keyboard_alone(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    home = seat(quiet_town.resident, "home/")
    is_live(home)
    first_stop(home)
    expect(home.get_by_role("link", name="Skip to content")).to_be_focused()
    home.get_by_role("button", name="SOS").focus()
    home.keyboard.down("Enter")
    expect(home.get_by_role("heading", name="What is happening?")).to_be_focused()
    # A held key repeats: it must choose nothing.
    home.keyboard.down("Enter")
    home.keyboard.up("Enter")
    expect(home.get_by_role("heading", name="What is happening?")).to_be_visible()
    home.keyboard.press("Tab")
    expect(home.get_by_role("button", name="Medical")).to_be_focused()
    home.keyboard.press("Enter")
    expect(home.locator("#sent-title")).to_contain_text("Medical: sent")

    # The guard answers by keyboard, and nothing takes the focus from him when the alert changes meanwhile.
    card = board.locator(".alert")
    expect(card).not_to_have_attribute("inert", "")
    card.get_by_role("button", name="I have it").focus()
    board.keyboard.press("Enter")
    expect(card.locator(".responders")).to_contain_text("has it")
    way = card.get_by_role("button", name="On my way")
    way.focus()
    board.keyboard.press(" ")
    expect(way).to_have_attribute("aria-expanded", "true")
    quiet_town.act(quiet_town.resident, {"id": card.get_attribute("data-id")}, "cancel-request")
    expect(card).to_contain_text("asks to cancel")
    expect(way).to_be_focused()


def test_an_sos_by_screen_reader_takes_two_presses(quiet_town: Town, seat: Open) -> None:
    """A double tap with TalkBack or VoiceOver is a click without a press before it."""
    home = seat(quiet_town.resident, "home/", **SMALL)
    button = home.get_by_role("button", name="SOS")
    button.dispatch_event("click")
    expect(button).to_contain_text("Press once more")
    expect(home.locator("#say")).to_contain_text("Press once more within five seconds")
    button.dispatch_event("click")
    expect(home.get_by_role("heading", name="What is happening?")).to_be_visible()
    home.get_by_role("button", name="Cancel, no emergency").click()
    expect(button).to_be_focused()


def test_a_new_alert_interrupts_a_screen_reader_and_the_rest_waits_its_turn(
    quiet_town: Town, seat: Open
) -> None:
    board = seat(quiet_town.guard, "board/")
    is_live(board)
    expect(board.locator("#say-now")).to_have_attribute("aria-live", "assertive")
    expect(board.locator("#say")).to_have_attribute("aria-live", "polite")
    alert = quiet_town.raise_alert(quiet_town.resident, "fire")
    expect(board.locator("#say-now")).to_contain_text("Fire, Unit")
    quiet_town.act(quiet_town.colleague, alert, "acknowledge")
    expect(board.locator("#say")).to_contain_text(f"{quiet_town.colleague.name} has it")
    expect(board.locator("#say-now")).not_to_contain_text("has it")
    expect(board.get_by_role("article", name="Fire")).to_be_visible()


def test_a_mute_board_says_that_it_is_mute(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/")
    start_shift(board)
    board.reload()
    is_live(board)
    warning = board.get_by_role("button", name="Sound is off. Tap to turn it on.")
    expect(warning).to_be_visible()
    quiet_town.raise_alert(quiet_town.resident, "fire")
    expect(board.locator(".alert")).to_be_visible()
    warning.click()
    expect(board.locator("html")).to_have_attribute("data-sound", "alarm")
    expect(warning).to_be_hidden()


def test_dark_follows_the_system_and_the_switch_wins(quiet_town: Town, seat: Open) -> None:
    board = seat(quiet_town.guard, "board/", color_scheme="dark")
    expect(board.locator("html")).to_have_attribute("data-theme", "dark")
    board.emulate_media(color_scheme="light")
    expect(board.locator("html")).to_have_attribute("data-theme", "light")
    board.locator("summary", has_text="Menu").click()
    board.get_by_role("button", name="Dark").click()
    expect(board.locator("html")).to_have_attribute("data-theme", "dark")
    board.reload()
    expect(board.locator("html")).to_have_attribute("data-theme", "dark")


#: Relative luminance and contrast as WCAG 2 defines them, for every piece of text that stands on the page.
CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgb(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!hasText || !element.offsetParent || element.closest(".visually-hidden, .skip, .sprite")) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    found.push([ratio, element.textContent.trim().slice(0, 40)]);
  }
  return found.sort((x, y) => x[0] - y[0]).slice(0, 3);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_keeps_a_contrast_of_seven_to_one(scheme: str, quiet_town: Town, seat: Open) -> None:
    taken = quiet_town.raise_alert(quiet_town.resident, "fire", note="Smoke")
    quiet_town.act(quiet_town.colleague, taken, "respond", eta_s=300)
    quiet_town.raise_alert(quiet_town.neighbour, "robbery")
    board = seat(quiet_town.guard, "board/", color_scheme=scheme)
    is_live(board)
    expect(board.locator(".alert")).to_have_count(2)
    worst = board.evaluate(CONTRAST)
    assert worst[0][0] >= 7, worst


def test_the_menu_names_the_pages_and_marks_where_one_is(quiet_town: Town, seat: Open) -> None:
    desk = seat(quiet_town.manager, "desk/alerts/")
    desk.locator("summary", has_text="Menu").click()
    menu = desk.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link")).to_have_text(
        [
            re.compile(text)
            for text in (
                "Guard board",
                "Home and SOS",
                "Set up the estate",
                "Alerts",
                "Who is told when",
                "Guard posts",
                "People",
                "Units",
                "Who asks to join",
                "Invitations",
                "Import and export",
                "Who did what",
                "API keys",
                "Support access",
                "Who may do what",
                "Your account",
            )
        ]
    )
    expect(menu.get_by_role("link", name="Alerts")).to_have_attribute("aria-current", "page")
    desk.keyboard.press("Escape")
    expect(menu).to_be_hidden()

"""Import and export at the desk: a file is tried out, corrected, brought in; long ones are counted live."""

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Town


def hand_in(desk: Page, content: str) -> None:
    file = FilePayload(name="units.csv", mimeType="text/csv", buffer=content.encode())
    desk.get_by_label("List", exact=True).select_option("units")
    desk.get_by_label("File", exact=True).set_input_files(file)
    desk.get_by_role("button", name="Try it out").click()


def test_a_manager_brings_units_in_on_a_phone(quiet_town: Town, seat: Open) -> None:
    desk = seat(quiet_town.manager, "desk/lists/")
    desk.set_viewport_size({"width": 360, "height": 740})
    expect(desk.get_by_role("link", name="Residents as XLSX")).to_be_visible()

    hand_in(desk, "block,name,owner\nC,C-01,x\n")
    expect(desk.locator("#trouble")).to_contain_text("There is no column “owner”")

    hand_in(desk, "block,name,latitude\nQ,Q-01,91\nQ,Q-02,\n")
    state = desk.locator("#import-state")
    expect(state).to_have_text("Tried out: 2 rows, nothing written yet")
    expect(desk.locator("#trouble")).to_be_hidden()
    expect(desk.get_by_role("row").filter(has_text="Give degrees")).to_contain_text("latitude")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 360
    desk.get_by_role("button", name="Discard").click()
    expect(state).to_have_text("Discarded")

    rows = "".join(f"Q,Q-{n},\n" for n in range(1000, 1700))
    hand_in(desk, f"block,name,latitude\n{rows}")
    expect(state).to_have_text("Tried out: 700 rows, nothing written yet", timeout=30_000)
    desk.get_by_role("button", name="Bring it in").press("Enter")
    expect(state).to_have_text("Brought in", timeout=30_000)
    expect(desk.locator("#import-live dl")).to_contain_text("700")

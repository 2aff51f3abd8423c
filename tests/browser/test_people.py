"""The desk keeps people and homes: a role is given and taken, a role of the estate's own is made, somebody moves."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town


def test_a_manager_makes_a_role_gives_it_and_takes_it_away(quiet_town: Town, seat: Open) -> None:
    manager, resident = quiet_town.manager, quiet_town.resident
    desk = seat(manager, "desk/roles/")
    desk.get_by_label("Another one is called").fill("Street captain")
    desk.get_by_label("See who is on duty").check()
    desk.get_by_role("button", name="Make it").click()
    expect(desk.get_by_text("Street captain See who is on duty")).to_be_visible()
    desk.get_by_label("Another one is called").fill("street CAPTAIN")
    desk.get_by_role("button", name="Make it").click()
    expect(
        desk.get_by_role("alert").filter(has_text="Another role of the estate has this name")
    ).to_be_visible()

    desk.goto(manager.path(f"desk/people/?q={resident.first_name}"))
    desk.get_by_role("link", name=resident.name).click()
    desk.get_by_label("Another role").select_option("Street captain")
    desk.get_by_label("For how long").select_option("For a day")
    desk.get_by_role("button", name="Give").click()
    line = desk.locator("li").filter(has_text="Street captain")
    expect(line).to_contain_text("until")
    home = seat(resident, "home/")
    expect(home.locator("#connection-words")).to_have_text(re.compile("^live"))
    line.get_by_role("button").click()
    expect(line.get_by_role("button")).to_have_text("Take it away, really")
    line.get_by_role("button").click()
    expect(desk.locator("li").filter(has_text="Street captain")).to_have_count(0)

    desk.goto(manager.path("desk/roles/"))
    own = desk.locator("li").filter(has_text="Street captain")
    own.get_by_role("button").click()
    own.get_by_role("button").click()
    expect(own).to_have_count(0)


def test_a_home_is_added_and_somebody_moves_in_and_out(quiet_town: Town, seat: Open) -> None:
    manager, guard = quiet_town.manager, quiet_town.colleague
    desk = seat(manager, "desk/units/", width=360, height=740)
    desk.get_by_label("Name, as people say it").fill("Z-99")
    desk.get_by_label("Block or street").fill("Zebra Close")
    desk.get_by_role("button", name="Add").click()
    expect(desk.get_by_label("Name, as people say it")).to_have_value("")
    desk.goto(manager.path("desk/units/?q=zebra"))
    desk.get_by_role("link", name="Z-99").click()
    expect(desk.get_by_text("Nobody so far")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")

    desk.goto(manager.path(f"desk/people/{guard.member_id}/"))
    desk.get_by_label("Moves into").select_option("Z-99")
    desk.get_by_label("As", exact=True).select_option("tenant")
    desk.get_by_role("button", name="Move in").click()
    home = desk.locator("li").filter(has_text="Z-99")
    expect(home).to_contain_text("tenant, from")
    desk.get_by_label("Moves into").select_option("Z-99")
    desk.get_by_role("button", name="Move in").click()
    expect(desk.get_by_role("alert").filter(has_text="already lives in this unit")).to_be_visible()
    home.get_by_role("button").click()
    home.get_by_role("button").click()
    expect(home).to_contain_text("to ")
    expect(home.get_by_role("button")).to_have_count(0)
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_estate_invites_and_whoever_is_asked_decides(quiet_town: Town, seat: Open) -> None:
    neighbour, stranger = quiet_town.neighbour, quiet_town.stranger
    start = seat(neighbour, "home/", width=360, height=740)
    client = quiet_town.api(stranger)
    client.post(stranger.api("units/"), json={"name": "Guest house", "block": "Garden"})
    rows = f"name,phone,email,unit,kind\nSomebody,{neighbour.phone},,Guest house,tenant\n"
    files = {"file": ("people.csv", rows.encode())}
    job = client.post(stranger.api("imports/"), data={"list": "people"}, files=files).json()
    assert client.post(stranger.api(f"imports/{job['id']}/apply/"), json={}).status_code == 200
    there = client.get(stranger.api("people/?status=pending")).json()["results"]
    assert [row["name"] for row in there] == ["Invited, has not accepted"]

    start.goto("/")
    expect(start.get_by_role("heading", name="invites you")).to_be_visible()
    assert start.evaluate("document.documentElement.scrollWidth <= innerWidth")
    start.get_by_role("button", name="Accept").click()
    expect(start.get_by_role("heading", name="invites you")).to_have_count(0)
    expect(start.get_by_role("heading", name="Which estate?")).to_be_visible()
    expect(start.get_by_role("link", name="Palm Court")).to_be_visible()
    member = client.get(stranger.api(f"people/?q={neighbour.first_name}")).json()["results"][0]
    assert client.delete(stranger.api(f"people/{member['member_id']}/")).status_code == 204
    start.goto("/")
    expect(start).to_have_url(re.compile("/home/"))


def test_a_street_is_made_and_renamed_and_what_was_made_by_mistake_goes(quiet_town: Town, seat: Open) -> None:
    manager = quiet_town.manager
    desk = seat(manager, "desk/units/", width=360, height=740)
    desk.get_by_label("Another one is called").fill("Yam Way")
    desk.get_by_role("button", name="Make it").click()
    street = desk.locator("li").filter(has_text="Yam Way")
    street.get_by_text("Change").click()
    street.get_by_label("Name").fill("baobab lane")
    street.get_by_role("button", name="Rename").click()
    expect(street.get_by_role("alert").filter(has_text="Another block has this name")).to_be_visible()
    street.get_by_label("Name").fill("Yam Street")
    street.get_by_role("button", name="Rename").click()
    street = desk.locator("li").filter(has_text="Yam Street")
    expect(street).to_contain_text("0 units")
    street.get_by_text("Change").click()
    street.get_by_role("button", name="Delete").click()
    street.get_by_role("button", name="Delete, really").click()
    expect(street).to_have_count(0)

    answer = quiet_town.api(manager).post(manager.api("units/"), json={"name": "Q-1", "block": "Date Close"})
    desk.goto(manager.path(f"desk/units/{answer.json()['id']}/"))
    desk.get_by_role("button", name="Delete Q-1").click()
    desk.get_by_role("button", name="Delete, really").click()
    expect(desk).to_have_url(re.compile("/desk/units/$"))
    gone = quiet_town.api(manager).get(manager.api(f"units/{answer.json()['id']}/"))
    assert gone.status_code == 404


def test_a_home_changes_hands_at_the_desk(quiet_town: Town, seat: Open) -> None:
    manager, guard = quiet_town.manager, quiet_town.guard
    unit = quiet_town.api(manager).get(manager.api("units/?q=D-01")).json()["results"][0]
    desk = seat(manager, f"desk/units/{unit['id']}/", width=360, height=740)
    desk.get_by_label("Who moves in?").press_sequentially(guard.first_name)
    desk.get_by_role("button", name=guard.name, exact=True).click()
    desk.get_by_label(f"{guard.name} lives there as").select_option("owner")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.get_by_role("button", name="Hand it over").click()
    desk.get_by_role("button", name="Everybody moves out, really").click()
    expect(desk.locator("li").filter(has_text=f"{guard.name} owner")).to_be_visible()
    fresh = quiet_town.api(manager).get(manager.api(f"units/{unit['id']}/")).json()
    assert [row["name"] for row in fresh["occupants"]] == [guard.name]
    assert [row["ends_on"] is None for row in fresh["history"]] == [True, False]

    (home,) = fresh["occupants"]
    quiet_town.api(manager).post(manager.api(f"occupancies/{home['occupancy_id']}/end/"), json={})

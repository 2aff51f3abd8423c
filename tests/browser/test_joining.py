"""Somebody asks and is let in; somebody is invited and makes an account; a resident keeps her household."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.people import Town


def test_a_request_arrives_at_the_desk_and_is_answered(quiet_town: Town, seat: Open) -> None:
    manager, stranger = quiet_town.manager, quiet_town.stranger
    desk = seat(manager, "desk/requests/", width=360, height=740)
    # The first code, or another one where this is a second try.
    make = desk.locator("form[data-path='join-code/'][data-rest=POST]")
    make.get_by_role("button").click()
    if make.get_attribute("data-twice"):
        make.get_by_role("button").click()
    expect(desk.get_by_role("img", name="QR code of")).to_be_visible()
    code = desk.locator(".join-code-word").inner_text()
    expect(desk.locator("#connection-words")).to_have_text(re.compile("^live"))

    asks = seat(stranger, "/join/", width=360, height=740)
    asks.get_by_label("Code").fill("ABCD-EFGH")
    asks.get_by_label("Your home there").fill("B-02")
    asks.get_by_role("button", name="Ask to join").click()
    expect(asks.get_by_role("alert").filter(has_text="This code does not work")).to_be_visible()
    asks.goto(f"/join/?code={code}")
    expect(asks.get_by_role("heading", name="Join Palm Court")).to_be_visible()
    asks.get_by_label("Your home there").fill("B-02")
    asks.get_by_label("A word to the office").fill("We move in on Monday")
    asks.get_by_role("button", name="Ask to join").click()
    expect(asks.get_by_text("Waiting for its office")).to_be_visible()
    assert asks.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asks.request.get(manager.path("home/")).status == 404

    card = desk.get_by_role("article", name=stranger.name)
    expect(card).to_contain_text("We move in on Monday")
    expect(card.get_by_label("Lives in")).to_have_value("B-02")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.get_by_role("button", name="Let in").click()
    expect(desk.get_by_text("Nobody is waiting")).to_be_visible()
    expect(asks.get_by_text("You are in")).to_be_visible()

    # One login in two estates: the menu leads from one to the other.
    asks.goto(manager.path("home/"))
    asks.locator("summary", has_text="Menu").click()
    asks.get_by_role("link", name="Cedar Close").click()
    expect(asks).to_have_url(re.compile(f"/estates/{stranger.estate_id}/"))
    asks.locator("summary", has_text="Menu").click()
    expect(asks.get_by_role("link", name="Palm Court")).to_have_count(1)

    client = quiet_town.api(manager)
    member = client.get(manager.api(f"people/?q={stranger.first_name}")).json()["results"][0]
    assert client.delete(manager.api(f"people/{member['member_id']}/")).status_code == 204


def test_somebody_new_accepts_by_the_link_and_is_in(quiet_town: Town, seat: Open) -> None:
    desk = seat(quiet_town.manager, "desk/invitations/")
    desk.get_by_label("Name", exact=True).fill("Ife Ojo")
    desk.get_by_label("Phone", exact=True).fill("+447700900731")
    desk.get_by_label("Lives in").fill("B-04")
    desk.get_by_role("button", name="Invite").click()
    expect(
        desk.get_by_role("alert").filter(has_text="Say where he is going to live and as what")
    ).to_be_visible()
    desk.get_by_label("As", exact=True).select_option("tenant")
    desk.get_by_role("button", name="Invite").click()
    line = desk.locator("[data-invitation]").filter(has_text="Ife Ojo")
    expect(line).to_contain_text("B-04, tenant")

    phone = seat(None, quiet_town.invitation_to("+447700900731"), width=360, height=740)
    expect(phone.get_by_role("heading", name="Palm Court invites you")).to_be_visible()
    assert "#" not in phone.url, "the secret does not stay in the address"
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_label("A password for your account").fill("1234567890")
    phone.get_by_role("button", name="Accept").click()
    expect(phone.get_by_role("alert").filter(has_text="password")).to_be_visible()
    phone.get_by_label("A password for your account").fill("Seven-quiet-herons-1")
    phone.get_by_role("button", name="Accept").click()
    expect(phone).to_have_url(re.compile("/home/"))
    desk.reload()
    expect(line).to_contain_text("accepted")

    again = seat(None, quiet_town.invitation_to("+447700900731"), width=360, height=740)
    expect(again.get_by_role("heading", name="This invitation does not open")).to_be_visible()


def test_a_resident_keeps_her_household(quiet_town: Town, seat: Open) -> None:
    resident = quiet_town.resident
    home = seat(resident, "home/", width=360, height=740)
    home.locator("summary", has_text="Menu").click()
    home.get_by_role("link", name="Household").click()
    home.get_by_label("Add somebody: name").fill("Tiny Okafor")
    home.get_by_label("As", exact=True).select_option("child")
    home.get_by_role("button", name="Add").click()
    child = home.locator("li").filter(has_text="Tiny Okafor")
    expect(child).to_contain_text("signs in nowhere")

    home.get_by_label("Add somebody: name").fill("Nneka Okafor")
    home.get_by_label("Phone", exact=True).fill("+447700900732")
    home.get_by_role("button", name="Add").click()
    invited = home.locator("li").filter(has_text="Nneka Okafor")
    expect(invited.get_by_role("button", name="Withdraw")).to_be_visible()
    assert home.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone = seat(None, quiet_town.invitation_to("+447700900732"), width=360, height=740)
    expect(phone.get_by_role("heading", name=f"{resident.name} invites you to Palm Court")).to_be_visible()
    phone.get_by_role("button", name="Decline").click()
    phone.get_by_role("button", name="Decline, really").click()
    expect(phone.get_by_role("heading", name="You declined")).to_be_visible()
    home.reload()
    expect(invited).to_have_count(0)

    child.get_by_role("button").click()
    child.get_by_role("button").click()
    expect(child).to_have_count(0)

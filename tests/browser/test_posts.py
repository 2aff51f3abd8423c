"""Guard posts on the board: who is here, which post this tablet is, and what is dark."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.people import Town, is_live, start_shift


def choose(board: Page, post: str) -> None:
    board.get_by_label("This tablet is").select_option(post)
    board.get_by_role("button", name="Set", exact=True).click()


def test_a_guard_says_which_post_his_tablet_is_and_sees_who_is_here(quiet_town: Town, seat: Open) -> None:
    guard, manager = quiet_town.guard, quiet_town.manager
    board = seat(guard, "board/")
    gate = board.locator("#posts li").filter(has_text="Main gate")
    expect(gate).to_have_text("Main gate: no tablet")
    expect(board.locator("#here")).to_have_text(f"Here now: {guard.name}.")

    # Off duty he is refused, in words; on duty the tablet is the gate's.
    choose(board, "Main gate")
    expect(board.locator("#my-post-trouble")).to_contain_text("Go on duty first")
    start_shift(board)
    choose(board, "Main gate")
    expect(gate).to_have_text(f"Main gate tablet: here, {guard.name}")
    expect(board.locator("#here")).to_have_text(f"Here now: {guard.name} (Main gate).")
    expect(board.locator("#my-post-trouble")).to_be_hidden()

    # It moves: one tablet stands at one post. Who comes and goes is seen.
    choose(board, "Patrol base")
    expect(board.locator("#here")).to_have_text(f"Here now: {guard.name} (Patrol base).")
    expect(gate).to_have_text("Main gate: no tablet")
    other = seat(manager, "board/")
    expect(board.locator("#here")).to_contain_text(manager.name)
    expect(other.locator("#posts li").filter(has_text="Patrol base")).to_have_text(
        f"Patrol base tablet: here, {guard.name}"
    )
    other.close()
    expect(board.locator("#here")).not_to_contain_text(manager.name)


def test_a_dark_post_is_said_in_plain_words_and_never_above_an_alert(quiet_town: Town, seat: Open) -> None:
    manager = quiet_town.manager
    client = quiet_town.api(manager)
    posts = {post["name"]: post for post in client.get(manager.api("posts/")).json()["results"]}
    gate = posts["Main gate"]
    delays = {"dark_after_s": 30, "dark_sms_after_s": 3600}
    client.patch(manager.api(f"posts/{gate['id']}/"), json=delays)
    board = seat(quiet_town.guard, "board/")
    expect(board.locator("#here")).to_contain_text(quiet_town.guard.name)
    client.post(manager.api(f"posts/{gate['id']}/device/"), json={"device": "a tablet that broke"})
    line = board.locator("#posts li").filter(has_text="Main gate")
    expect(line).to_have_text("Main gate tablet: not here just now")

    expect(line).to_have_text(re.compile(r"^Main gate tablet: dark since \d\d:\d\d$"), timeout=60_000)
    expect(board.locator("#dark-posts")).to_have_text(
        re.compile(r"^Main gate tablet: dark since \d\d:\d\d\.$")
    )
    expect(board.locator("#say")).to_contain_text("Main gate tablet: dark, alerts are not seen there")
    expect(board.locator("#say-now")).to_have_text("")
    quiet_town.raise_alert(quiet_town.resident, "fire")
    expect(board.locator(".alert")).to_be_visible()
    expect(board.locator("#dark-posts")).to_be_hidden()
    alert, below = board.locator(".alert").bounding_box(), line.bounding_box()
    assert alert is not None
    assert below is not None
    assert alert["y"] + alert["height"] <= below["y"]
    client.delete(manager.api(f"posts/{gate['id']}/device/"))
    expect(line).to_have_text("Main gate: no tablet")


def test_the_manager_adds_renames_and_archives_posts_at_the_desk(quiet_town: Town, seat: Open) -> None:
    desk = seat(quiet_town.manager, "desk/posts/")
    is_live(desk)
    add = desk.locator("#add-post")
    add.get_by_label("Name").fill("Main gate")
    add.get_by_role("button", name="Add").click()
    expect(desk.locator("#trouble")).to_contain_text("of this name already")
    add.get_by_label("Name").fill("Back gate")
    add.get_by_label("Dark after").fill("90")
    add.get_by_role("button", name="Add").click()

    back = desk.get_by_role("form", name="Back gate")
    expect(back.get_by_label("Dark after")).to_have_value("90")
    is_live(desk)
    back.get_by_label("Name").fill("River gate")
    back.get_by_role("button", name="Save").click()
    river = desk.get_by_role("form", name="River gate")
    expect(river).to_contain_text("No tablet")
    is_live(desk)
    river.get_by_role("button", name="Archive").click()
    river.get_by_role("button", name="Archive, really").click()
    expect(river).to_have_count(0)
    expect(desk.get_by_role("form", name="Main gate")).to_have_count(1)

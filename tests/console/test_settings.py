"""Your account: the page of a person, whatever his estates."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from console.devices import device_of
from core.clock import now
from realtime.devices.noting import Seen, note_devices
from tests.console.conftest import Visitor
from tests.support.authenticator import give_second_factor
from tests.support.cast import PASSWORD, Cast, Person

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"


def signed_in(person: Person, user_agent: str) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    return client


def shown(client: Client) -> str:
    answer = client.get("/settings/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_it_lists_where_one_is_signed_in_and_can_end_all_but_this_one(cast: Cast) -> None:
    signed_in(cast.ada, WINDOWS)
    signed_in(cast.bola, "Bola's")
    page = shown(signed_in(cast.ada, "ClustR/1.0"))
    other = UserSession.objects.get(user_agent=WINDOWS)

    assert re.findall(r'data-session="(\d+)"', page) == [str(other.pk)]
    assert "Sign out Edge on Windows, 127.0.0.1" in page
    assert "ClustR/1.0" in page
    assert page.count("this device") == 1
    assert "Bola" not in page


def test_who_is_signed_in_nowhere_else_is_told_so(cast: Cast) -> None:
    page = shown(signed_in(cast.ada, WINDOWS))
    assert re.search(r'id="sessions-none">You are signed in nowhere else', page)
    assert re.search(r'id="end-others" hidden', page)


def test_a_device_cannot_write_markup_into_the_page(cast: Cast) -> None:
    signed_in(cast.ada, "<script>alert(1)</script>")
    answer = signed_in(cast.ada, WINDOWS).get("/settings/")
    assert b"<script>alert" not in answer.content


def test_it_is_for_those_who_are_signed_in_and_is_kept_nowhere(cast: Cast, as_: Visitor) -> None:
    assert Client().get("/settings/")["Location"] == "/sign-in/?next=/settings/"
    answer = as_(cast.stranger).get("/settings/")
    assert "no-store" in answer["Cache-Control"]
    assert as_(cast.ada).post("/settings/").status_code == 405


def test_every_page_leads_there(cast: Cast, as_: Visitor) -> None:
    for person, path in [(cast.gate, "board/"), (cast.ada, "home/"), (cast.musa, "desk/posts/")]:
        assert 'href="/settings/"' in shown_at(as_(person), f"/estates/{cast.estate.pk}/{path}")
    cast.ada.membership.status = "ended"
    cast.ada.membership.save()
    assert 'href="/settings/"' in shown_at(as_(cast.ada), "/")


def shown_at(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_nothing_on_it_is_inline(cast: Cast, as_: Visitor) -> None:
    page = shown(as_(cast.ada))
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (WINDOWS, "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("ClustR/2.1", "ClustR/2.1"),
        ("x" * 500, "x" * 60),
        ("  ", "Unknown device"),
    ],
)
def test_devices_are_named_as_people_do(user_agent: str, words: str) -> None:
    assert device_of(user_agent) == words


def test_who_lacks_a_second_step_is_told_where_it_is_set_up_and_keeps_his_sos(
    cast: Cast, as_: Visitor
) -> None:
    give_second_factor(cast.musa)
    cast.musa.api.put(cast.musa.url("security/"), {"is_second_factor_required": True}, format="json")
    browser = as_(cast.chief)

    page = browser.get(f"/estates/{cast.estate.pk}/desk/alerts/")

    assert page.status_code == 403
    html = page.content.decode()
    assert 'href="/settings/"' in html
    assert f'href="/estates/{cast.estate.pk}/home/"' in html
    home = browser.get(f"/estates/{cast.estate.pk}/home/")
    assert home.status_code == 200
    assert "Guard board" not in home.content.decode()
    assert browser.get("/settings/").status_code == 200


def test_the_desk_shows_the_rule_and_only_a_manager_can_change_it(cast: Cast, as_: Visitor) -> None:
    path = f"/estates/{cast.estate.pk}/desk/roles/"
    give_second_factor(cast.musa)
    give_second_factor(cast.chief)

    assert 'id="security-form"' in shown_at(as_(cast.musa), path)
    assert "may sign in with a password alone" in shown_at(as_(cast.chief), path)
    cast.musa.api.put(cast.musa.url("security/"), {"is_second_factor_required": True}, format="json")

    assert 'is_second_factor_required" checked' in shown_at(as_(cast.musa), path)
    assert "need a second step" in (page := shown_at(as_(cast.chief), path))
    assert "security-form" not in page


def test_the_subjects_of_the_account_are_a_menu_that_says_where_one_is(cast: Cast, as_: Visitor) -> None:
    browser = as_(cast.ada)
    for path, title in [
        ("", "Sign-in"),
        ("profile/", "Profile"),
        ("devices/", "Devices"),
        ("notifications/", "Notifications"),
        ("privacy/", "Privacy"),
        ("data/", "My data"),
    ]:
        page = shown_at(browser, f"/settings/{path}")
        assert f'<a href="/settings/{path}" aria-current="page">{title}</a>' in page
        assert page.count("aria-current") == 2, "here, and in the bar's menu"
        assert not re.search(r"\sstyle=|\son\w+=|<style", page)
        assert Client().get(f"/settings/{path}")["Location"] == f"/sign-in/?next=/settings/{path}"


def test_dates_follow_the_language_that_was_chosen(cast: Cast, as_: Visitor) -> None:
    browser = as_(cast.musa)
    answer = browser.patch("/api/v1/me/profile/", {"language": "fr"}, content_type="application/json")
    assert answer.cookies["django_language"].value == "fr"
    assert 'data-dates="fr"' in shown_at(browser, "/settings/profile/")
    assert 'data-dates="fr"' in shown_at(as_(cast.musa), f"/estates/{cast.estate.pk}/desk/people/")
    assert 'data-dates="en"' in shown_at(as_(cast.chief), f"/estates/{cast.estate.pk}/desk/people/")


def test_the_devices_are_listed_with_what_they_signed_in_with(cast: Cast) -> None:
    browser = signed_in(cast.ada, WINDOWS)
    seen = Seen(browser.session.session_key or "", now())
    note_devices({(cast.estate.pk, cast.ada.id, "b-123"): seen})
    note_devices({(cast.estate.pk, cast.ada.id, "<b>old</b>"): Seen("gone", now())})
    page = browser.get("/settings/devices/").content.decode()

    assert "Edge on Windows" in page
    assert "You are using its sign-in" in page
    assert "&lt;b&gt;old&lt;/b&gt;" in page
    assert page.count("Forget it, really") == 1
    assert "No device of yours" in shown_at(signed_in(cast.bola, WINDOWS), "/settings/devices/")


def test_the_notifications_of_each_estate_are_a_table_of_switches(cast: Cast, as_: Visitor) -> None:
    page = unescape(shown_at(as_(cast.ada), "/settings/notifications/"))

    assert "Palm Court" in page
    assert page.count("always") >= 2, "an emergency's are shown and locked"
    assert 'data-kind="estates.home.changed" data-channel="sms"' in page
    assert "staff.post.lit" not in page
    assert "staff.post.lit" in shown_at(as_(cast.musa), "/settings/notifications/")
    cast.bola.membership.status = "ended"
    cast.bola.membership.save()
    assert "There is no estate of yours" in shown_at(as_(cast.bola), "/settings/notifications/")


def test_what_neighbours_see_is_chosen_field_by_field(cast: Cast, as_: Visitor) -> None:
    page = unescape(shown_at(as_(cast.ada), "/settings/privacy/"))
    assert page.count('<option value="nobody" selected>') == 4
    assert "B-14" in page
    assert "There is no estate in which you live" in shown_at(as_(cast.musa), "/settings/privacy/")


def test_the_page_of_neighbours_shows_what_each_shows(cast: Cast, as_: Visitor) -> None:
    browser = as_(cast.bola)
    path = f"/estates/{cast.estate.pk}/neighbours/"
    assert "No neighbour shows himself yet" in shown_at(browser, path)
    for person, fields in ((cast.ada, ["name", "phone"]), (cast.bola, ["name"])):
        body = dict.fromkeys(fields, "neighbours")
        assert person.api.put(person.url("me/privacy/"), body, format="json").status_code == 200
    page = shown_at(browser, path)
    assert "Ada Obi" in page
    assert cast.ada.phone in page
    assert "B-14" not in page
    assert cast.ada.email not in page
    assert "Your neighbours see you here" in page
    assert "Nobody who shows that" in shown_at(browser, f"{path}?q=B-14")
    assert "Ada Obi" in shown_at(browser, f"{path}?ordering=nonsense&cursor=x")


def test_my_data_says_what_is_held_and_what_was_asked_for(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser = signed_in(cast.ada, WINDOWS)
    page = unescape(shown_at(browser, "/settings/data/"))
    assert "Make the file" in page
    assert "30 days" in page
    assert "deletion-code" not in page
    assert browser.post("/api/v1/me/export/").status_code == 202
    assert browser.post("/api/v1/me/deletion/").status_code == 202
    page = unescape(shown_at(browser, "/settings/data/"))
    assert 'href="/api/v1/me/export/file/"' in page
    assert "Your account will be erased on" in page
    assert "Keep my account" in page
    give_second_factor(cast.bola)
    assert "deletion-code" in shown_at(cast_client(cast.bola), "/settings/data/")


def cast_client(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client

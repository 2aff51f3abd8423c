"""My sign-ins: a list, and ending one or all others, from an app and from a browser."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.sessions import sessions_of
from core.clock import now
from core.models import AuditEntry
from tests.support.cast import PASSWORD

LOGIN = "/_allauth/app/v1/auth/login"
APP = "/_allauth/app/v1/auth/sessions"
BROWSER = "/_allauth/browser/v1/auth/sessions"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36"


class App:
    """An app on a phone, signed in with tokens."""

    def __init__(self, person, device="ClustR/1.0 (Android)"):
        self.client = Client(headers={"User-Agent": device})
        answer = self.client.post(
            LOGIN, {"email": person.email, "password": PASSWORD}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        self.bearer = {"Authorization": f"Bearer {answer.json()['meta']['access_token']}"}

    def get(self, path):
        return self.client.get(path, headers=self.bearer)

    def end(self, *ids, path=APP):
        return self.client.delete(
            path, {"sessions": list(ids)}, content_type="application/json", headers=self.bearer
        )

    @property
    def listed(self):
        answer = self.get(APP)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]


def browser_of(person):
    browser = Client(headers={"User-Agent": PHONE})
    answer = browser.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def the_other(app):
    (row,) = [row for row in app.listed if not row["is_current"]]
    return row["id"]


def test_the_list_has_each_device_its_address_and_when_it_was_used(cast):
    app = App(cast.ada)
    browser_of(cast.ada)
    App(cast.bola)

    mine, other = sorted(app.listed, key=lambda row: not row["is_current"])

    assert (mine["user_agent"], mine["ip"]) == ("ClustR/1.0 (Android)", "127.0.0.1")
    assert (mine["is_current"], other["is_current"]) == (True, False)
    assert other["user_agent"] == PHONE
    assert other["last_seen_at"] >= other["created_at"]


def test_an_app_ends_a_browsers_sign_in(cast):
    app, browser = App(cast.ada), browser_of(cast.ada)
    assert browser.get("/api/v1/me/").status_code == 200

    answer = app.end(the_other(app))

    assert answer.status_code == 200
    assert [row["is_current"] for row in answer.json()["data"]] == [True]
    assert browser.get("/api/v1/me/").status_code in (401, 403)
    assert browser.get("/")["Location"] == "/sign-in/?next=/"
    assert app.get("/api/v1/me/").status_code == 200


def test_a_browser_ends_an_apps_sign_in(cast):
    app, browser = App(cast.ada), browser_of(cast.ada)
    assert app.get("/api/v1/me/").status_code == 200
    (other,) = [row["id"] for row in browser.get(BROWSER).json()["data"] if not row["is_current"]]

    answer = browser.delete(BROWSER, {"sessions": [other]}, content_type="application/json")

    assert answer.status_code == 200
    refused = app.get("/api/v1/me/")
    assert refused.status_code == 401
    assert refused.json()["code"] == "authentication_failed"
    assert browser.get("/api/v1/me/").status_code == 200


def test_all_others_at_once(cast):
    app, others = App(cast.ada), [App(cast.ada), App(cast.ada), browser_of(cast.ada)]

    app.end(*(row["id"] for row in app.listed if not row["is_current"]))

    assert [other.get("/api/v1/me/").status_code for other in others[:2]] == [401, 401]
    assert len(app.listed) == 1


def test_ending_ones_own_signs_out(cast):
    app = App(cast.ada)
    (mine,) = [row["id"] for row in app.listed]

    assert app.end(mine).status_code == 401
    assert app.get("/api/v1/me/").status_code == 401


def test_nobody_ends_anothers_sign_in(cast):
    """Stranger and a neighbour with an id that they cannot know."""
    app = App(cast.ada)
    (mine,) = [row["id"] for row in app.listed]
    for person in (cast.stranger, cast.bola, cast.musa):
        answer = App(person).end(mine)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["param"] == "sessions"
    assert app.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("sessions", [[], ["x"], [10**9], "all", None, [{"id": 1}]])
def test_nonsense_ends_nothing(cast, sessions):
    app = App(cast.ada)

    answer = app.client.delete(
        APP, {"sessions": sessions}, content_type="application/json", headers=app.bearer
    )

    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert len(app.listed) == 1


def test_the_list_is_for_those_who_are_signed_in(cast):
    assert Client().get(APP).status_code == 401
    assert Client().get(BROWSER).status_code == 401


def test_an_ended_sign_in_stands_on_the_record_of_each_of_his_estates(cast):
    app = App(cast.ada)
    App(cast.ada, device="A tablet")

    app.end(the_other(app))

    (entry,) = AuditEntry.objects.filter(action="accounts.session.ended")
    assert (entry.estate_id, entry.actor_id, entry.target_id) == (
        cast.estate.pk,
        cast.ada.id,
        str(cast.ada.user.pk),
    )
    assert entry.changes == {"sessions": [{"address": "127.0.0.1", "device": "A tablet"}]}


def test_the_list_says_when_an_app_was_last_used(cast):
    app = App(cast.ada)
    app.get("/api/v1/me/")
    signed_in_at = UserSession.objects.get().last_seen_at

    with time_machine.travel(now() + timedelta(minutes=10), tick=True):
        other = Client(headers={"User-Agent": "Another version", "X-Forwarded-For": "203.0.113.9"})
        # Another process, which has not written this sign-in down yet.
        other.get("/api/v1/me/", headers=app.bearer)

    row = UserSession.objects.get()
    assert row.last_seen_at - signed_in_at >= timedelta(minutes=9)
    assert (row.user_agent, row.ip) == ("Another version", "127.0.0.1")


def test_a_sign_in_from_before_there_was_a_list_comes_into_it_when_it_is_used(cast):
    browser = browser_of(cast.ada)
    UserSession.objects.all().delete()
    # After the update that brought the list, the process is another one.
    later = Client(headers={"User-Agent": PHONE})
    later.cookies = browser.cookies
    later.get("/api/v1/me/")

    assert [row.user_agent for row in sessions_of(cast.ada.user)] == [PHONE]


def test_a_new_password_ends_the_other_sign_ins(cast):
    browser, app = browser_of(cast.ada), App(cast.ada)

    answer = browser.post(
        "/_allauth/browser/v1/account/password/change",
        {"current_password": PASSWORD, "new_password": "nine-kettles-in-a-boat"},
        content_type="application/json",
    )

    assert answer.status_code == 200
    assert app.get("/api/v1/me/").status_code == 401
    assert browser.get("/api/v1/me/").status_code == 200
    assert Session.objects.count() == 1
    actions = AuditEntry.objects.filter(action__startswith="accounts.").values_list("action", flat=True)
    assert list(actions) == ["accounts.password.changed", "accounts.session.ended"]


@pytest.mark.socket
async def test_the_socket_of_an_ended_sign_in_is_closed_within_seconds(server, cast):
    api = await server.sign_in(cast.gate)
    tablet = await server.tablet(cast.gate, token=await server.token(cast.gate, client=api))
    phone = await server.sign_in(cast.gate)
    stays = await server.tablet(cast.gate, token=await server.token(cast.gate, client=phone))
    rows = (await phone.get(APP)).json()["data"]
    (other,) = [row["id"] for row in rows if not row["is_current"]]

    answer = await phone.request("DELETE", APP, json={"sessions": [other]})

    assert answer.status_code == 200, answer.text
    assert (await api.get("/api/v1/me/")).status_code == 401
    assert await tablet.close_code(timeout=5) == 4503
    await stays.send({"type": "ping", "ref": "p"})
    assert await stays.frame("pong")
    await stays.close()


@pytest.mark.socket
async def test_a_new_password_closes_the_sockets_of_the_other_sign_ins(server, cast):
    tablet = await server.tablet(cast.gate)

    def choose_another() -> None:
        browser = browser_of(cast.gate)
        answer = browser.post(
            "/_allauth/browser/v1/account/password/change",
            {"current_password": PASSWORD, "new_password": "nine-kettles-in-a-boat"},
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.content

    await sync_to_async(choose_another)()
    assert await tablet.close_code(timeout=5) == 4503

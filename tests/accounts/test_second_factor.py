"""The second step of a sign-in: setting it up, needing it, recovery codes, switching it off; by app and by page."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from core.models import AuditEntry
from tests.support.app import App
from tests.support.authenticator import code_of
from tests.support.cast import PASSWORD

TOTP = "account/authenticators/totp"
CODES = "account/authenticators/recovery-codes"


@pytest.fixture
def app(cast):
    app = App()
    assert app.sign_in(cast.ada).status_code == 200
    return app


def set_up(app):
    """The secret."""
    assert app("POST", "auth/reauthenticate", {"password": PASSWORD}).status_code == 200
    secret = app("GET", TOTP).json()["meta"]["secret"]
    answer = app("POST", TOTP, {"code": code_of(secret, steps=-1)})
    assert answer.status_code == 200, answer.content
    return secret


def test_after_it_is_set_up_a_password_alone_opens_nothing(cast, app):
    secret = set_up(app)
    other = App()

    first = other.sign_in(cast.ada)

    assert first.status_code == 401
    (step,) = [flow for flow in first.json()["data"]["flows"] if flow.get("is_pending")]
    assert (step["id"], step["types"]) == ("mfa_authenticate", ["recovery_codes", "totp"])
    assert not other.is_in
    assert other("POST", "auth/2fa/authenticate", {"code": code_of(secret)}).status_code == 200
    assert other.is_in


@pytest.mark.parametrize("code", ["000000", "", "abc", "1" * 500, "\x00", None, 7, ["1"]])
def test_a_wrong_code_does_not_finish_the_sign_in(cast, app, code):
    set_up(app)
    other = App()
    other.sign_in(cast.ada)

    assert other("POST", "auth/2fa/authenticate", {"code": code}).status_code == 400
    assert not other.is_in


def test_a_code_is_good_once(cast, app):
    secret = set_up(app)
    code = code_of(secret)
    first, second = App(), App()
    first.sign_in(cast.ada)
    second.sign_in(cast.ada)

    assert first("POST", "auth/2fa/authenticate", {"code": code}).status_code == 200
    assert second("POST", "auth/2fa/authenticate", {"code": code}).status_code == 400


def test_five_wrong_codes_are_enough_and_are_on_record(cast, app):
    secret = set_up(app)
    other = App()
    other.sign_in(cast.ada)
    for _ in range(5):
        other("POST", "auth/2fa/authenticate", {"code": "000000"})

    refused = other("POST", "auth/2fa/authenticate", {"code": code_of(secret)})

    assert refused.status_code == 429
    assert refused.json()["errors"][0]["code"] == "too_many_login_attempts"
    assert refused["Retry-After"] == "300"
    entries = AuditEntry.objects.filter(action="accounts.second_factor.failed", estate_id=cast.estate.pk)
    assert entries.count() == 5


def test_a_recovery_code_is_good_once_and_new_ones_replace_the_old(cast, app):
    set_up(app)
    codes = app("GET", CODES).json()["data"]["unused_codes"]
    assert len(set(codes)) == 10

    def with_code(code):
        other = App()
        other.sign_in(cast.ada)
        return other("POST", "auth/2fa/authenticate", {"code": code}).status_code

    assert [with_code(codes[0]), with_code(codes[0])] == [200, 400]
    assert len(app("GET", CODES).json()["data"]["unused_codes"]) == 9
    fresh = app("POST", CODES).json()["data"]["unused_codes"]
    assert not set(fresh) & set(codes)
    assert [with_code(codes[1]), with_code(fresh[0])] == [400, 200]


def test_changing_anything_asks_for_the_password_again(cast, app):
    """Whoever finds the phone unlocked does not take the account over."""
    secret = app("GET", TOTP).json()["meta"]["secret"]
    assert app("POST", TOTP, {"code": code_of(secret, steps=-1)}).status_code == 401
    set_up(app)
    session = SessionStore(UserSession.objects.get().session_key)
    del session["account_authentication_methods"]
    session.save()

    for method, path in [("GET", CODES), ("POST", CODES), ("DELETE", TOTP)]:
        answer = app(method, path)
        assert answer.status_code == 401, path
        assert "reauthenticate" in {flow["id"] for flow in answer.json()["data"]["flows"]}
    assert Authenticator.objects.filter(user=cast.ada.user).count() == 2


def test_switched_off_the_password_is_enough_again(cast, app):
    set_up(app)

    assert app("DELETE", TOTP).status_code == 200

    assert App().sign_in(cast.ada).status_code == 200
    assert not Authenticator.objects.exists(), "the recovery codes go with it"


def test_setting_it_up_ends_the_sign_ins_that_had_none_and_is_on_record(cast, app):
    thief = App()
    thief.sign_in(cast.ada)

    set_up(app)

    assert (thief.is_in, app.is_in) == (False, True)
    app("DELETE", TOTP)
    actions = list(
        AuditEntry.objects.filter(estate_id=cast.estate.pk, action__startswith="accounts.").values_list(
            "action", "changes__type"
        )
    )
    assert actions == [
        ("accounts.second_factor.added", "totp"),
        ("accounts.session.ended", None),
        ("accounts.second_factor.added", "recovery_codes"),
        ("accounts.second_factor.removed", "totp"),
        ("accounts.second_factor.removed", "recovery_codes"),
    ]


def test_secrets_are_not_readable_in_the_database_and_another_key_opens_nothing(cast, app, settings):
    secret = set_up(app)
    kept = Authenticator.objects.get(type="totp")
    assert secret not in str(kept.data)

    settings.SECRET_KEY = "another-key-for-tests-that-is-long-enough"

    assert not kept.wrap().validate_code(code_of(secret))


def test_nobody_sees_anothers(cast, app):
    set_up(app)
    other = App()
    other.sign_in(cast.stranger)

    assert other("GET", "account/authenticators").json()["data"] == []
    assert other("GET", CODES).status_code == 404
    assert App()("GET", "account/authenticators").status_code == 401


# --- pages ------------------------------------------------------------------------------------------------------------


def enter(login, **more):
    browser = Client()
    return browser, browser.post("/sign-in/", {"login": login, "password": PASSWORD, **more})


def test_the_page_asks_for_the_code_and_goes_where_one_wanted(cast, app):
    secret = set_up(app)
    home = f"/estates/{cast.estate.pk}/home/"
    browser, answer = enter(cast.ada.phone, next=home)
    assert answer["Location"] == "/sign-in/second-step/"
    page = browser.get("/sign-in/second-step/").content.decode()
    assert 'name="code"' in page
    assert not re.search(r"\sstyle=|\son\w+=", page)
    assert browser.get("/")["Location"].startswith("/sign-in/")

    wrong = browser.post("/sign-in/second-step/", {"code": "000000"})
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (200, True)
    right = browser.post("/sign-in/second-step/", {"code": code_of(secret)})

    assert (right.status_code, right["Location"]) == (302, home)
    assert browser.get(home).status_code == 200


def test_the_page_takes_a_recovery_code(cast, app):
    set_up(app)
    code = app("GET", CODES).json()["data"]["unused_codes"][0]
    browser, _ = enter(cast.ada.email)

    assert browser.post("/sign-in/second-step/", {"code": code}).status_code == 302


def test_too_many_codes_are_refused_on_the_page_in_words(cast, app):
    set_up(app)
    browser, _ = enter(cast.ada.email)
    answers = [browser.post("/sign-in/second-step/", {"code": "000000"}) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()


@pytest.mark.parametrize(
    "body", [{}, {"credential": ""}, {"credential": "x"}, {"credential": "{}"}, {"credential": "[1]"}]
)
def test_nonsense_at_the_second_step_breaks_nothing(cast, app, body):
    set_up(app)
    browser, _ = enter(cast.ada.email)

    assert browser.post("/sign-in/second-step/", body).status_code == 200
    assert browser.get("/")["Location"].startswith("/sign-in/")


def test_the_second_step_leads_nobody_in_who_has_not_taken_the_first(cast):
    assert Client().get("/sign-in/second-step/")["Location"].startswith("/sign-in/")
    assert Client().post("/sign-in/second-step/", {"code": "000000"})["Location"].startswith("/sign-in/")


def test_the_picture_of_the_key_is_for_its_owner_and_only_until_it_is_used(cast):
    browser, _ = enter(cast.ada.email)
    assert browser.get("/settings/authenticator.svg").status_code == 404
    secret = browser.get(f"/_allauth/browser/v1/{TOTP}").json()["meta"]["secret"]

    answer = browser.get("/settings/authenticator.svg")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert "no-store" in answer["Cache-Control"]
    assert "style=" not in answer.content.decode()
    other, _ = enter(cast.bola.email)
    assert other.get("/settings/authenticator.svg").status_code == 404
    assert Client().get("/settings/authenticator.svg").status_code == 302
    as_json = {"content_type": "application/json"}
    browser.post("/_allauth/browser/v1/auth/reauthenticate", {"password": PASSWORD}, **as_json)
    assert (
        browser.post(f"/_allauth/browser/v1/{TOTP}", {"code": code_of(secret)}, **as_json).status_code == 200
    )
    assert browser.get("/settings/authenticator.svg").status_code == 404
    assert "Authenticator app, since" in browser.get("/settings/").content.decode()

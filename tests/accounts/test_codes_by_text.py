"""One-time codes by SMS: signing in with one, and proving that a number is one's own."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from core.clock import now
from core.models import AuditEntry
from notifications.sms.base import Refused
from tests.support.app import App
from tests.support.authenticator import code_of, give_second_factor
from tests.support.cast import PASSWORD

NEW = "+447700900777"


def ask(app, phone):
    return app("POST", "auth/code/request", {"phone": phone})


def confirm(app, code):
    return app("POST", "auth/code/confirm", {"code": code})


# --- signing in -------------------------------------------------------------------------------------------------------


def test_a_code_on_his_phone_signs_him_in(cast, phones, app):
    assert ask(app, "+44 7700 900001").status_code == 401
    assert [to for to, _ in phones.texts] == [cast.ada.phone]

    assert confirm(app, phones.code_on(cast.ada.phone)).status_code == 200

    assert app.is_in


def test_three_wrong_codes_end_it(cast, phones, app):
    ask(app, cast.ada.phone)
    code = phones.code_on(cast.ada.phone)
    wrong = "000000" if code != "000000" else "000001"

    assert [confirm(app, wrong).status_code for _ in range(3)] == [400] * 3

    assert confirm(app, code).status_code == 409
    assert not app.is_in
    entries = AuditEntry.objects.filter(action="accounts.sign_in.failed", estate_id=cast.estate.pk)
    assert [entry.changes["by"] for entry in entries] == ["code"] * 3


def test_a_code_lapses_and_is_good_once(cast, phones, app):
    ask(app, cast.ada.phone)
    code = phones.code_on(cast.ada.phone)
    with time_machine.travel(now() + timedelta(seconds=301)):
        assert confirm(app, code).status_code == 409

    ask(app, cast.ada.phone)
    code = phones.code_on(cast.ada.phone)
    assert confirm(app, code).status_code == 200
    assert confirm(App(), code).status_code == 409


def test_an_unknown_or_unproved_number_is_answered_alike_and_texted_nothing(cast, phones):
    unproved = {"is_phone_verified": False, "is_email_verified": True}
    User.objects.filter(pk=cast.bola.user.pk).update(**unproved)
    known = ask(App(), cast.ada.phone).json()["data"]
    phones.texts.clear()

    for number in ("+447700900999", cast.bola.phone):
        app = App()
        assert ask(app, number).json()["data"] == known
        assert confirm(app, "000000").status_code in (400, 409)
    assert phones.texts == []


@pytest.mark.parametrize(
    "body",
    [{}, {"phone": ""}, {"phone": "12"}, {"phone": None}, {"phone": ["x"]}],
)
def test_what_is_no_phone_is_refused(cast, phones, app, body):
    answer = app("POST", "auth/code/request", body)

    assert answer.status_code == 400
    assert "phone" in {error.get("param") for error in answer.json()["errors"]}
    assert phones.texts == []


@pytest.mark.parametrize("code", ["", None, "abcdef", "1" * 400, "\x00", ["1"]])
def test_nonsense_for_a_code_is_refused(cast, phones, app, code):
    ask(app, cast.ada.phone)

    assert confirm(app, code).status_code == 400
    assert not app.is_in


def test_texts_are_few(cast, phones):
    answers = [ask(App(), cast.ada.phone).status_code for _ in range(4)]

    assert answers == [401, 401, 401, 429]
    assert len(phones.texts) == 3
    assert ask(App(), cast.bola.phone).status_code == 401, "another's phone is another's"


def test_a_text_that_cannot_be_sent_is_no_secret(cast, phones, app):
    phones.result = Refused(code="21211", permanent=True)

    answer = ask(app, cast.ada.phone)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "not_sent")


def test_a_code_does_not_stand_in_for_the_second_step(cast, phones, app):
    secret = give_second_factor(cast.ada)
    ask(app, cast.ada.phone)

    answer = confirm(app, phones.code_on(cast.ada.phone))

    assert answer.status_code == 401
    assert [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")] == [
        "mfa_authenticate"
    ]
    assert not app.is_in
    assert app("POST", "auth/2fa/authenticate", {"code": code_of(secret)}).status_code == 200
    assert app.is_in


def test_a_disabled_user_is_not_let_in(cast, phones, app):
    User.objects.filter(pk=cast.ada.user.pk).update(is_active=False)
    ask(app, cast.ada.phone)
    if phones.texts:
        confirm(app, phones.code_on(cast.ada.phone))

    assert not app.is_in


def test_the_page_signs_in_by_code_and_goes_where_one_wanted(cast, phones):
    home = f"/estates/{cast.estate.pk}/home/"
    browser = Client()
    page = browser.get(f"/sign-in/?next={home}").content.decode()
    link = re.search(r'href="(/sign-in/code/[^"]*)"', page)
    assert link
    assert "six digits" not in browser.get(link[1]).content.decode()

    sent = browser.post(link[1], {"login": cast.ada.phone, "next": home})
    assert sent["Location"].startswith("/sign-in/code/confirm/")
    assert "six digits" in browser.get(sent["Location"]).content.decode()
    wrong = browser.post(sent["Location"], {"code": "no", "next": home})
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (200, True)
    right = browser.post(sent["Location"], {"code": phones.code_on(cast.ada.phone), "next": home})

    assert (right.status_code, right["Location"]) == (302, home)
    assert browser.get(home).status_code == 200


def test_the_page_says_what_goes_wrong_in_words(cast, phones):
    browser = Client()
    assert "notice-error" in browser.post("/sign-in/code/", {"login": "12"}).content.decode()
    assert "notice-error" in browser.post("/sign-in/code/", {}).content.decode()
    assert Client().get("/sign-in/code/confirm/")["Location"] == "/sign-in/code/"
    for _ in range(3):
        Client().post("/sign-in/code/", {"login": cast.ada.phone})
    assert Client().post("/sign-in/code/", {"login": cast.ada.phone}).status_code == 429
    phones.result = Refused(code="21211", permanent=True)
    answer = Client().post("/sign-in/code/", {"login": cast.bola.phone})
    assert (answer.status_code, "could not be sent" in answer.content.decode()) == (503, True)


# --- one's own number -------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(cast, app):
    app.sign_in(cast.ada)
    assert app.is_in
    return app


def change(app, phone, password=PASSWORD):
    app("POST", "auth/reauthenticate", {"password": password})
    return app("POST", "account/phone", {"phone": phone})


def verify(app, code):
    return app("POST", "auth/phone/verify", {"code": code})


def test_a_new_number_is_his_once_he_has_typed_its_code(cast, phones, ada):
    assert change(ada, "+44 7700 900777").status_code == 202
    user = cast.ada.user
    user.refresh_from_db()
    assert user.phone != NEW, "not before"

    assert verify(ada, phones.code_on(NEW)).status_code == 200

    user.refresh_from_db()
    assert (user.phone, user.is_phone_verified) == (NEW, True)
    assert ada("GET", "account/phone").json()["data"] == [{"phone": NEW, "verified": True}]
    (entry,) = AuditEntry.objects.filter(action="accounts.phone.verified")
    assert (entry.estate_id, entry.changes) == (cast.estate.pk, {"phone": NEW})
    by_phone = {"phone": NEW, "password": PASSWORD}
    assert App()("POST", "auth/login", by_phone).status_code == 200


def test_a_number_that_the_office_typed_is_proved_by_its_owner(cast, phones, ada):
    User.objects.filter(pk=cast.ada.user.pk).update(is_phone_verified=False)

    assert change(ada, cast.ada.phone).status_code == 202
    assert verify(ada, phones.code_on(cast.ada.phone)).status_code == 200

    cast.ada.user.refresh_from_db()
    assert cast.ada.user.is_phone_verified


def test_it_asks_for_the_password_again(cast, phones, ada):
    assert change(ada, NEW, password="wrong").status_code == 401
    assert phones.texts == []


@pytest.mark.parametrize("is_proved", [True, False])
def test_nobody_takes_anothers_number(cast, phones, ada, is_proved):
    User.objects.filter(pk=cast.stranger.user.pk).update(is_phone_verified=is_proved)
    change(ada, cast.stranger.phone)

    code = phones.code_on(cast.stranger.phone) if phones.texts else "000000"
    answer = verify(ada, code)

    assert answer.status_code in (400, 409)
    assert answer.json()["errors"][0]["code"] == "phone_taken"
    cast.stranger.user.refresh_from_db()
    assert cast.stranger.user.phone == "+447700900010"


def test_wrong_codes_change_nothing(cast, phones, ada):
    change(ada, NEW)
    assert [verify(ada, "no").status_code for _ in range(3)] == [400] * 3
    assert verify(ada, phones.code_on(NEW)).status_code == 409

    change(ada, NEW)
    with time_machine.travel(now() + timedelta(seconds=301)):
        assert verify(ada, phones.code_on(NEW)).status_code == 409
    cast.ada.user.refresh_from_db()
    assert cast.ada.user.phone == "+447700900001"


@pytest.mark.parametrize("phone", ["", "12", None, "ada@example.test", "+447700900001"])
def test_a_number_that_is_none_or_is_his_already_is_refused(cast, phones, ada, phone):
    answer = change(ada, phone)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "phone"
    assert phones.texts == []


def test_too_many_texts_are_refused(cast, phones, ada):
    answers = [change(ada, NEW).status_code for _ in range(4)]

    assert answers == [202, 202, 202, 429]


def test_nobody_changes_a_number_without_signing_in(cast, phones, app):
    assert app("POST", "account/phone", {"phone": NEW}).status_code in (401, 409)
    assert phones.texts == []


def test_spaces_in_a_number_are_no_mistake_at_the_sign_in_page(cast):
    answer = Client().post("/sign-in/", {"login": "+44 7700 900 001", "password": PASSWORD})

    assert answer.status_code == 302

"""Making an account: each address is proved by a code, and nobody learns who has one."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.test import Client

from accounts.models import User
from core.clock import now
from core.models import AuditEntry
from notifications.sms.base import Refused
from tests.support.app import App
from tests.support.cast import PASSWORD
from tests.support.inbox import wrong_for

NEW_EMAIL, NEW_PHONE = "chidi@example.test", "+447700900888"
CHIDI = {"name": "Chidi Eze", "email": NEW_EMAIL, "password": PASSWORD}


def sign_up(app, **changes):
    body = {key: value for key, value in (CHIDI | changes).items() if value is not None}
    return app("POST", "auth/signup", body)


def by_mail(app, code):
    return app("POST", "auth/email/verify", {"key": code})


def by_text(app, code):
    return app("POST", "auth/phone/verify", {"code": code})


def pending(answer):
    return [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")]


def test_a_code_by_mail_makes_the_account_and_signs_in(db, mailboxes, app):
    answer = sign_up(app, email="Chidi@Example.test")

    assert (answer.status_code, pending(answer)) == (401, ["verify_email"])
    assert not User.objects.exists(), "nothing is kept before an address is proved"
    answer = by_mail(app, mailboxes.code_at(NEW_EMAIL))

    assert (answer.status_code, app.is_in) == (200, True)
    user = User.objects.get()
    assert (user.name, user.email, user.is_email_verified, user.phone) == ("Chidi Eze", NEW_EMAIL, True, None)
    assert user.password.startswith("argon2")
    (entry,) = AuditEntry.objects.filter(action="accounts.user.signed_up")
    assert (entry.actor_name, entry.changes["email"]) == ("Chidi Eze", NEW_EMAIL)
    assert App()("POST", "auth/login", {"email": NEW_EMAIL, "password": PASSWORD}).status_code == 200


def test_a_phone_alone_is_enough(db, phones, app):
    answer = sign_up(app, email=None, phone="+44 7700 900888")
    assert pending(answer) == ["verify_phone"]

    assert by_text(app, phones.code_on(NEW_PHONE)).status_code == 200

    user = User.objects.get()
    assert (user.phone, user.is_phone_verified, user.email) == (NEW_PHONE, True, None)
    assert app.is_in


def test_who_gives_both_proves_both(db, phones, mailboxes, app):
    sign_up(app, phone=NEW_PHONE)
    assert mailboxes.mails == []

    answer = by_text(app, phones.code_on(NEW_PHONE))

    assert (answer.status_code, pending(answer)) == (401, ["verify_email"])
    assert not User.objects.exists()
    assert by_mail(app, mailboxes.code_at(NEW_EMAIL)).status_code == 200
    user = User.objects.get()
    assert (user.is_email_verified, user.is_phone_verified) == (True, True)


def test_an_address_that_has_an_account_is_answered_alike_and_its_owner_is_told(cast, phones, mailboxes, app):
    unknown = sign_up(App()).json()["data"]

    assert sign_up(app, email="ADA@example.test").json()["data"] == unknown
    (letter,) = mailboxes.to("ada@example.test")
    assert "has an account already" in letter.text
    assert not re.search(r"\b\d{6}\b", letter.text)
    assert by_mail(app, "000000").status_code == 400
    assert sign_up(App(), email=None, phone=cast.ada.phone).status_code == 401
    assert [to for to, body in phones.texts if "has an account already" in body] == [cast.ada.phone]
    cast.ada.user.refresh_from_db()
    assert check_password(PASSWORD, cast.ada.user.password)


def test_three_wrong_codes_end_it_and_so_does_time(db, mailboxes, app):
    sign_up(app)
    code = mailboxes.code_at(NEW_EMAIL)
    assert [by_mail(app, wrong_for(code)).status_code for _ in range(3)] == [400] * 3
    assert by_mail(app, code).status_code == 409

    sign_up(app)
    with time_machine.travel(now() + timedelta(seconds=301)):
        assert by_mail(app, mailboxes.code_at(NEW_EMAIL)).status_code == 409
    assert not User.objects.exists()


def test_a_code_of_one_address_or_of_another_person_fits_nowhere_else(db, phones, mailboxes, app):
    sign_up(app, phone=NEW_PHONE)
    other = App()
    sign_up(other, email="other@example.test")

    assert by_mail(app, mailboxes.code_at("other@example.test")).status_code == 409, "the phone comes first"
    assert by_text(other, phones.code_on(NEW_PHONE)).status_code == 409
    assert not User.objects.exists()


def test_another_code_is_sent_twice_and_the_one_before_is_worth_nothing(db, mailboxes, app):
    sign_up(app)
    first = mailboxes.code_at(NEW_EMAIL)
    assert app("POST", "auth/email/verify/resend").status_code == 200
    second = mailboxes.code_at(NEW_EMAIL)
    if second != first:
        assert by_mail(app, first).status_code == 400
    assert by_mail(app, second).status_code == 200
    assert app("POST", "auth/email/verify/resend").status_code == 409


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"email": None}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"email": f"{'x' * 250}@example.test"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "chidi-eze-chidi", "name": "chidi-eze-chidi"}, "password"),
        ({"password": None}, "password"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(db, mailboxes, app, change, param):
    answer = sign_up(app, **change)

    assert (answer.status_code, {error.get("param") for error in answer.json()["errors"]}) == (400, {param})
    assert mailboxes.mails == []


def test_mails_are_few(db, mailboxes):
    answers = [sign_up(App()) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1]["Retry-After"] == "300"
    assert sign_up(App(), email="other@example.test").status_code == 401


def test_a_mail_that_cannot_be_sent_is_no_secret(db, mailboxes, app):
    mailboxes.result = Refused(code="550", permanent=True)

    answer = sign_up(app)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "not_sent")
    assert by_mail(app, "000000").status_code == 409


def test_of_two_who_prove_one_address_the_second_is_told(db, mailboxes, app):
    second = App()
    sign_up(app)
    first_code = mailboxes.code_at(NEW_EMAIL)
    sign_up(second)

    assert by_mail(app, first_code).status_code == 200
    answer = by_mail(second, mailboxes.code_at(NEW_EMAIL))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "account_taken")
    assert User.objects.count() == 1


def test_who_is_signed_in_makes_no_second_account(cast, mailboxes, app):
    app.sign_in(cast.ada)

    assert sign_up(app).status_code == 409
    assert mailboxes.mails == []


def test_who_has_just_signed_up_belongs_nowhere_and_sees_nothing(cast, mailboxes, app):
    sign_up(app)
    by_mail(app, mailboxes.code_at(NEW_EMAIL))

    me = app.client.get("/api/v1/me/", headers=app.headers).json()
    assert me["memberships"] == []
    alerts = f"/api/v1/estates/{cast.estate.pk}/alerts/"
    assert app.client.get(alerts, headers=app.headers).status_code == 404


def test_the_pages_make_an_account_without_a_script(db, mailboxes):
    browser = Client()
    page = browser.get("/sign-in/?next=/settings/").content.decode()
    assert 'href="/sign-up/?next=/settings/"' in page
    wrong = browser.post("/sign-up/", CHIDI | {"email": "", "password": "short"}).content.decode()
    assert wrong.count("notice-error") == 2
    assert "Chidi Eze" in wrong
    assert "short" not in wrong.replace("too short", "")

    sent = browser.post("/sign-up/", CHIDI | {"next": "/settings/"})
    assert sent["Location"] == "/sign-up/code/"
    assert NEW_EMAIL in browser.get("/sign-up/code/").content.decode()
    assert "Another code" in browser.post("/sign-up/code/", {"again": "yes"}).content.decode()
    assert "notice-error" in browser.post("/sign-up/code/", {"code": "no"}).content.decode()
    right = browser.post("/sign-up/code/", {"code": mailboxes.code_at(NEW_EMAIL)})

    assert (right.status_code, right["Location"]) == (302, "/settings/")
    assert browser.get("/settings/").status_code == 200
    assert browser.get("/sign-up/")["Location"] == "/"
    assert Client().get("/sign-up/code/")["Location"] == "/sign-up/"


def test_the_pages_say_what_cannot_be(db, mailboxes):
    mailboxes.result = Refused(code="550", permanent=True)
    answer = Client().post("/sign-up/", CHIDI)
    assert (answer.status_code, "could not be sent" in answer.content.decode()) == (503, True)
    mailboxes.result = mailboxes.__class__().result
    for _ in range(2):
        Client().post("/sign-up/", CHIDI)
    assert Client().post("/sign-up/", CHIDI).status_code == 429

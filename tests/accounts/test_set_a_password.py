"""A forgotten password, or none yet: by a code to one's email or phone."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from core.clock import now
from core.models import AuditEntry
from tests.support.app import App
from tests.support.authenticator import give_second_factor
from tests.support.cast import PASSWORD
from tests.support.inbox import wrong_for

NEW = "another-horse-8-battery"
ADA = "ada@example.test"


def request(app, **body):
    return app("POST", "auth/password/request", body)


def reset(app, key, password=NEW):
    return app("POST", "auth/password/reset", {"key": key, "password": password})


def log_in(password, **login):
    return App()("POST", "auth/login", login | {"password": password}).status_code


@pytest.fixture
def proved(cast):
    User.objects.filter(pk=cast.ada.user.pk).update(is_email_verified=True)
    return cast


def test_a_code_by_mail_sets_it_ends_other_sign_ins_and_is_told(proved, mailboxes, app):
    elsewhere = App()
    elsewhere.sign_in(proved.ada)

    assert request(app, email=ADA).status_code == 401
    assert reset(app, mailboxes.code_at(ADA)).status_code == 401, "it signs nobody in"

    assert (log_in(NEW, email=ADA), log_in(PASSWORD, email=ADA)) == (200, 400)
    assert not elsewhere.is_in
    assert "was changed" in mailboxes.to(ADA)[-1].text
    assert AuditEntry.objects.filter(action="accounts.password.changed", estate_id=proved.estate.pk).exists()


def test_a_code_by_text_sets_it(cast, phones, app):
    request(app, phone="+44 7700 900001")
    reset(app, phones.code_on(cast.ada.phone))

    assert log_in(NEW, phone=cast.ada.phone) == 200


def test_who_has_no_account_or_another_way_in_is_answered_alike_and_told(proved, phones, mailboxes):
    known = request(App(), email=ADA).json()["data"]
    unproved = "bola@example.test"
    assert not User.objects.get(email=unproved).is_email_verified

    for address in ("nobody@example.test", unproved):
        app = App()
        assert request(app, email=address).json()["data"] == known
        (letter,) = mailboxes.to(address)
        assert "no account" in letter.text
        assert reset(app, "000000").status_code == 400
    app = App()
    assert request(app, phone="+447700900999").json()["data"] == known
    assert phones.texts == []
    assert reset(app, "").status_code == 400


def test_wrong_codes_and_time_end_it(proved, mailboxes, app):
    request(app, email=ADA)
    code = mailboxes.code_at(ADA)
    assert [reset(app, wrong_for(code)).status_code for _ in range(3)] == [400] * 3
    assert reset(app, code).status_code == 409

    request(app, email=ADA)
    with time_machine.travel(now() + timedelta(seconds=301)):
        assert reset(app, mailboxes.code_at(ADA)).status_code == 409
    assert log_in(PASSWORD, email=ADA) == 200
    assert (
        AuditEntry.objects.filter(action="accounts.sign_in.failed", estate_id=proved.estate.pk).count() == 3
    )


def test_a_weak_password_costs_no_code(proved, mailboxes, app):
    request(app, email=ADA)
    code = mailboxes.code_at(ADA)

    for weak in ("short", "password1234", "ada@example.test"):
        answer = reset(app, code, weak)
        assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "password")
    assert reset(app, code).status_code == 401
    assert log_in(NEW, email=ADA) == 200
    assert reset(app, code).status_code == 409, "a code is good once"


@pytest.mark.parametrize(
    "body", [{}, {"email": ""}, {"email": "no"}, {"phone": "12"}, {"email": ADA, "phone": "+447700900001"}]
)
def test_what_is_no_address_is_refused(cast, mailboxes, phones, app, body):
    assert request(app, **body).status_code == 400
    assert (mailboxes.mails, phones.texts) == ([], [])


def test_a_second_step_is_asked_for_all_the_same(proved, mailboxes, app):
    give_second_factor(proved.ada)
    request(app, email=ADA)
    reset(app, mailboxes.code_at(ADA))

    assert log_in(NEW, email=ADA) == 401


def test_a_disabled_user_gets_no_code(proved, mailboxes, app):
    User.objects.filter(email=ADA).update(is_active=False)

    request(app, email=ADA)

    assert "no account" in mailboxes.to(ADA)[-1].text


# --- accounts that an office made -------------------------------------------------------------------------------------


@pytest.fixture
def imported(cast):
    return User.objects.create_user(name="Efe", email="efe@example.test", phone="+447700900777")


def test_an_account_that_an_office_made_is_entered_by_a_code_and_gets_a_password(imported, mailboxes, app):
    app("POST", "auth/code/request", {"email": "Efe@example.test"})
    assert app("POST", "auth/code/confirm", {"code": mailboxes.code_at(imported.email)}).status_code == 200

    imported.refresh_from_db()
    assert (imported.is_email_verified, app.is_in) == (True, True)
    answer = app("POST", "account/password/change", {"new_password": NEW})
    assert answer.status_code == 200, answer.content
    assert log_in(NEW, email=imported.email) == 200


def test_it_is_entered_by_its_phone_as_well_and_then_by_no_unproved_address(imported, phones, mailboxes, app):
    app("POST", "auth/code/request", {"phone": imported.phone})
    app("POST", "auth/code/confirm", {"code": phones.code_on(imported.phone)})
    assert app.is_in
    imported.refresh_from_db()
    assert imported.is_phone_verified

    # The office may have mistyped the other one.
    App()("POST", "auth/code/request", {"email": imported.email})

    assert "no account" in mailboxes.to(imported.email)[-1].text


def test_or_gets_a_password_at_once(imported, phones, app):
    request(app, phone=imported.phone)
    reset(app, phones.code_on(imported.phone))

    assert log_in(NEW, phone=imported.phone) == 200


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_pages_set_a_password_without_a_script(proved, mailboxes):
    browser = Client()
    assert 'href="/password/"' in browser.get("/sign-in/").content.decode()
    assert "notice-error" in browser.post("/password/", {"login": "nonsense@"}).content.decode()
    assert "notice-error" in browser.post("/password/", {}).content.decode()

    assert browser.post("/password/", {"login": "Ada@example.test"})["Location"] == "/password/new/"
    code = mailboxes.code_at(ADA)
    wrong = browser.post("/password/new/", {"key": wrong_for(code), "password": NEW}).content.decode()
    assert ("notice-error" in wrong, NEW in wrong) == (True, False)
    weak = browser.post("/password/new/", {"key": code, "password": "short"}).content.decode()
    assert "too short" in weak
    right = browser.post("/password/new/", {"key": code, "password": NEW})

    assert right["Location"] == "/sign-in/?password=set"
    assert "Your password is set" in browser.get(right["Location"]).content.decode()
    assert browser.post("/sign-in/", {"login": ADA, "password": NEW}).status_code == 302
    assert Client().get("/password/new/")["Location"] == "/password/"

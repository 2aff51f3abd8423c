"""One's own email address: another one counts once its code has been typed."""

import pytest

from accounts.models import User
from core.models import AuditEntry
from tests.support.app import App
from tests.support.cast import PASSWORD
from tests.support.inbox import wrong_for

NEW = "ada.new@example.test"
OLD = "ada@example.test"


@pytest.fixture
def ada(cast, app):
    app.sign_in(cast.ada)
    assert app.is_in
    return app


def change(app, email, password=PASSWORD):
    app("POST", "auth/reauthenticate", {"password": password})
    return app("POST", "account/email", {"email": email})


def verify(app, code):
    return app("POST", "auth/email/verify", {"key": code})


def test_a_new_address_is_his_once_he_has_typed_its_code_and_the_old_one_is_told(cast, mailboxes, ada):
    assert change(ada, "Ada.New@example.test").status_code == 202
    cast.ada.user.refresh_from_db()
    assert cast.ada.user.email == OLD, "not before"

    assert verify(ada, mailboxes.code_at(NEW)).status_code == 200

    answer = ada("GET", "account/email").json()["data"]
    assert answer == [{"email": NEW, "verified": True, "primary": True}]
    assert NEW in mailboxes.to(OLD)[-1].text
    (entry,) = AuditEntry.objects.filter(action="accounts.email.verified")
    assert (entry.estate_id, entry.changes) == (cast.estate.pk, {"email": NEW})
    logins = [
        App()("POST", "auth/login", {"email": email, "password": PASSWORD}).status_code
        for email in (NEW, OLD)
    ]
    assert logins == [200, 400]


def test_the_address_that_the_office_typed_is_proved_by_its_owner(cast, mailboxes, ada):
    assert ada("GET", "account/email").json()["data"][0]["verified"] is False

    change(ada, OLD)
    verify(ada, mailboxes.code_at(OLD))

    cast.ada.user.refresh_from_db()
    assert cast.ada.user.is_email_verified
    answer = change(ada, OLD)
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (400, "email")


def test_it_asks_for_the_password_again(cast, mailboxes, ada):
    assert change(ada, NEW, password="wrong").status_code == 401
    assert mailboxes.mails == []


def test_nobody_takes_anothers_address_nor_learns_of_it(cast, mailboxes, ada):
    taken = cast.stranger.user.email

    assert change(ada, taken).status_code == 202
    assert "has an account already" in mailboxes.to(taken)[-1].text
    assert [verify(ada, "000000").status_code for _ in range(4)] == [400, 400, 400, 409]


def test_an_address_that_another_proves_first_is_lost(cast, mailboxes, ada):
    change(ada, NEW)
    User.objects.filter(pk=cast.bola.user.pk).update(email=NEW)

    answer = verify(ada, mailboxes.code_at(NEW))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "email_taken")
    cast.ada.user.refresh_from_db()
    assert (cast.ada.user.email, cast.ada.user.is_email_verified) == (OLD, False)


def test_wrong_codes_change_nothing(cast, mailboxes, ada):
    change(ada, NEW)
    code = mailboxes.code_at(NEW)
    assert [verify(ada, wrong_for(code)).status_code for _ in range(3)] == [400] * 3
    assert verify(ada, code).status_code == 409
    cast.ada.user.refresh_from_db()
    assert cast.ada.user.email == OLD


@pytest.mark.parametrize("email", ["", None, "no", ["x"], f"{'x' * 250}@example.test"])
def test_what_is_no_address_is_refused(cast, mailboxes, ada, email):
    assert change(ada, email).status_code == 400
    assert mailboxes.mails == []


def test_nobody_changes_an_address_without_signing_in(cast, mailboxes, app):
    assert app("POST", "account/email", {"email": NEW}).status_code == 401
    assert verify(app, "000000").status_code == 409
    assert mailboxes.mails == []


def test_an_address_is_one_however_it_is_typed(db):
    User.objects.bulk_create([User(name="Efe", email="Efe@Example.test")])

    assert User.objects.get(email="EFE@example.TEST").email == "efe@example.test"

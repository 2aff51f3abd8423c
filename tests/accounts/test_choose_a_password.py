"""Passwords: which are taken, how they are kept, and that older ones go on working."""

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client

from tests.support.cast import PASSWORD

CHANGE = "/_allauth/browser/v1/account/password/change"
NEW = "nine-kettles-in-a-boat"


@pytest.fixture
def ada(cast):
    browser = Client()
    browser.force_login(cast.ada.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def change(browser, new, current=PASSWORD):
    return browser.post(
        CHANGE, {"current_password": current, "new_password": new}, content_type="application/json"
    )


def test_a_new_password_is_good_from_then_on_and_the_old_one_is_not(cast, ada):
    assert change(ada, NEW).status_code == 200

    page = Client()
    assert page.post("/sign-in/", {"login": cast.ada.email, "password": PASSWORD}).status_code == 200
    assert page.post("/sign-in/", {"login": cast.ada.email, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-one", "password_too_short"),
        ("password123", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("ada@example.test", "password_too_similar"),
        ("ada obi ada", "password_too_similar"),
        ("447700900001", "password_too_similar"),
        ("", "required"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(cast, ada, password, code):
    answer = change(ada, password)

    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert {error["param"] for error in errors} == {"new_password"}
    assert code in {error["code"] for error in errors}
    cast.ada.user.refresh_from_db()
    assert cast.ada.user.check_password(PASSWORD)


def test_the_present_password_is_asked_for(cast, ada):
    answer = change(ada, NEW, current="not-mine-at-all")

    assert answer.status_code == 400
    assert [error["param"] for error in answer.json()["errors"]] == ["current_password"]


def test_nobody_changes_a_password_without_signing_in(cast):
    assert change(Client(), NEW).status_code == 401


def test_passwords_are_kept_with_argon2(cast, ada):
    change(ada, NEW)

    cast.ada.user.refresh_from_db()
    assert identify_hasher(cast.ada.user.password).algorithm == "argon2"


def test_a_password_that_was_kept_in_another_way_works_and_is_kept_anew(cast):
    cast.ada.user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    cast.ada.user.save()

    answer = Client().post("/sign-in/", {"login": cast.ada.email, "password": PASSWORD})

    assert answer.status_code == 302
    cast.ada.user.refresh_from_db()
    assert identify_hasher(cast.ada.user.password).algorithm == "argon2"

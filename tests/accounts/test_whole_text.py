"""Half a character in JSON is refused, and not a crash."""

import pytest

from tests.support.app import App
from tests.support.cast import PASSWORD


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("auth/login", {"email": "ada@example.test", "password": "\ud800-and-the-rest"}),
        ("auth/signup", {"name": "X", "email": "x@example.test", "password": "\udfff-and-the-rest"}),
        ("auth/signup", {"name": "X", "email": "x@\ud800.test", "password": PASSWORD}),
        ("auth/password/request", {"email": "x@\ud800.test"}),
        ("auth/password/request", {"deep": [{"\ud800": 1}]}),
    ],
)
def test_half_a_character_is_refused(cast, mailboxes, path, body):
    answer = App()("POST", path, body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid")
    assert mailboxes.mails == []


def test_a_whole_one_and_what_only_looks_like_a_half_are_taken(cast, app):
    for password in ("\U0001f600" * 10, "\\ud800", "\\\\ud800\\"):
        answer = app("POST", "auth/login", {"email": cast.ada.email, "password": password})
        assert answer.json()["errors"][0]["code"] == "email_password_mismatch"


def test_what_is_no_json_is_allauths_to_refuse(cast, app):
    answer = app.client.post(
        "/_allauth/app/v1/auth/login", b'{"password": "\\ud8', content_type="application/json"
    )
    assert answer.status_code == 400

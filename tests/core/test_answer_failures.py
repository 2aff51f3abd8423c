"""What nobody expected is answered in the form that the caller understands."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(client, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("realtime.api.issue_connection_token", fail)
    client.raise_request_exception = False
    return client


def test_the_api_answers_with_a_problem(broken, cast):
    broken.force_login(cast.ada.user)

    answer = broken.post(cast.ada.url("realtime/tokens/"))

    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert "ZeroDivisionError" not in answer.content.decode()

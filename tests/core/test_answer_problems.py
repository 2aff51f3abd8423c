"""Errors look the same everywhere (RFC 9457), and bad input loses nothing."""

import pytest
from django.test import Client

from core.http.json import MAX_BODY


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing", "/webhooks/nothing/"])
def test_an_unknown_address_is_a_problem_for_the_apis_callers(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"on": true}', "text/plain", 415),
        (b'{"on": "' + b"x" * (1024 * 1024) + b'"}', "application/json", 413),
        (b'"' + b"x" * (MAX_BODY - 2) + b'"', "application/json", 400),
        (b"", "application/json", 400),
        (b"null", "application/json", 400),
    ],
    ids=["broken", "no text", "deep", "other type", "1 MB", "at the limit", "empty", "null"],
)
def test_a_bad_body_gets_a_clear_error(cast, body, content_type, status):
    client = Client()
    client.force_login(cast.gate.user)

    answer = client.post(cast.gate.url("duty/"), body, content_type=content_type)

    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "detail", "code"} <= set(problem)


def test_a_wrong_method_is_a_problem(cast):
    answer = cast.gate.api.delete(cast.gate.url("duty/"))

    assert answer.status_code == 405
    assert answer.json()["status"] == 405


def test_a_page_cannot_post_without_the_csrf_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.gate.user)

    answer = client.post(cast.gate.url("duty/"), {"on": True}, content_type="application/json")

    assert answer.status_code == 403


def test_every_answer_carries_its_request_id(client):
    assert client.get("/healthz").headers["X-Request-Id"]
    assert client.get("/healthz", headers={"X-Request-Id": "given-by-the-proxy"}).headers["X-Request-Id"] == (
        "given-by-the-proxy"
    )
    assert client.get("/healthz", headers={"X-Request-Id": "a b\tc"}).headers["X-Request-Id"] != "a b\tc"


def test_pages_carry_the_security_headers(client):
    headers = client.get("/healthz").headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"

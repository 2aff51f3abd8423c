"""Requests that another site makes a browser send: refused at every door that changes something."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.endpoints import address_of, endpoints
from tests.support.world import World

MUTATING = [one for one in endpoints() if one.method != "get"]


@pytest.fixture
def browser(cast):
    """Musa's browser, as another site makes it send: with his cookies and without the token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.musa.user)
    return client


def test_a_session_without_the_token_changes_nothing_by_rest(cast, browser):
    world = World(cast.musa).fill()
    answers = {}
    for one in MUTATING:
        answer = getattr(browser, one.method)(
            address_of(one.path, world), b"{}", content_type="application/json"
        )
        answers[str(one)] = (answer.status_code, answer.json()["code"] if answer.status_code == 403 else "")

    assert len(answers) > 25
    assert not {door: told for door, told in answers.items() if told[0] != 403}
    assert {told[1] for told in answers.values()} == {"permission_denied"}


def test_with_the_token_the_same_session_may(cast, browser):
    browser.get(f"/estates/{cast.estate.pk}/desk/posts/")
    token = browser.cookies["csrftoken"].value

    answer = browser.post(
        cast.musa.url("posts/"),
        {"name": "North gate"},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )

    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_the_token_from_another_origin_is_refused(cast, browser, origin):
    browser.get(f"/estates/{cast.estate.pk}/desk/posts/")

    answer = browser.post(
        cast.musa.url("posts/"),
        {"name": "North gate"},
        content_type="application/json",
        headers={"X-CSRFToken": browser.cookies["csrftoken"].value, "Origin": origin},
    )

    assert answer.status_code == 403


def test_a_session_without_the_token_changes_nothing_by_any_page(cast, browser):
    """Pages, sign-in and all: whatever is no endpoint of the API, app clients (which have no cookies) and callbacks."""
    world = World(cast.musa).fill()
    open_to_machines = ("api/", "webhooks/", "_allauth/app/", "healthz", "readyz", "metrics")
    found = {}
    for path in _paths(get_resolver()):
        if path.startswith(open_to_machines):
            continue
        try:
            address = address_of("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), world)
        except AssertionError:
            # A signed word or a token stands there: without the right one nothing is done anyway.
            address = "/" + re.sub(r"<[^>]+>", "x", path)
        status = browser.post(address, {}).status_code
        if status not in (403, 404, 405):
            found[address] = status

    assert not found


def _paths(resolver, prefix=""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _paths(entry, path)
        elif isinstance(entry, URLPattern):
            yield path

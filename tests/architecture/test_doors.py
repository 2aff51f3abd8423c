"""Every door is known, asks for a permission, and is closed to Stranger."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from core.background import functions, queues, ticks
from core.clock import now
from estates.http import EstateView
from estates.models import Occupancy, SupportAccess
from estates.permissions import MATRIX, Permission, RoleKey
from estates.scope import EstateScopedModel, UnscopedQuery
from estates.services.keys import make_key
from realtime.commands import commands
from realtime.topics import topics_of

METHODS = ("get", "post", "put", "patch", "delete")


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


ESTATE_PATHS = [(path, view) for path, view in patterns() if "<uuid:estate_id>" in path]
ENDPOINTS = [(path, view.cls) for path, view in ESTATE_PATHS if path.startswith("api/v1/")]


def test_the_sweep_sees_the_endpoints():
    assert len(ENDPOINTS) >= 15
    assert len(ESTATE_PATHS) > len(ENDPOINTS), "the pages are part of it"


@pytest.mark.parametrize(("path", "view"), ENDPOINTS, ids=[path for path, _ in ENDPOINTS])
def test_every_endpoint_of_an_estate_says_what_each_method_needs(path, view):
    assert issubclass(view, EstateView)
    handled = {method.upper() for method in METHODS if hasattr(view, method)}
    assert set(view.permissions) == handled


#: Each method of each address. One sweep a test: nothing that Stranger does changes anything, and the ids are costly.
CALLS = [(method, path) for path, view in ENDPOINTS for method in METHODS if hasattr(view, method)]


def address_of(path: str, ids: dict[str, Any]) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda name: str(ids[name[1]]), path)


def test_stranger_finds_nothing_behind_any_endpoint(cast, one_of_each):
    found = {}
    for method, path in CALLS:
        answer = getattr(cast.stranger.api, method)(address_of(path, one_of_each), {}, format="json")
        kind = answer.headers["Content-Type"]
        if (answer.status_code, kind) != (404, "application/problem+json") or (
            answer.json()["code"] != "estate_not_found"
        ):
            found[method, path] = answer.content

    assert not found


def test_strangers_own_estate_does_not_open_foreign_objects(cast, one_of_each):
    """The estate in the path is his own, the object in it is not."""
    ids = one_of_each | {"estate_id": cast.other_estate.pk}
    found = {}
    for method, path in CALLS:
        # An estate's lists are called the same everywhere.
        if set(re.findall(r"<\w+:(\w+)>", path)) - {"estate_id", "name"}:
            body = BODIES.get(path.rstrip("/").split("/")[-1], {})
            answer = getattr(cast.stranger.api, method)(address_of(path, ids), body, format="json")
            if answer.status_code != 404:
                found[method, path] = answer.content

    assert not found


#: Bodies that are right in form, so that it is the object that is not found and not the form that is refused.
BODIES: dict[str, dict[str, Any]] = {
    "resolve": {"outcome": "real", "report": "x"},
    "duty": {"on": True},
    "device": {"device": "d"},
    "messages": {"text": "x"},
    "roles": {"role": "guard"},
    "<uuid:block_id>": {"name": "x"},
    "handover": {"occupants": []},
    "approve": {"unit": "B-15"},
    "occupancies": {"member_id": "0190d3f0-0000-7000-8000-000000000000", "kind": "owner"},
}


def test_stranger_finds_no_page(cast, one_of_each, client):
    client.force_login(cast.stranger.user)
    pages = [path for path, _ in ESTATE_PATHS if not path.startswith("api/")]

    answers = {path: client.get(address_of(path, one_of_each)).status_code for path in pages}

    assert set(answers.values()) == {404}, answers


def test_nobody_gets_in_without_signing_in(one_of_each, client):
    for path, _ in ESTATE_PATHS:
        answer = client.get(address_of(path, one_of_each))
        if path.startswith("api/"):
            assert answer.status_code in (401, 403, 405), (path, answer.content)
        else:
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/sign-in/"), path


@pytest.fixture
def one_of_each(cast):
    """An id of Palm Court's for each kind that can stand in a path."""
    alert = cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json").json()
    contact = cast.ada.api.post(
        cast.ada.url("contacts/"), {"name": "Aunt", "phone": "+447700900999"}, format="json"
    ).json()
    post = cast.musa.api.post(cast.musa.url("posts/"), {"name": "North gate"}, format="json").json()
    job = cast.musa.api.post(
        cast.musa.url("imports/"),
        {"list": "units", "file": SimpleUploadedFile("units.csv", b"block,name\nB,B-14\n")},
        format="multipart",
    ).json()
    role = cast.musa.api.post(
        cast.musa.url("roles/"), {"name": "Night desk", "permissions": []}, format="json"
    ).json()
    key, _ = make_key(
        actor=cast.musa.member,
        estate=cast.estate,
        name="Payroll",
        permissions=[Permission.READ_PEOPLE],
        expires_at=now() + timedelta(days=1),
    )
    code = cast.musa.api.post(cast.musa.url("join-code/")).json()["code"]
    asked = cast.stranger.api.post(
        "/api/v1/me/join-requests/", {"code": code, "unit": "B-15", "kind": "tenant"}, format="json"
    ).json()
    invitation = cast.musa.api.post(
        cast.musa.url("invitations/"),
        {"name": "Ife", "phone": "+447700900888", "unit": "B-15", "kind": "tenant"},
        format="json",
    ).json()
    return {
        "request_id": asked["id"],
        "invitation_id": invitation["id"],
        "estate_id": cast.estate.pk,
        "key_id": key.pk,
        "access_id": SupportAccess.objects.create(
            estate=cast.estate, name="Support", reason="x", expires_at=now() + timedelta(hours=1)
        ).pk,
        "member_id": cast.ada.id,
        "unit_id": cast.unit.pk,
        "block_id": cast.unit.block_id,
        "occupancy_id": Occupancy.objects.of(cast.estate).get(membership=cast.ada.membership).pk,
        "key": role["key"],
        "alert_id": alert["id"],
        "contact_id": contact["id"],
        "post_id": post["id"],
        "name": "units",
        "import_id": job["id"],
    }


def test_every_topic_of_every_person_is_of_his_own_estate(cast):
    for person in cast.people:
        assert {topic.estate_id for topic in topics_of(person.member)} == {person.estate.pk}
    names = {person.name: {topic.name for topic in topics_of(person.member)} for person in cast.people}
    stranger = names.pop(cast.stranger.name)
    assert all(not stranger & theirs for theirs in names.values())


def test_only_responders_hear_the_emergency_lane(cast):
    hears = {
        person.name for person in cast.people if any(".emergency" in t.name for t in topics_of(person.member))
    }

    assert hears == {cast.gate.name, cast.sule.name, cast.chief.name, cast.musa.name, cast.stranger.name}


def test_every_command_names_a_permission_and_an_sos_is_never_held_back():
    assert commands
    for command in commands.values():
        assert isinstance(command.permission, Permission)
    assert commands["emergency.alert.raise"].exempt


def test_nothing_that_is_done_about_an_sos_is_ever_held_back():
    """Neither are tokens for the live feed (`core.http.rate_limits`)."""
    urgent = {
        (path, method.upper())
        for path, view in ENDPOINTS
        for method in ("post", "put", "patch", "delete")
        if "/alerts/" in path and hasattr(view, method)
    }
    assert len(urgent) >= 9
    spared = {(path, method) for path, view in ENDPOINTS for method in view.never_held_back}
    tokens = {(path, method) for path, method in spared if path.endswith("realtime/tokens/")}
    assert spared == urgent | tokens
    assert tokens


def test_every_tick_is_a_task_and_every_task_has_a_queue():
    assert {tick.name for tick in ticks} <= set(functions) == set(queues)


def test_every_model_of_an_estate_refuses_an_unscoped_query():
    for model in EstateScopedModel.__subclasses__():
        with pytest.raises(UnscopedQuery):
            model.objects.all()
        with pytest.raises(UnscopedQuery):
            model.objects.filter(pk=1)


def test_every_permission_stands_in_the_matrix_once():
    assert sorted(row.permission for row in MATRIX) == sorted(Permission)


def test_every_role_can_raise_an_sos():
    row = next(row for row in MATRIX if row.permission is Permission.RAISE_ALERT)

    assert row.roles == frozenset(RoleKey)

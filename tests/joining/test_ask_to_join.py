"""Somebody knows the code and asks; until a manager says yes he sees nothing but the estate's name."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from core.models import AuditEntry
from estates.models import Estate, Membership, Occupancy, RoleGrant
from estates.permissions import Permission
from estates.selectors import member_of
from joining.models import JoinCode, JoinRequest
from realtime.models import Event
from realtime.topics import managers
from tests.architecture.test_doors import ESTATE_PATHS, address_of
from tests.emergency.conftest import in_threads
from tests.joining.conftest import as_user, ask, asked, decide, membership, renew


@pytest.fixture
def request_id(newcomer, code):
    answer = ask(as_user(newcomer), code, note="Moving in on Monday")
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def check(client, code):
    return client.post("/api/v1/join-codes/check/", {"code": code}, format="json")


def events(estate, kind):
    return list(Event.objects.filter(stream__name=managers(estate.pk).name, type=f"joining.request.{kind}"))


# --- the code ---------------------------------------------------------------------------------------------------------


def test_a_manager_makes_renews_and_switches_off_the_code(cast, newcomer):
    none = cast.musa.api.get(cast.musa.url("join-code/")).json()
    assert none == {"code": None, "url": None, "is_active": False, "renewed_at": None}
    first = renew(cast.musa).json()
    assert first["is_active"]
    assert first["url"].endswith(f"/join/?code={first['code']}")
    assert cast.musa.api.get(cast.musa.url("join-code/")).json() == first
    client = as_user(newcomer)
    assert check(client, first["code"]).json() == {"estate": "Palm Court"}
    assert check(client, f" {first['code'].lower().replace('-', ' ')} ").status_code == 200

    second = renew(cast.musa).json()
    assert second["code"] != first["code"]
    assert check(client, first["code"]).status_code == 404
    off = cast.musa.api.delete(cast.musa.url("join-code/")).json()
    assert (off["code"], off["is_active"]) == (second["code"], False)
    assert check(client, second["code"]).status_code == 404
    actions = AuditEntry.objects.filter(action__startswith="joining.code").order_by("seq")
    assert [entry.action for entry in actions] == [
        "joining.code.renewed",
        "joining.code.renewed",
        "joining.code.switched_off",
    ]


def test_a_wrong_code_a_dead_one_and_a_suspended_estates_look_the_same(cast, newcomer, code):
    client = as_user(newcomer)
    switched_off = renew(cast.stranger).json()["code"]
    cast.stranger.api.delete(cast.stranger.url("join-code/"))
    answers = [check(client, "ABCD-EFGH"), check(client, switched_off), ask(client, "ABCD-EFGH")]
    Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True)
    answers += [check(client, code), ask(client, code)]
    said = {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert len(said) == 1
    assert said.pop()[:2] == (404, "join_code_unknown")


def test_codes_are_not_guessed(cast, newcomer, code):
    client = as_user(newcomer)
    answers = [check(client, f"AAAA-AAA{letter}") for letter in "ABCDEFGHJK"]
    assert {answer.status_code for answer in answers} == {404}
    refused = check(client, code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_codes")
    assert int(refused.headers["Retry-After"]) > 0
    assert ask(client, code).status_code == 429
    other = User.objects.create_user(name="Other", email="other@example.test")
    assert check(as_user(other), code).status_code == 200, "from one address there are more tries"


def test_only_who_may_let_people_in_sees_the_code(cast, code):
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        for method in ("get", "post", "delete"):
            assert getattr(person.api, method)(person.url("join-code/")).status_code == 403
    assert cast.stranger.api.get(cast.musa.url("join-code/")).status_code == 404
    assert JoinCode.objects.of(cast.estate).get().is_active


# --- asking -----------------------------------------------------------------------------------------------------------


def test_who_asks_sees_nothing_but_the_name(cast, newcomer, request_id, client):
    mine = as_user(newcomer).get("/api/v1/me/join-requests/").json()["results"]
    (row,) = mine
    assert (row["estate"], row["unit"], row["state"], row["note"]) == (
        "Palm Court",
        "B-15",
        "open",
        "Moving in on Monday",
    )
    me = as_user(newcomer).get("/api/v1/me/").json()
    assert (me["memberships"], me["invitations"]) == ([], [])
    ids = dict.fromkeys(
        (
            "member_id",
            "unit_id",
            "block_id",
            "occupancy_id",
            "alert_id",
            "contact_id",
            "post_id",
            "import_id",
        ),
        cast.unit.pk,
    )
    ids |= {"estate_id": cast.estate.pk, "request_id": request_id, "key": "guard", "name": "units"}
    client.force_login(newcomer)
    seen = {}
    for path, _ in ESTATE_PATHS:
        try:
            address = address_of(path, ids)
        except KeyError:
            continue
        seen[path] = client.get(address).status_code
    assert len(seen) > 30
    assert set(seen.values()) == {404}, seen
    assert membership(cast.estate, newcomer) is None


def test_managers_hear_of_it_at_once_and_see_what_he_says(cast, newcomer, request_id):
    (row,) = asked(cast.musa)
    assert (row["name"], row["phone"], row["email"]) == (newcomer.name, newcomer.phone, newcomer.email)
    assert (row["unit"], row["known_unit"], row["kind"], row["state"]) == ("B-15", "B-15", "tenant", "open")
    assert not row["is_phone_verified"]
    (event,) = events(cast.estate, "opened")
    assert event.data["request"] == row
    entry = AuditEntry.objects.get(action="joining.request.opened")
    assert (entry.actor_kind, entry.actor_id) == ("user", newcomer.pk)


def test_one_open_request_for_a_person_and_an_estate(cast, newcomer, code, request_id):
    client = as_user(newcomer)
    again = ask(client, code)
    assert (again.status_code, again.json()["code"]) == (409, "join_request_open")
    other = renew(cast.stranger).json()["code"]
    assert ask(client, other).status_code == 201
    withdrawn = client.post(f"/api/v1/me/join-requests/{request_id}/withdraw/")
    assert withdrawn.json()["state"] == "withdrawn"
    assert client.post(f"/api/v1/me/join-requests/{request_id}/withdraw/").status_code == 409
    assert asked(cast.musa) == asked(cast.musa, "state=all") == []
    assert ask(client, code).status_code == 201
    assert len(events(cast.estate, "closed")) == 1


def test_a_member_does_not_ask(cast, code):
    answer = ask(cast.bola.api, code)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


def test_whoever_is_declined_does_not_ask_all_day(cast, newcomer, code):
    client = as_user(newcomer)
    for _ in range(5):
        found = ask(client, code).json()["id"]
        decide(cast.musa, found, "decline")
    refused = ask(client, code)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_join_requests")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"unit": ""}, "unit"),
        ({"unit": " \t"}, "unit"),
        ({"unit": "x" * 51}, "unit"),
        ({"kind": "guest"}, "kind"),
        ({"note": "x" * 501}, "note"),
        ({"code": ""}, "code"),
        ({"role": "manager"}, "role"),
    ],
)
def test_nonsense_is_refused_by_name(cast, newcomer, code, more, field):
    answer = ask(as_user(newcomer), more.pop("code", code), **more)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not JoinRequest.objects.of(cast.estate).exists()


def test_nobody_asks_or_looks_without_signing_in(cast, code, request_id):
    for answer in (
        ask(APIClient(), code),
        check(APIClient(), code),
        APIClient().get("/api/v1/me/join-requests/"),
        APIClient().post(f"/api/v1/me/join-requests/{request_id}/withdraw/"),
    ):
        assert answer.status_code in (401, 403)


def test_a_request_is_its_own_persons(cast, request_id):
    for person in (cast.ada, cast.musa, cast.stranger):
        answer = person.api.post(f"/api/v1/me/join-requests/{request_id}/withdraw/")
        assert (answer.status_code, answer.json()["code"]) == (404, "join_request_not_found")
        assert person.api.get("/api/v1/me/join-requests/").json()["results"] == []
    assert asked(cast.musa)[0]["state"] == "open"


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_approved_he_belongs_and_lives_there(cast, newcomer, request_id):
    answer = decide(cast.musa, request_id, "approve", unit="b-15", kind="owner", roles=["guard"])
    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("approved", cast.musa.name)
    _, member = member_of(newcomer, cast.estate.pk)
    assert member.role_keys == {"owner", "guard"}
    home = Occupancy.objects.of(cast.estate).get(membership_id=member.id)
    assert (home.unit.name, home.kind) == ("B-15", "owner")
    (row,) = as_user(newcomer).get("/api/v1/me/join-requests/").json()["results"]
    assert row["state"] == "approved"
    assert as_user(newcomer).get(cast.musa.url("")).json()["name"] == "Palm Court"
    assert asked(cast.musa, "state=open") == []
    assert [one["state"] for one in asked(cast.musa, "state=approved&q=new+comer")] == ["approved"]
    assert len(events(cast.estate, "closed")) == 1


def test_as_he_asked_where_the_manager_says_nothing_else(cast, newcomer, request_id):
    decide(cast.musa, request_id, "approve", unit="B-15")
    _, member = member_of(newcomer, cast.estate.pk)
    assert member.role_keys == {"tenant"}


def test_declined_he_reads_why_and_stays_out(cast, newcomer, request_id):
    answer = decide(cast.musa, request_id, "decline", reason="B-15 is let to somebody else")
    assert answer.json()["state"] == "declined"
    (row,) = as_user(newcomer).get("/api/v1/me/join-requests/").json()["results"]
    assert (row["state"], row["reason"]) == ("declined", "B-15 is let to somebody else")
    assert as_user(newcomer).get(cast.musa.url("")).status_code == 404
    assert membership(cast.estate, newcomer) is None


def test_what_was_decided_stays_so(cast, newcomer, request_id):
    decide(cast.musa, request_id, "decline")
    for verb, body in (("approve", {"unit": "B-15"}), ("decline", {})):
        answer = decide(cast.musa, request_id, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "join_request_decided")
    assert membership(cast.estate, newcomer) is None
    withdrawn = as_user(newcomer).post(f"/api/v1/me/join-requests/{request_id}/withdraw/")
    assert withdrawn.status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "malformed"),
        ({"unit": "Z-1"}, 404, "unit_not_found"),
        ({"unit": "B-15", "kind": "guest"}, 400, "malformed"),
        ({"unit": "B-15", "roles": ["king"]}, 404, "role_not_found"),
    ],
)
def test_a_wrong_approval_does_nothing(cast, newcomer, request_id, body, status, said):
    answer = decide(cast.musa, request_id, "approve", **body)
    assert (answer.status_code, answer.json()["code"]) == (status, said)
    assert answer.json()["errors"][0]["field"] in ("unit", "kind", "roles")
    assert asked(cast.musa)[0]["state"] == "open"
    assert membership(cast.estate, newcomer) is None


def test_nobody_lets_in_above_himself(cast, newcomer, request_id):
    """A role of the estate's own that lets people in, and may give roles, but is no manager's."""
    allowed = [Permission.MANAGE_PEOPLE.value]
    key = give_own_role(cast, allowed)
    for body in ({"unit": "B-15"}, {"unit": "B-15", "kind": "child", "roles": ["guard"]}):
        assert decide(cast.sule, request_id, "approve", **body).status_code == 403
    cast.musa.api.patch(
        cast.musa.url(f"roles/{key}/"),
        {"permissions": [*allowed, Permission.MANAGE_ROLES.value]},
        format="json",
    )
    refused = decide(cast.sule, request_id, "approve", unit="B-15", kind="child", roles=["manager"])
    assert (refused.status_code, refused.json()["code"]) == (403, "above_own")
    assert membership(cast.estate, newcomer) is None
    assert decide(cast.sule, request_id, "approve", unit="B-15", kind="child").status_code == 200


def give_own_role(cast, permissions):
    body = {"name": "Front desk", "permissions": permissions}
    key = cast.musa.api.post(cast.musa.url("roles/"), body, format="json").json()["key"]
    cast.musa.api.post(cast.musa.url(f"people/{cast.sule.id}/roles/"), {"role": key}, format="json")
    return key


def test_who_was_here_before_comes_back_as_what_he_is_let_in(cast, code):
    Membership.objects.of(cast.estate).filter(pk=cast.chief.id).update(status=Membership.Status.ENDED)
    found = ask(cast.chief.api, code).json()["id"]
    decide(cast.musa, found, "approve", unit="B-15", kind="tenant")
    assert cast.chief.member.role_keys == {"tenant"}


def test_only_who_may_let_people_in_decides_and_a_stranger_finds_nothing(cast, request_id):
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert person.api.get(person.url("join-requests/")).status_code == 403
        assert decide(person, request_id, "approve", unit="B-15").status_code == 403
        assert decide(person, request_id, "decline").status_code == 403
    assert asked(cast.stranger, "state=all") == []
    for verb, body in (("approve", {"unit": "B-15"}), ("decline", {})):
        answer = decide(cast.stranger, request_id, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (404, "join_request_not_found")
    assert asked(cast.musa)[0]["state"] == "open"


def test_two_managers_who_approve_at_once_make_one_member(cast, newcomer, request_id):
    kinds = itertools.cycle(["owner", "tenant"])
    bodies = [{"unit": "B-15", "kind": next(kinds)} for _ in range(8)]
    answers = in_threads(8, lambda n: decide(cast.musa, request_id, "approve", **bodies[n]).status_code)
    assert sorted(answers) == [200] + [409] * 7
    assert Membership.objects.of(cast.estate).filter(user=newcomer).count() == 1
    assert Occupancy.objects.of(cast.estate).filter(membership__user=newcomer).count() == 1
    assert RoleGrant.objects.of(cast.estate).filter(membership__user=newcomer).count() == 1


def test_of_an_approval_and_a_withdrawal_at_once_one_holds(cast, newcomer, request_id):
    def act(number):
        if number % 2:
            return decide(cast.musa, request_id, "approve", unit="B-15").status_code
        return as_user(newcomer).post(f"/api/v1/me/join-requests/{request_id}/withdraw/").status_code

    answers = in_threads(6, act)
    assert answers.count(200) == 1
    state = JoinRequest.objects.of(cast.estate).get().state
    assert (state == "approved") == (membership(cast.estate, newcomer) is not None)


def test_twenty_who_ask_at_once_ask_once(cast, newcomer, code):
    answers = in_threads(8, lambda _: ask(as_user(newcomer), code).status_code)
    assert sorted(answers) == [201] + [409] * 7


def test_the_list_costs_the_same_however_long(cast, code):
    counts = []
    for size in (1, 12):
        while JoinRequest.objects.of(cast.estate).count() < size:
            number = JoinRequest.objects.of(cast.estate).count()
            user = User.objects.create_user(name=f"N {number}", email=f"n{number}@example.test")
            JoinRequest.objects.create(estate=cast.estate, user=user, unit_said="B-14", kind="tenant")
        with CaptureQueriesContext(connection) as queries:
            assert len(asked(cast.musa)) == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
    pages = cast.musa.api.get(cast.musa.url("join-requests/?page_size=5&ordering=asked_at")).json()
    assert len(pages["results"]) == 5
    assert pages["next"]
    assert cast.musa.api.get(cast.musa.url("join-requests/?state=x")).json()["code"] == "filter_not_valid"

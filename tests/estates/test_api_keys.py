"""API keys: made with no more than one has, shown once, good in one estate, and never for longer than their maker."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from core.actors import SYSTEM
from core.clock import now
from core.models import AuditEntry
from estates.models import ApiKey, Role
from estates.permissions import FOR_KEYS, Permission, RoleKey
from estates.services.people import add_member, end_membership, grant_role, revoke_role
from tests.emergency.conftest import in_threads

READ = ["estates.estate.read", "estates.member.read"]


def make(person, name="Payroll", permissions=READ, days=30.0, **data):
    until = (now() + timedelta(days=days)).isoformat()
    body = {"name": name, "permissions": list(permissions), "expires_at": until, **data}
    return person.api.post(person.url("keys/"), body, format="json")


def program(key, **headers):
    """Somebody else's program with the key."""
    return Client(headers={"authorization": f"Bearer {key}", **headers})


def listed(person, query=""):
    return person.api.get(person.url(f"keys/?{query}")).json()["results"]


def entries(cast, action):
    return list(AuditEntry.objects.filter(estate_id=cast.estate.pk, action=action).order_by("seq"))


@pytest.fixture
def key(cast):
    return make(cast.musa).json()


def test_a_key_is_shown_once_and_reads_what_it_was_given(cast):
    answer = make(cast.musa)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["key"].startswith(made["prefix"] + "_")
    assert made["prefix"].startswith("clustr_")
    assert len(made["key"]) >= 59
    (row,) = listed(cast.musa)
    assert row == {name: value for name, value in made.items() if name != "key"}
    assert (row["state"], row["last_used_at"], row["created_by"]["name"]) == ("live", None, "Musa Sani")
    stored = ApiKey.objects.of(cast.estate).get()
    assert made["key"].rsplit("_", 1)[-1] not in str(vars(stored))

    client = program(made["key"])
    assert client.get(cast.musa.url("")).json()["name"] == "Palm Court"
    assert len(client.get(cast.musa.url("people/")).json()["results"]) == 9
    assert listed(cast.musa)[0]["last_used_at"] is not None


def test_it_has_nothing_that_it_was_not_given(cast, key):
    client = program(key["key"])
    body = {"name": "B-99", "block": "B"}
    refused = client.post(cast.musa.url("units/"), body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert client.get(cast.musa.url("exports/")).status_code == 403
    for path in ("alerts/", "audit/", "keys/", "roles/", "contacts/"):
        assert client.get(cast.musa.url(path)).status_code == 403, path
    sos = client.post(cast.musa.url("alerts/"), {"category": "fire"}, content_type="application/json")
    assert (sos.status_code, sos.json()["code"]) == (403, "permission_missing")
    assert client.post(cast.musa.url("realtime/tokens/")).status_code == 403


def test_it_is_nobody_anywhere_else(cast, key):
    client = program(key["key"])
    for path in (
        cast.stranger.url(""),
        cast.stranger.url("people/"),
        "/api/v1/me/",
        f"/api/v1/estates/{uuid4()}/",
    ):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/estates/{cast.estate.pk}/desk/people/").status_code == 302
    answer = client.get("/_allauth/app/v1/auth/session")
    assert answer.status_code == 401


def test_what_it_does_stands_on_the_record_under_its_name(cast):
    key = make(cast.musa, "Register", ["estates.member.manage", "core.audit.read"]).json()
    client = program(key["key"])
    body = {"name": "B-99", "block": "B"}
    made = client.post(cast.musa.url("units/"), body, content_type="application/json")
    assert made.status_code == 201, made.content
    (entry,) = entries(cast, "estates.unit.created")[-1:]
    assert (entry.actor_kind, str(entry.actor_id), entry.actor_name) == ("key", key["id"], "Register")
    found = client.get(cast.musa.url("audit/?q=Register")).json()["results"]
    assert found[0]["actor"]["kind"] == "key"
    assert [one.action for one in entries(cast, "estates.key.made")] == ["estates.key.made"]
    assert "clustr_" in entries(cast, "estates.key.made")[0].changes["prefix"]
    assert key["key"] not in str([one.changes for one in AuditEntry.objects.all()])


def test_a_list_is_taken_out_with_a_key(cast):
    client = program(make(cast.musa, permissions=["estates.member.export"]).json()["key"])
    offered = client.get(cast.musa.url("exports/")).json()["results"]
    assert {row["name"] for row in offered} == {"units", "people"}
    assert b"B-14" in client.get(cast.musa.url("exports/units/")).content
    assert client.get(cast.musa.url("exports/alerts/")).status_code == 404


def test_a_revoked_key_is_refused_at_its_next_request(cast, key):
    client = program(key["key"])
    assert client.get(cast.musa.url("")).status_code == 200
    for _ in range(2):
        assert cast.musa.api.delete(cast.musa.url(f"keys/{key['id']}/")).status_code == 204

    answer = client.get(cast.musa.url(""))
    assert (answer.status_code, answer.json()["code"]) == (401, "key_not_valid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert listed(cast.musa)[0]["state"] == "revoked"
    assert len(entries(cast, "estates.key.revoked")) == 1


def test_an_expired_key_is_refused(cast, key, time_machine):
    time_machine.move_to(now() + timedelta(days=31), tick=True)
    answer = program(key["key"]).get(cast.musa.url(""))
    assert (answer.status_code, answer.json()["code"]) == (401, "key_not_valid")
    assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text", ["clustr_", "clustr_00000000_nonsense", "clustr_\u00e4", "clustr_" + "x" * 5000]
)
def test_what_is_no_key_is_refused(cast, text):
    answer = program(text).get(cast.musa.url(""))
    assert answer.status_code == 401
    assert answer.json()["code"] == "key_not_valid"


def test_nobody_makes_a_key_above_himself_or_for_what_needs_a_person(cast):
    role = cast.musa.api.post(
        cast.musa.url("roles/"), {"name": "Key keeper", "permissions": ["estates.key.manage"]}, format="json"
    ).json()
    cast.musa.api.post(cast.musa.url(f"people/{cast.worker.id}/roles/"), {"role": role["key"]}, format="json")
    above = make(cast.worker)
    assert (above.status_code, above.json()["code"]) == (403, "above_own")
    assert make(cast.worker, permissions=["estates.estate.read"]).status_code == 201
    for permission in sorted(set(Permission) - FOR_KEYS):
        refused = make(cast.musa, permissions=[permission.value])
        assert (refused.status_code, refused.json()["code"]) == (400, "not_for_keys"), permission
        assert refused.json()["errors"][0]["field"] == "permissions"
    assert make(cast.musa, permissions=sorted(FOR_KEYS)).status_code == 201


def test_a_key_shrinks_with_its_maker_and_grows_back_with_him(cast):
    manager = Role.objects.get(key=RoleKey.MANAGER, estate__isnull=True)
    grant_role(actor=SYSTEM, membership=cast.chief.membership, role=manager)
    key = make(cast.chief, permissions=[*READ, "core.audit.read", "core.audit.read_own"]).json()["key"]
    client = program(key)
    assert client.get(cast.musa.url("audit/check/")).status_code == 200
    revoke_role(actor=SYSTEM, membership=cast.chief.membership, role=manager)
    assert client.get(cast.musa.url("audit/check/")).status_code == 403
    assert client.get(cast.musa.url("people/")).status_code == 200, "a security head may"
    grant_role(actor=SYSTEM, membership=cast.chief.membership, role=manager)
    assert client.get(cast.musa.url("audit/check/")).status_code == 200
    end_membership(actor=SYSTEM, membership=cast.chief.membership)
    assert client.get(cast.musa.url("")).status_code == 403


def test_a_suspended_estate_is_closed_to_keys_too(cast, key):
    cast.estate.is_suspended = True
    cast.estate.save()
    assert program(key["key"]).get(cast.musa.url("")).status_code == 404


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"name": " \n"}, "name_missing", "name"),
        ({"name": ""}, "malformed", "name"),
        ({"permissions": []}, "malformed", "permissions"),
        ({"permissions": ["rule.the.world"]}, "malformed", "permissions.0"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expiry_past", "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00"}, "malformed", "expires_at"),
        ({"expires_at": "2120-01-01T00:00:00Z"}, "expiry_too_far", "expires_at"),
        ({"more": 1}, "malformed", "more"),
    ],
)
def test_nonsense_makes_no_key(cast, data, code, field):
    answer = make(cast.musa, **data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert field.split(".")[0] in answer.json()["errors"][0]["field"]
    assert not ApiKey.objects.of(cast.estate).exists()


def test_only_managers_keep_keys_and_stranger_finds_none(cast, key):
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert person.api.get(person.url("keys/")).status_code == 403
        assert make(person).status_code == 403
        assert person.api.delete(person.url(f"keys/{key['id']}/")).status_code == 403
    assert listed(cast.stranger) == []
    answer = cast.stranger.api.delete(cast.stranger.url(f"keys/{key['id']}/"))
    assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")
    assert program(key["key"]).get(cast.musa.url("")).status_code == 200


def test_a_new_address_is_put_on_the_record_once(cast, key):
    for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8", "203.0.113.7"):
        assert (
            Client(REMOTE_ADDR=address, headers={"authorization": f"Bearer {key['key']}"})
            .get(cast.musa.url(""))
            .status_code
            == 200
        )
    found = entries(cast, "estates.key.used_from_new_address")
    assert [entry.changes["address"] for entry in found] == ["203.0.113.7", "203.0.113.8"]
    assert {entry.actor_kind for entry in found} == {"key"}


@pytest.mark.django_db(transaction=True)
def test_a_new_address_that_comes_twice_at_once_is_put_there_once(cast, key):
    answers = in_threads(4, lambda _: program(key["key"]).get(cast.musa.url("")).status_code)
    assert set(answers) == {200}
    assert len(entries(cast, "estates.key.used_from_new_address")) == 1


def test_using_a_key_costs_few_queries(cast, key, django_assert_num_queries):
    client = program(key["key"])
    client.get(cast.musa.url(""))
    with django_assert_num_queries(2):
        assert client.get(cast.musa.url("")).status_code == 200


def test_a_key_has_a_rate_limit_of_its_own(cast, key, settings):
    settings.CLUSTR_RATE_LIMITS = {"user": 0, "key": 3, "address": 100}
    client = program(key["key"])
    answers = [client.get(cast.musa.url("")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[0].headers["RateLimit-Policy"].startswith('"key";q=3;w=60')
    another = make(cast.musa, "Another").json()["key"]
    assert program(another).get(cast.musa.url("")).status_code == 200


def test_the_list_is_searched_narrowed_ordered_and_costs_the_same(cast, django_assert_num_queries):
    for name in ("Register", "Payroll", "Display"):
        make(cast.musa, name)
    payroll = listed(cast.musa, "q=payroll")[0]
    cast.musa.api.delete(cast.musa.url(f"keys/{payroll['id']}/"))
    for query, names in (
        ("", ["Display", "Payroll", "Register"]),
        ("ordering=-name", ["Register", "Payroll", "Display"]),
        ("ordering=created_at", ["Register", "Payroll", "Display"]),
        (f"q={payroll['prefix']}", ["Payroll"]),
        ("state=live", ["Display", "Register"]),
        ("state=revoked", ["Payroll"]),
        ("state=expired", []),
    ):
        assert [row["name"] for row in listed(cast.musa, query)] == names, query
    assert cast.musa.api.get(cast.musa.url("keys/?state=lost")).status_code == 400
    page = cast.musa.api.get(cast.musa.url("keys/?page_size=2")).json()
    assert [row["name"] for row in cast.musa.api.get(page["next"]).json()["results"]] == ["Register"]
    for size in (1, 50):
        with django_assert_num_queries(3):
            listed(cast.musa, f"page_size={size}")


def test_an_estate_has_so_many_keys_and_no_more(cast):
    for number in range(50):
        ApiKey.objects.create(
            estate=cast.estate,
            name=f"Key {number}",
            prefix="clustr_x",
            hash=str(number),
            created_by=cast.musa.membership,
            expires_at=now() + timedelta(days=1),
        )
    assert make(cast.musa).json()["code"] == "too_many_keys"


def test_one_login_in_two_estates_makes_keys_for_each_alone(cast):
    add_member(actor=SYSTEM, estate=cast.other_estate, user=cast.musa.user, roles=[RoleKey.MANAGER])
    key = make(cast.musa).json()["key"]
    assert program(key).get(cast.stranger.url("")).status_code == 404

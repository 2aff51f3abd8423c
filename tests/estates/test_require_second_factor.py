"""An estate wants a second factor of its managers and security heads; without one nothing is left but the SOS."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.urls import URLPattern, URLResolver, get_resolver

from core.models import AuditEntry
from estates.errors import SecondFactorMissing
from estates.http import EstateView
from estates.permissions import WITHOUT_SECOND_FACTOR, Permission, require
from estates.selectors import members_by_ids
from tests.support.authenticator import code_of, give_second_factor
from tests.support.cast import PASSWORD


def want(cast, is_required=True, by=None):
    person = by or cast.musa
    return person.api.put(person.url("security/"), {"is_second_factor_required": is_required}, format="json")


@pytest.fixture
def strict(cast):
    """The cast in an estate that wants it; Musa has his, Chief has not."""
    give_second_factor(cast.musa)
    assert want(cast).status_code == 200
    return cast


def test_a_manager_asks_for_it_and_takes_it_back_on_record(cast):
    give_second_factor(cast.musa)
    assert cast.chief.api.get(cast.chief.url("security/")).json() == {"is_second_factor_required": False}

    for is_required in (True, True, False):
        assert want(cast, is_required).json() == {"is_second_factor_required": is_required}

    actions = AuditEntry.objects.filter(action__startswith="estates.second_factor", estate_id=cast.estate.pk)
    assert [entry.action for entry in actions] == [
        "estates.second_factor.required",
        "estates.second_factor.waived",
    ]
    assert {entry.actor_id for entry in actions} == {cast.musa.id}


def test_who_has_none_himself_cannot_ask_it_of_others(cast):
    answer = want(cast)

    assert answer.status_code == 403
    assert answer.json()["code"] == "second_factor_missing"
    cast.estate.refresh_from_db()
    assert not cast.estate.is_second_factor_required


@pytest.mark.parametrize("name", ["chief", "gate", "ada", "accountant"])
def test_nobody_else_asks_for_it(cast, name):
    give_second_factor(getattr(cast, name))

    answer = want(cast, by=getattr(cast, name))

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


@pytest.mark.parametrize(
    "body", [{}, {"is_second_factor_required": "yes"}, {"is_second_factor_required": None}, {"x": True}, []]
)
def test_nonsense_changes_nothing(cast, body):
    give_second_factor(cast.musa)

    answer = cast.musa.api.put(cast.musa.url("security/"), body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_without_one_he_is_told_what_to_do_and_with_one_he_is_let_in(strict):
    chief = strict.chief

    refused = chief.api.get(chief.url("duty/"))

    assert refused.status_code == 403
    problem = refused.json()
    assert (problem["code"], problem["settings"]) == ("second_factor_missing", "/settings/")
    assert "your account" in problem["detail"]
    give_second_factor(chief)
    assert chief.api.get(chief.url("duty/")).status_code == 200


def doors(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from doors(entry, path)
        elif isinstance(entry, URLPattern):
            view: Any = getattr(entry.callback, "cls", object)
            # Who runs the platform stands before the estate's door: its members find nothing there.
            is_inside = issubclass(view, EstateView) and not path.startswith("api/v1/platform/")
            needed = view.permissions if is_inside else {}
            yield from ((method, path) for method in needed if needed[method] not in WITHOUT_SECOND_FACTOR)


def test_every_door_of_the_estate_but_the_sos_is_closed(strict):
    nobody = "00000000-0000-7000-8000-000000000000"
    open_doors = {}
    for method, path in doors():
        address = "/" + re.sub(
            r"<\w+:(\w+)>", lambda found: str(strict.estate.pk) if found[1] == "estate_id" else nobody, path
        )
        answer = getattr(strict.chief.api, method.lower())(address, {}, format="json")
        if (answer.status_code, answer.json()["code"]) != (403, "second_factor_missing"):
            open_doors[method, path] = answer.content

    assert not open_doors


def test_the_sos_asks_for_none(strict):
    chief = strict.chief

    raised = chief.api.post(chief.url("alerts/"), {"category": "fire"}, format="json")

    assert raised.status_code == 201
    mine = chief.url(f"alerts/{raised.json()['id']}/")
    assert chief.api.get(mine).status_code == 200
    assert chief.api.post(f"{mine}acknowledge/", {}, format="json").status_code == 403
    others = strict.ada.api.post(strict.ada.url("alerts/"), {"category": "fire"}, format="json").json()
    assert chief.api.get(chief.url(f"alerts/{others['id']}/")).status_code == 404


def test_it_concerns_managers_and_security_heads_alone(strict):
    for person in (strict.gate, strict.ada, strict.kid, strict.accountant):
        assert not person.member.lacks_second_factor
        assert person.api.get(person.url("")).status_code == 200
    with pytest.raises(SecondFactorMissing):
        require(strict.chief.member, Permission.READ_ESTATE, strict.estate)


def test_another_estate_is_none_of_its_business(strict):
    stranger = strict.stranger

    assert want(strict, False, by=stranger).status_code == 200, "his own"
    answer = stranger.api.put(
        strict.musa.url("security/"), {"is_second_factor_required": False}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "estate_not_found")
    assert stranger.api.get(stranger.url("duty/")).status_code == 200
    strict.estate.refresh_from_db()
    assert strict.estate.is_second_factor_required


def test_recovery_codes_alone_are_no_second_factor(strict):
    Authenticator.objects.create(user=strict.chief.user, type="recovery_codes", data={})

    assert strict.chief.member.lacks_second_factor


def test_he_reads_of_it_where_he_reads_who_he_is(strict):
    (row,) = strict.chief.api.get("/api/v1/me/").json()["memberships"]

    assert row["lacks_second_factor"] is True
    assert sorted(row["permissions"]) == sorted(WITHOUT_SECOND_FACTOR)
    assert row["roles"] == ["security_head"]


def test_many_at_once_are_looked_up_in_two_queries_and_agree(strict, django_assert_num_queries):
    ids = [person.id for person in strict.people]
    with django_assert_num_queries(2):
        found = members_by_ids(ids)

    assert found == {person.id: person.member for person in strict.people}
    assert {member.name for member in found.values() if member.lacks_second_factor} == {strict.chief.name}


# --- the socket -------------------------------------------------------------------------------------------------------

API = "/_allauth/app/v1/"


async def set_up(api):
    """As an app does."""
    assert (await api.post(f"{API}auth/reauthenticate", json={"password": PASSWORD})).status_code == 200
    secret = (await api.get(f"{API}account/authenticators/totp")).json()["meta"]["secret"]
    answer = await api.post(f"{API}account/authenticators/totp", json={"code": code_of(secret, steps=-1)})
    assert answer.status_code == 200, answer.text


@pytest.mark.socket
async def test_the_rule_cuts_off_who_has_none_and_leaves_him_his_sos(server, cast):
    await sync_to_async(give_second_factor)(cast.musa)
    chief = await server.tablet(cast.chief)
    guard = await server.tablet(cast.gate)

    await sync_to_async(want)(cast)

    assert await chief.close_code(timeout=5) == 4503
    again = await server.tablet(cast.chief)
    assert set(again.welcome["topics"]) == {f"member.{cast.chief.id}"}
    reply = await again.command("emergency.alert.raise", {"category": "fire"})
    assert reply["type"] == "reply", reply
    alert = reply["data"]["id"]
    refused = await again.command("emergency.alert.acknowledge", {"id": alert})
    assert refused["code"] == "second_factor_missing"
    await guard.send({"type": "ping", "ref": "p"})
    assert await guard.frame("pong")
    for tablet in (again, guard):
        await tablet.close()


@pytest.mark.socket
async def test_who_sets_it_up_hears_everything_again_in_the_same_socket(server, cast):
    await sync_to_async(give_second_factor)(cast.musa)
    await sync_to_async(want)(cast)
    api = await server.sign_in(cast.chief)
    tablet = await server.tablet(cast.chief, token=await server.token(cast.chief, client=api))

    await set_up(api)

    frame = await tablet.frame("subscriptions", timeout=5)
    assert {f"estate.{cast.estate.pk}.{name}" for name in ("all", "guards", "managers", "emergency")} == set(
        frame["joined"]
    )
    assert (await api.get(cast.chief.url("duty/"))).status_code == 200
    await tablet.close()

"""REST is limited by user and by address; an SOS, and whoever must see it, never is."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core.cache import ForgivingRedisCache
from core.http import rate_limits
from emergency.models import Alert
from tests.support.ports import free_port

#: draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4: Lists of Strings with Parameters.
POLICY = re.compile(r'"(\w+)";q=(\d+);w=(\d+)')
counting: Any = cache
STANDING = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


@pytest.fixture(autouse=True)
def limits(settings) -> Any:
    settings.CLUSTR_RATE_LIMITS = {"user": 5, "key": 5, "address": 40}
    rate_limits._held_out._until.clear()
    yield settings.CLUSTR_RATE_LIMITS
    rate_limits._held_out._until.clear()


def standing(answer):
    return {name: int(remaining) for name, remaining, _ in STANDING.findall(answer.headers["RateLimit"])}


def signed_in(person):
    client = Client()
    client.force_login(person.user)
    return client


def use_up(person, **headers):
    answers = [person.api.get(person.url(""), headers=headers) for _ in range(8)]
    assert answers[-1].status_code == 429
    return answers


def test_every_answer_says_the_limits_and_how_they_stand(cast):
    for remaining in (4, 3):
        answer = cast.ada.api.get(cast.ada.url(""))
        assert answer.headers["RateLimit-Policy"] == '"user";q=5;w=60, "address";q=40;w=60'
        assert standing(answer)["user"] == remaining
    assert 36 <= standing(answer)["address"] <= 39
    for path in ("/api/v1/me/", "/api/v1/nothing/", "/api/v1/asyncapi.json", "/api/schema/"):
        answer = Client().get(path)
        assert answer.headers["RateLimit-Policy"] == '"address";q=40;w=60', path
        assert STANDING.fullmatch(answer.headers["RateLimit"]), path


def test_one_too_many_is_a_problem_that_says_when_to_come_back(cast):
    refused = use_up(cast.ada)[-1]

    assert refused.headers["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["code"], problem["violated-policies"]) == ("rate_limited", ["user"])
    assert refused.headers["Retry-After"] == str(problem["retry_after_s"])
    assert 1 <= problem["retry_after_s"] <= 12
    assert standing(refused)["user"] == 0
    assert cast.bola.api.get(cast.bola.url("")).status_code == 200, "the limit is Ada's alone"


def test_a_user_is_one_over_all_his_devices_and_estates(cast):
    use_up(cast.ada, **{"x-forwarded-for": "203.0.113.7"})
    assert signed_in(cast.ada).get("/api/v1/me/").status_code == 429


@pytest.mark.parametrize(
    "given",
    [{}, {"authorization": "Bearer nonsense"}, {"authorization": "Bearer clustr_nonsense"}],
    ids=["nobody", "a bad token", "a bad key"],
)
def test_what_fails_to_sign_in_counts_for_the_address(cast, limits, given):
    limits["address"] = 3
    client = Client()
    answers = [client.get("/api/v1/me/", headers=given) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].json()["violated-policies"] == ["address"]
    assert cast.ada.api.get(cast.ada.url("")).status_code == 429, "whoever sits behind it"


def test_an_address_that_was_refused_is_not_even_looked_at(cast, limits, django_assert_num_queries):
    limits["address"] = 1
    cast.ada.api.get(cast.ada.url(""))
    assert cast.ada.api.get(cast.ada.url("")).status_code == 429

    client = signed_in(cast.bola)
    with django_assert_num_queries(0):
        assert client.get(cast.bola.url("")).status_code == 429


def test_the_address_is_the_one_that_our_proxy_saw(cast, limits, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    limits["address"] = 2
    for number in range(4):
        # Whatever else it says was sent along by the caller.
        forged = f"198.51.100.{number}, 203.0.113.7"
        last = Client().get("/api/v1/me/", headers={"x-forwarded-for": forged})
    assert last.status_code == 429
    assert Client().get("/api/v1/me/", headers={"x-forwarded-for": "203.0.113.8"}).status_code == 401
    for number in range(4):
        last = Client().get("/api/v1/me/", headers={"x-forwarded-for": f"2001:db8:1:2::{number}"})
    assert last.status_code == 429


def test_an_sos_gets_through_when_user_and_address_have_nothing_left(cast, limits):
    limits["address"] = 6
    for person in (cast.ada, cast.gate):
        use_up(person)
    assert Client().get("/api/v1/me/").status_code == 429

    ada, gate = cast.ada, cast.gate
    raised = ada.api.post(ada.url("alerts/"), {"category": "intrusion"}, format="json")
    assert raised.status_code == 201
    assert "RateLimit" not in raised.headers
    alert = f"alerts/{raised.json()['id']}/"
    assert ada.api.post(ada.url("realtime/tokens/")).status_code == 201
    assert gate.api.post(gate.url("realtime/tokens/")).status_code == 201
    for action in ("acknowledge", "respond", "on-scene"):
        assert gate.api.post(gate.url(f"{alert}{action}/")).status_code == 200, action
    said = ada.api.post(ada.url(f"{alert}messages/"), {"text": "He is at the back door"}, format="json")
    assert said.status_code == 201
    assert ada.api.post(ada.url(f"{alert}cancel-request/")).status_code == 200
    ended = {"outcome": "real", "report": "Gone"}
    assert gate.api.post(gate.url(f"{alert}resolve/"), ended, format="json").status_code == 200
    assert ada.api.post(ada.url(f"{alert}close/")).status_code == 200
    second = ada.api.post(ada.url("alerts/"), {"category": "fire", "countdown_s": 5}, format="json").json()
    assert ada.api.post(ada.url(f"alerts/{second['id']}/cancel/")).status_code == 200
    assert ada.api.get(ada.url("alerts/")).status_code == 429, "reading can wait"
    assert Alert.objects.of(cast.estate).count() == 2


def test_a_bad_token_gains_nothing_by_knocking_at_the_sos(cast, limits):
    limits["address"] = 3
    for _ in range(4):
        knock = Client().post(cast.ada.url("alerts/"), {}, headers={"authorization": "Bearer x"})
        assert knock.status_code == 401
    assert Client().get("/api/v1/me/").status_code == 429


def test_while_the_cache_is_away_everybody_gets_through(cast, monkeypatch):
    away = ForgivingRedisCache(
        f"redis://127.0.0.1:{free_port()}", {"OPTIONS": {"socket_connect_timeout": 0.2}}
    )
    monkeypatch.setattr(rate_limits, "cache", away)
    try:
        answers = [cast.ada.api.get(cast.ada.url("")) for _ in range(10)]
    finally:
        ForgivingRedisCache._asked_again_at = 0.0
    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].headers["RateLimit-Policy"]
    assert "RateLimit" not in answers[-1].headers


def test_one_question_to_the_cache_for_each_request(cast, monkeypatch):
    asked = []

    class Asked:
        def take(self, quotas):
            asked.append(quotas)
            return counting.take(quotas)

    monkeypatch.setattr(rate_limits, "cache", Asked())
    cast.ada.api.get(cast.ada.url(""))
    Client().get("/api/v1/me/")
    assert [[quota.name for quota in quotas] for quotas in asked] == [["user", "address"], ["address"]]


def test_no_limit_is_no_limit(cast, limits):
    limits.update(user=0, address=0)
    answers = [cast.ada.api.get(cast.ada.url("")) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Policy" not in answers[-1].headers


def test_pages_and_their_files_are_not_counted(cast, limits):
    limits["address"] = 1
    Client().get("/api/v1/me/")
    for _ in range(3):
        assert signed_in(cast.ada).get("/settings/").status_code == 200

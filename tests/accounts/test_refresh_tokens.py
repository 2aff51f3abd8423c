"""A refresh token is good once; its second use ends the sign-in that it came from (RFC 9700, section 4.14.2)."""

import asyncio
import time

import jwt
import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session

from core.models import AuditEntry
from tests.support.cast import PASSWORD

LOGIN = "/_allauth/app/v1/auth/login"
REFRESH = "/_allauth/app/v1/tokens/refresh"


def sign_in(client, person):
    answer = client.post(
        LOGIN, {"email": person.email, "password": PASSWORD}, content_type="application/json"
    )
    return answer.json()["meta"]


def refresh(client, token):
    return client.post(REFRESH, {"refresh_token": token}, content_type="application/json")


def status_with(client, access_token):
    return client.get("/api/v1/me/", headers={"Authorization": f"Bearer {access_token}"}).status_code


def test_refreshing_gives_a_new_pair_again_and_again(cast, client):
    tokens = [sign_in(client, cast.ada)["refresh_token"]]
    for _ in range(3):
        answer = refresh(client, tokens[-1])
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert status_with(client, data["access_token"]) == 200
        tokens.append(data["refresh_token"])
    assert len(set(tokens)) == 4


def test_a_reused_token_is_refused_and_ends_the_sign_in_of_whoever_holds_the_others(cast, client):
    stolen = sign_in(client, cast.ada)["refresh_token"]
    theirs = refresh(client, stolen).json()["data"]

    assert refresh(client, stolen).status_code == 400

    assert status_with(client, theirs["access_token"]) == 401
    assert refresh(client, theirs["refresh_token"]).status_code == 400
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_a_reuse_stands_on_the_record_once(cast, client):
    stolen = sign_in(client, cast.ada)["refresh_token"]
    refresh(client, stolen)
    for _ in range(3):
        refresh(client, stolen)

    (entry,) = AuditEntry.objects.filter(action__startswith="accounts.")
    assert (entry.action, entry.estate_id, entry.actor_id) == (
        "accounts.token.reused",
        cast.estate.pk,
        cast.ada.id,
    )
    assert entry.changes["sessions"][0]["address"] == "127.0.0.1"


def test_a_sign_in_that_stands_in_no_list_is_ended_too(cast, client):
    stolen = sign_in(client, cast.ada)["refresh_token"]
    UserSession.objects.all().delete()
    refresh(client, stolen)

    refresh(client, stolen)

    assert not Session.objects.exists()
    assert AuditEntry.objects.filter(action="accounts.token.reused").count() == 1


def test_other_sign_ins_of_the_same_person_go_on(cast, client):
    stolen, other = sign_in(client, cast.ada)["refresh_token"], sign_in(client, cast.ada)
    refresh(client, stolen)
    refresh(client, stolen)

    assert status_with(client, other["access_token"]) == 200
    assert refresh(client, other["refresh_token"]).status_code == 200


def forged(**changes):
    claims = {"token_use": "refresh", "jti": "x", "sub": "x", "sid": "x", "exp": time.time() + 60} | changes
    return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "a.b.c",
        forged(),
        forged(sid=""),
        forged(sid="AAAA"),
        forged(sub=5),
        forged(exp=time.time() - 60),
        jwt.encode({"token_use": "refresh"}, "another-key-of-at-least-32-characters", algorithm="HS256"),
        None,
        7,
        ["x"],
    ],
)
def test_what_is_no_refresh_token_is_refused_and_ends_nothing(cast, client, token):
    mine = sign_in(client, cast.ada)

    assert refresh(client, token).status_code == 400
    assert status_with(client, mine["access_token"]) == 200
    assert not AuditEntry.objects.filter(action__startswith="accounts.").exists()


def test_an_access_token_is_no_refresh_token(cast, client):
    mine = sign_in(client, cast.ada)

    assert refresh(client, mine["access_token"]).status_code == 400
    assert status_with(client, mine["access_token"]) == 200


@pytest.mark.socket
async def test_of_two_uses_at_once_one_wins_and_the_sign_in_ends(server, cast):
    api = await server.sign_in(cast.gate)
    answer = await api.post(
        LOGIN, json={"email": cast.gate.email, "password": PASSWORD}, headers={"Authorization": ""}
    )
    token = answer.json()["meta"]["refresh_token"]
    tablet = await server.tablet(cast.gate)

    answers = await asyncio.gather(*(api.post(REFRESH, json={"refresh_token": token}) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    (winner,) = [answer.json()["data"] for answer in answers if answer.status_code == 200]
    bearer = {"Authorization": f"Bearer {winner['access_token']}"}
    assert (await api.get("/api/v1/me/", headers=bearer)).status_code == 401
    count = await sync_to_async(AuditEntry.objects.filter(action="accounts.token.reused").count)()
    assert count == 1
    # Another sign-in's socket is none of its business.
    await tablet.send({"type": "ping", "ref": "p"})
    assert await tablet.frame("pong")
    await tablet.close()


@pytest.mark.socket
async def test_a_reuse_closes_the_sockets_of_the_sign_in(server, cast):
    api = await server.sign_in(cast.gate)
    meta = (
        await api.post(
            LOGIN, json={"email": cast.gate.email, "password": PASSWORD}, headers={"Authorization": ""}
        )
    ).json()["meta"]
    api.headers["Authorization"] = f"Bearer {meta['access_token']}"
    tablet = await server.tablet(cast.gate, token=await server.token(cast.gate, client=api))

    for _ in range(2):
        await api.post(REFRESH, json={"refresh_token": meta["refresh_token"]})

    assert await tablet.close_code(timeout=5) == 4503

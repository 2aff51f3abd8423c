"""Sign-in for apps, through the doors that an app uses."""

import pytest

LOGIN = "/_allauth/app/v1/auth/login"


def sign_in(client, **credentials):
    return client.post(LOGIN, credentials, content_type="application/json")


@pytest.mark.parametrize("by", ["email", "phone"])
def test_a_member_signs_in_with_email_or_phone(cast, client, by):
    answer = sign_in(client, **{by: getattr(cast.ada.user, by)}, password=cast.ada.password)

    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["access_token"]
    me = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).json()
    assert me["name"] == cast.ada.name
    assert [row["estate"]["name"] for row in me["memberships"]] == ["Palm Court"]
    assert me["memberships"][0]["roles"] == ["owner"]
    assert "emergency.alert.raise" in me["memberships"][0]["permissions"]


@pytest.mark.parametrize(
    "credentials",
    [
        {"email": "ada@example.test", "password": "wrong"},
        {"email": "nobody@example.test", "password": "wrong"},
        {"phone": "+447700900999", "password": "wrong"},
        {"phone": "not a number", "password": "wrong"},
        {"email": "ada@example.test"},
        {},
    ],
)
def test_wrong_credentials_are_refused(cast, client, credentials):
    answer = sign_in(client, **credentials)

    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_disabled_user_cannot_sign_in_and_his_token_is_dead(cast, client):
    token = sign_in(client, email=cast.ada.user.email, password=cast.ada.password).json()["meta"][
        "access_token"
    ]
    cast.ada.user.is_active = False
    cast.ada.user.save()

    assert sign_in(client, email=cast.ada.user.email, password=cast.ada.password).status_code != 200
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_refresh_token_is_good_once(cast, client):
    meta = sign_in(client, email=cast.ada.user.email, password=cast.ada.password).json()["meta"]
    refresh = {"refresh_token": meta["refresh_token"]}

    first = client.post("/_allauth/app/v1/tokens/refresh", refresh, content_type="application/json")
    again = client.post("/_allauth/app/v1/tokens/refresh", refresh, content_type="application/json")

    assert first.status_code == 200
    assert again.status_code == 400


def test_a_signed_out_session_ends_its_access_token(cast, client):
    meta = sign_in(client, email=cast.ada.user.email, password=cast.ada.password).json()["meta"]
    bearer = {"Authorization": f"Bearer {meta['access_token']}"}
    assert client.get("/api/v1/me/", headers=bearer).status_code == 200

    client.delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": meta["session_token"]})

    assert client.get("/api/v1/me/", headers=bearer).status_code == 401


@pytest.mark.parametrize("header", ["Bearer made-up", "Bearer ", "Basic YTpi", "nonsense"])
def test_a_made_up_token_is_no_sign_in(cast, client, header):
    assert client.get("/api/v1/me/", headers={"Authorization": header}).status_code == 401

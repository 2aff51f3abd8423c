"""Guessing passwords is slow, by account and by address. Who knows his own gets in; an SOS asks for none of it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from core.clock import now
from core.models import AuditEntry
from tests.support.cast import PASSWORD

LOGIN = "/_allauth/app/v1/auth/login"
HOME, THIEF, CAFE = "198.51.100.1", "203.0.113.9", "192.0.2.77"


@pytest.fixture
def ada(cast):
    return cast.ada


def by_app(login, password=PASSWORD, address=HOME):
    kind = "email" if "@" in login else "phone"
    return Client(REMOTE_ADDR=address).post(
        LOGIN, {kind: login, "password": password}, content_type="application/json"
    )


def by_page(login, password=PASSWORD, address=HOME):
    return Client(REMOTE_ADDR=address).post("/sign-in/", {"login": login, "password": password})


DOORS = {"app": (by_app, 200), "page": (by_page, 302)}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("by", ["email", "phone"])
def test_five_failures_lock_the_account_for_that_address(ada, door, by):
    sign_in, welcome = DOORS[door]
    login = getattr(ada, by)
    for _ in range(5):
        assert sign_in(login, "wrong", THIEF).status_code in (200, 400)

    refused = sign_in(login, PASSWORD, THIEF)

    assert refused.status_code == 429
    assert "Too many tries" in refused.content.decode()
    assert sign_in(login, PASSWORD, CAFE).status_code == welcome, "the right password from elsewhere"


def test_the_app_is_told_which_error_it_is_and_how_long_it_waits(ada):
    for _ in range(5):
        by_app(ada.email, "wrong")

    refused = by_app(ada.email)

    assert refused.json()["status"] == 429
    assert [error["code"] for error in refused.json()["errors"]] == ["too_many_login_attempts"]
    assert 290 < int(refused["Retry-After"]) <= 300


def test_both_doors_and_both_logins_count_together(ada):
    for sign_in, login in [(by_app, ada.email), (by_page, ada.phone)] * 2:
        sign_in(login, "wrong")
    by_app(ada.phone, "wrong")

    assert [by_app(ada.email).status_code, by_page(ada.phone).status_code] == [429, 429]


def test_the_lock_ends_by_itself(ada):
    for _ in range(5):
        by_app(ada.email, "wrong")
    wait_s = int(by_app(ada.email)["Retry-After"])

    with time_machine.travel(now() + timedelta(seconds=wait_s)):
        assert by_app(ada.email).status_code == 200


def test_the_failures_of_one_are_not_those_of_another(ada, cast):
    for _ in range(6):
        by_app(ada.phone, "wrong")

    assert by_app(cast.bola.phone).status_code == 200


def test_a_right_password_costs_no_try(ada):
    for _ in range(8):
        assert by_app(ada.email).status_code == 200


def test_an_address_that_tries_many_accounts_is_locked_for_all(ada, cast):
    for number in range(20):
        by_app(f"nobody.{number}@example.test", "wrong", THIEF)

    assert by_app(cast.bola.email, address=THIEF).status_code == 429
    assert by_app(cast.bola.email, address=HOME).status_code == 200


def test_many_addresses_lock_the_account_except_where_its_owner_is_signed_in(ada):
    assert by_app(ada.email, address=HOME).status_code == 200
    for number in range(1, 21):
        assert by_app(ada.email, "wrong", f"203.0.113.{number}").status_code == 400

    assert by_app(ada.email, address=CAFE).status_code == 429
    assert by_app(ada.email, address=HOME).status_code == 200
    with time_machine.travel(now() + timedelta(hours=1, seconds=1)):
        assert by_app(ada.email, address=CAFE).status_code == 200


def test_failures_and_the_lock_stand_on_the_estates_record_and_say_so_once(ada, cast):
    for _ in range(7):
        by_app(ada.email, "wrong", THIEF)

    entries = list(AuditEntry.objects.filter(action__startswith="accounts."))
    assert [entry.action.rpartition(".")[2] for entry in entries] == ["failed"] * 5 + ["locked"]
    for entry in entries:
        assert (entry.estate_id, entry.actor_kind, entry.target_id) == (
            cast.estate.pk,
            "system",
            str(ada.user.pk),
        )
        assert entry.changes["address"] == THIEF
    assert entries[-1].changes["limit"] == "sign_in_by_account_here"


def test_nobody_elses_estate_hears_of_it_and_an_unknown_login_is_nobodys(ada, cast):
    by_app(ada.email, "wrong")
    by_app("nobody@example.test", "wrong")

    assert not AuditEntry.objects.filter(
        estate_id=cast.other_estate.pk, action__startswith="accounts."
    ).exists()
    assert AuditEntry.objects.filter(action__startswith="accounts.").count() == 1


def test_who_is_locked_out_still_raises_an_sos_where_he_is_signed_in(ada):
    token = by_app(ada.email).json()["meta"]["access_token"]
    for _ in range(6):
        by_app(ada.email, "wrong")
    assert by_app(ada.email).status_code == 429

    answer = Client(REMOTE_ADDR=HOME).post(
        ada.url("alerts/"),
        {"category": "fire"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "login", ["", "@", "+", "\x00", "ada@example.test\x00", "å@example.test", "x" * 5000]
)
def test_nonsense_is_counted_and_breaks_nothing(ada, login):
    for sign_in in (by_app, by_page):
        assert sign_in(login, "wrong").status_code in (200, 400, 429)


def test_confirming_ones_password_counts_too(ada):
    client = Client(REMOTE_ADDR=HOME)
    client.post("/sign-in/", {"login": ada.email, "password": PASSWORD})

    def confirm(password):
        return client.post(
            "/_allauth/browser/v1/auth/reauthenticate",
            {"password": password},
            content_type="application/json",
        ).status_code

    assert confirm(PASSWORD) == 200
    assert [confirm("wrong") for _ in range(5)] == [400] * 5
    assert confirm(PASSWORD) == 429


def test_a_cache_that_forgets_locks_nobody_out(ada):
    for _ in range(5):
        by_app(ada.email, "wrong")
    cache.clear()

    assert by_app(ada.email).status_code == 200

"""My data: I take it out, and have my account erased; what must stay says nobody's name."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.apps import apps
from django.test import Client

from accounts.models import User
from backoffice.models import AccountDeletion, DataExport
from backoffice.services import own_data
from core.audit import breaks_in
from core.models import AuditEntry
from core.personal_data import holdings
from emergency.models import Contact
from estates.models import Estate, Membership
from notifications.models import Delivery
from tests.support.authenticator import code_of, give_second_factor
from tests.support.background import Background, run_task
from tests.support.cast import Cast, Person

EXPORT, FILE, DELETION = "/api/v1/me/export/", "/api/v1/me/export/file/", "/api/v1/me/deletion/"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def signed_in(person: Person) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"login": person.email, "password": person.password})
    assert answer.status_code == 302, answer.content
    return client


def sweep() -> None:
    run_task("backoffice.sweep_own_data")


# --- taking it out ----------------------------------------------------------------------------------------------------


def test_everything_that_is_held_of_me_comes_as_a_file_that_i_alone_can_fetch(cast: Cast) -> None:
    live(cast)
    client = signed_in(cast.ada)
    assert client.get(EXPORT).json()["code"] == "data_export_not_found"

    asked = client.post(EXPORT)

    assert asked.status_code == 202, asked.content
    view = client.get(EXPORT).json()
    assert (view["state"], view["id"]) == ("ready", asked.json()["id"])
    answer = client.get(FILE)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "application/zip",
        "no-store",
    )
    content = answer.getvalue()
    assert len(content) == view["bytes"]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        found = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert set(found) == {f"{key}.json" for key, holding in holdings.items() if holding.export}
    assert found["accounts.account.json"][0]["email"] == cast.ada.email
    assert found["emergency.contacts.json"][0]["phone"] == "+447700900999"
    assert found["emergency.alerts.json"][0]["note"] == "Smoke"
    assert found["estates.homes.json"][0]["unit__name"] == "B-14"
    assert "emergency.alert.raised" in {row["action"] for row in found["estates.own_deeds.json"]}
    text = content.decode("latin-1") + json.dumps(found)
    for other in (cast.bola, cast.musa, cast.gate):
        assert other.phone not in text, "what is another's is not in mine"
    assert "password" not in json.dumps(found["accounts.account.json"])
    assert signed_in(cast.bola).get(FILE).json()["code"] == "data_export_not_found"
    assert Client().get(FILE).status_code == 401
    (path,) = (own_data._path("x").parent).iterdir()
    assert len(path.stem) >= 40, "its name cannot be guessed"
    assert AuditEntry.objects.filter(action="accounts.data.asked_for").count() == 1


def live(cast: Cast) -> None:
    """Ada keeps a contact and raises an SOS, which a guard answers."""
    body = {"name": "Aunt", "phone": "+447700900999"}
    assert cast.ada.api.post(cast.ada.url("contacts/"), body, format="json").status_code == 201
    raised = cast.ada.api.post(
        cast.ada.url("alerts/"),
        {"category": "fire", "note": "Smoke", "position": {"lat": 6.4, "lon": 3.4, "accuracy_m": 5}},
        format="json",
    ).json()
    for person, verb, data in (
        (cast.gate, "acknowledge", {}),
        (cast.gate, "resolve", {"outcome": "real", "report": "Put out"}),
        (cast.ada, "close", {}),
    ):
        answer = person.api.post(person.url(f"alerts/{raised['id']}/{verb}/"), data, format="json")
        assert answer.status_code == 200, answer.content


def test_one_is_made_at_a_time_and_a_worker_that_died_is_made_up_for(
    cast: Cast, background: Background
) -> None:
    background.hold()
    client = signed_in(cast.ada)
    first = client.post(EXPORT).json()
    assert first["state"] == "queued"
    assert client.post(EXPORT).json()["id"] == first["id"]
    assert client.get(FILE).json()["code"] == "data_export_not_found"
    background.lose()
    DataExport.objects.update(asked_at=NOON)
    sweep()
    assert client.get(EXPORT).json()["state"] == "ready"
    background.release()

    own_data.make_export(DataExport.objects.get().pk)
    assert DataExport.objects.count() == 1
    second = client.post(EXPORT).json()
    assert (second["state"], second["id"] == first["id"]) == ("ready", False)
    assert len(list(own_data._path("x").parent.iterdir())) == 1, "the newest one counts"


def test_the_file_is_kept_for_seven_days(cast: Cast) -> None:
    client = signed_in(cast.ada)
    client.post(EXPORT)
    DataExport.objects.update(expires_at=NOON)
    assert client.get(FILE).status_code == 404
    sweep()
    assert client.get(EXPORT).json()["state"] == "expired"
    assert list(own_data._path("x").parent.iterdir()) == []


def test_an_open_session_alone_takes_nothing_out_and_erases_nothing(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    clock.shift(timedelta(minutes=6))
    for path in (EXPORT, DELETION):
        answer = client.post(path)
        assert (answer.status_code, answer.json()["code"], answer.json()["wanted"]) == (
            403,
            "confirm_first",
            "password",
        )
        assert cast.ada.api.post(path).json()["code"] == "confirm_first", "nor does a token without a session"
    assert not DataExport.objects.exists()
    confirmed = client.post(
        "/_allauth/browser/v1/auth/reauthenticate",
        {"password": cast.ada.password},
        content_type="application/json",
    )
    assert confirmed.status_code == 200, confirmed.content
    assert client.post(EXPORT).status_code == 202


def test_whoever_has_a_second_step_shows_it_before_his_account_goes(cast: Cast) -> None:
    client = signed_in(cast.ada)
    secret = give_second_factor(cast.ada)
    answer = client.post(DELETION)
    assert (answer.status_code, answer.json()["wanted"]) == (403, "second_step")
    assert not AccountDeletion.objects.exists()
    shown = client.post(
        "/_allauth/browser/v1/auth/2fa/reauthenticate",
        {"code": code_of(secret)},
        content_type="application/json",
    )
    assert shown.status_code == 200, shown.content
    assert client.post(DELETION).status_code == 202


def test_an_app_takes_it_out_with_its_token(cast: Cast, clock: Any) -> None:
    app = "/_allauth/app/v1/auth/"
    login = {"email": cast.ada.email, "password": cast.ada.password}
    answer = Client().post(f"{app}login", login, content_type="application/json")
    token = Client(headers={"Authorization": f"Bearer {answer.json()['meta']['access_token']}"})
    clock.shift(timedelta(minutes=6))
    assert token.post(EXPORT).json()["code"] == "confirm_first"
    password = {"password": cast.ada.password}
    confirmed = token.post(f"{app}reauthenticate", password, content_type="application/json")
    assert confirmed.status_code == 200, confirmed.content
    assert token.post(EXPORT).status_code == 202
    assert token.get(FILE)["Content-Type"] == "application/zip"


# --- having it erased -------------------------------------------------------------------------------------------------


def test_an_account_is_erased_after_its_time_and_what_stays_says_nobodys_name(cast: Cast, clock: Any) -> None:
    live(cast)
    body = {"name": "neighbours"}
    assert cast.ada.api.put(cast.ada.url("me/privacy/"), body, format="json").status_code == 200
    client = signed_in(cast.ada)
    client.post(EXPORT)
    asked = client.post(DELETION)
    assert asked.status_code == 202, asked.content
    assert client.post(DELETION).json() == asked.json() == client.get(DELETION).json()
    clock.shift(timedelta(days=13, hours=23))
    sweep()
    assert client.get("/api/v1/me/").json()["name"] == cast.ada.name, "until then nothing is done"

    clock.shift(timedelta(hours=1))
    sweep()
    sweep()

    user = User.objects.get(pk=cast.ada.user.pk)
    assert user.name == f"Former member {user.pk.hex[-6:]}"
    assert (user.phone, user.is_active, user.has_usable_password()) == (None, False, False)
    assert user.email == f"{user.pk.hex}@erased.invalid"
    assert client.get("/api/v1/me/").status_code == 401
    sign_in = Client().post("/sign-in/", {"login": cast.ada.email, "password": cast.ada.password})
    assert sign_in.status_code == 200, "the form again"
    membership = Membership.objects.of(cast.estate).get(pk=cast.ada.id)
    assert membership.status == Membership.Status.ENDED
    assert not Contact.objects.of(cast.estate).exists()
    assert list(own_data._path("x").parent.iterdir()) == []
    assert_not_named(cast)
    assert list(breaks_in(cast.estate.pk)) == [], "the audit chain holds"
    assert AuditEntry.objects.filter(estate_id=cast.estate.pk, action="accounts.account.erased").count() == 1
    assert AccountDeletion.objects.get().done_at is not None


#: Where a name or number may still stand for a time, and why docs/privacy.md says so.
KEPT_AS_WRITTEN = {
    "core.AuditEntry",
    "realtime.Event",
    "emergency.TimelineEntry",
}


def assert_not_named(cast: Cast) -> None:
    """No column of any table has her name, address or number, nor her contact's."""
    words = (cast.ada.name, cast.ada.email, cast.ada.phone, "+447700900999")
    found = set()
    for model in apps.get_models():
        if model._meta.label in KEPT_AS_WRITTEN:
            continue
        manager: Any = model._base_manager
        for row in manager.values():
            text = " ".join(map(str, row.values()))
            found |= {(model._meta.label, word) for word in words if word in text}
    assert found == set()


def test_what_is_read_of_the_record_is_under_the_pseudonym_and_not_found_by_the_name(
    cast: Cast, clock: Any
) -> None:
    live(cast)
    me = cast.ada.api.patch("/api/v1/me/profile/", {"name": "Ada Secret"}, format="json")
    assert me.status_code == 200
    erase(cast.ada, clock)
    path = cast.musa.url("audit/?page_size=200")
    rows = cast.musa.api.get(path).json()["results"]
    mine = [row for row in rows if row["actor"]["id"] == str(cast.ada.id)]
    assert mine
    assert {row["actor"]["name"] for row in mine} == {f"Former member {cast.ada.user.pk.hex[-6:]}"}
    assert {json.dumps(row["changes"]) for row in mine} == {"{}"}
    for name in ("Ada Obi", "Ada Secret"):
        assert cast.musa.api.get(f"{path}&q={name}").json()["results"] == []
        assert name not in cast.musa.api.get(cast.musa.url("audit/file/")).content.decode()
    people = cast.musa.api.get(cast.musa.url("people/?status=all")).json()["results"]
    assert "Ada Obi" not in {row["name"] for row in people}
    assert cast.musa.api.get(cast.musa.url("audit/check/")).json()["holds"]


def erase(person: Person, clock: Any) -> None:
    assert signed_in(person).post(DELETION).status_code == 202
    clock.shift(timedelta(days=14))
    sweep()


def test_it_is_taken_back_within_the_time(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    assert client.delete(DELETION).json()["code"] == "deletion_not_found"
    client.post(DELETION)
    clock.shift(timedelta(days=13))
    assert signed_in(cast.ada).delete(DELETION).status_code == 204
    assert client.get(DELETION).json()["code"] == "deletion_not_found"
    clock.shift(timedelta(days=5))
    sweep()
    assert User.objects.get(pk=cast.ada.user.pk).name == cast.ada.name
    assert signed_in(cast.ada).post(DELETION).status_code == 202, "it can be asked for again"
    actions = AuditEntry.objects.filter(action__startswith="accounts.deletion.").order_by("seq")
    assert [entry.action.rpartition(".")[2] for entry in actions] == ["asked_for", "taken_back", "asked_for"]


def test_the_last_manager_of_an_estate_cannot_vanish(cast: Cast, clock: Any) -> None:
    answer = signed_in(cast.musa).post(DELETION)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_manager")
    assert "Palm Court" in answer.json()["detail"]
    path = cast.musa.url(f"people/{cast.bola.id}/roles/")
    assert cast.musa.api.post(path, {"role": "manager"}, format="json").status_code == 201
    client = signed_in(cast.musa)
    assert client.post(DELETION).status_code == 202
    # Meanwhile the other one goes: he may not either.
    back = cast.musa.url(f"people/{cast.bola.id}/roles/manager/")
    assert cast.musa.api.delete(back).status_code == 204
    clock.shift(timedelta(days=14))
    sweep()
    client = signed_in(cast.musa)
    assert "last manager of Palm Court" in client.get(DELETION).json()["blocked_by"]
    assert cast.musa.api.post(path, {"role": "manager"}, format="json").status_code == 201
    clock.shift(timedelta(days=1))
    sweep()
    assert not User.objects.get(pk=cast.musa.user.pk).is_active
    assert Estate.objects.get(pk=cast.estate.pk).name == "Palm Court"


def test_one_who_cannot_be_erased_holds_up_nobody_else(cast: Cast, clock: Any, monkeypatch) -> None:
    for person in (cast.ada, cast.bola):
        assert signed_in(person).post(DELETION).status_code == 202
    clock.shift(timedelta(days=14))
    real = holdings["community.directory"].erase

    def break_for_ada(user_id: Any) -> None:
        if user_id == cast.ada.user.pk:
            raise RuntimeError("disk full")
        assert real is not None
        real(user_id)

    broken = {
        **holdings,
        "community.directory": replace(holdings["community.directory"], erase=break_for_ada),
    }
    monkeypatch.setattr("backoffice.services.deletion.holdings", broken)
    sweep()
    assert User.objects.get(pk=cast.ada.user.pk).is_active, "whole or not at all"
    assert not User.objects.get(pk=cast.bola.user.pk).is_active
    monkeypatch.undo()
    clock.shift(timedelta(hours=1))
    sweep()
    assert not User.objects.get(pk=cast.ada.user.pk).is_active


def test_texts_that_wait_for_somebody_are_not_sent_any_more(cast: Cast, clock: Any) -> None:
    body = {"choices": [{"kind": "estates.home.changed", "channel": "sms", "is_on": True}]}
    cast.ada.api.put(cast.ada.url("notifications/preferences/"), body, format="json")
    live(cast)
    erase(cast.ada, clock)
    rows = Delivery.objects.of(cast.estate).filter(member=cast.ada.membership)
    assert {(row.address, row.body, row.due_at) for row in rows} <= {("", "", None)}
    assert not Authenticator.objects.exists()


def test_whoever_has_called_for_help_is_not_erased_before_it_has_come(cast: Cast, clock: Any) -> None:
    assert signed_in(cast.ada).post(DELETION).status_code == 202
    clock.shift(timedelta(days=14))
    cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json")
    sweep()
    assert User.objects.get(pk=cast.ada.user.pk).is_active
    assert "still open" in AccountDeletion.objects.get().blocked_by


@pytest.mark.socket
@pytest.mark.in_process
async def test_whoever_is_erased_is_cut_off_within_seconds(server: Any, cast: Cast) -> None:
    tablet = await server.tablet(cast.ada)
    await sync_to_async(AccountDeletion.objects.create)(user=cast.ada.user, due_at=NOON)

    await sync_to_async(sweep)()

    assert await tablet.close_code(timeout=6) == 4503

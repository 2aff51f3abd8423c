"""What has had its time goes, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.models import DataExport, Import
from backoffice.services import retention
from clustr.env import BadEnvironment, load
from core.audit import PLATFORM, breaks_in
from core.clock import now
from core.ids import new_id
from core.models import AuditEntry
from core.personal_data import holdings, holds, unknown_periods
from emergency.models import Alert, Raise, TimelineEntry
from estates.models import Occupancy, SupportAccess
from joining.models import Invitation, JoinRequest
from notifications.models import Delivery
from realtime.models import Device, Event, ReceiptPosition
from tests.backoffice.test_own_data import live
from tests.support.background import run_task
from tests.support.cast import Cast

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def purge() -> dict[str, int]:
    return retention.purge()


def test_each_kind_of_record_goes_when_its_time_is_over_and_not_before(cast: Cast, clock: Any) -> None:
    live(cast)
    Device.objects.create(name="d", estate=cast.estate, membership=cast.ada.membership)
    ReceiptPosition.objects.create(
        estate=cast.estate, membership=cast.ada.membership, device="d", topic="t", kind="seen", offset=1
    )
    Import.objects.create(estate=cast.estate, member=cast.musa.membership, list_name="units", state="done")
    DataExport.objects.create(user=cast.ada.user, state="expired")
    Occupancy.objects.of(cast.estate).filter(membership=cast.bola.membership).update(ends_on=NOON.date())
    SupportAccess.objects.create(
        estate=cast.estate, user=cast.stranger.user, name="S", reason="x", expires_at=NOON, ended_at=NOON
    )
    JoinRequest.objects.create(
        estate=cast.estate, user=cast.stranger.user, unit_said="B", kind="tenant", state="declined"
    )
    Invitation.objects.create(estate=cast.estate, name="Eve", email="eve@example.test", expires_at=NOON)
    rows: dict[str, Any] = {
        "joining.requests": JoinRequest.objects.of(cast.estate),
        "joining.invitations": Invitation.objects.of(cast.estate),
        "estates.support": SupportAccess.objects.of(cast.estate),
        "emergency.positions": Alert.objects.of(cast.estate).filter(latitude__isnull=False),
        "realtime.receipts": ReceiptPosition.objects.of(cast.estate),
        "realtime.devices": Device.objects.of(cast.estate),
        "backoffice.imports": Import.objects.of(cast.estate),
        "backoffice.own_data": DataExport.objects.all(),
        "notifications.deliveries": Delivery.objects.of(cast.estate),
        "emergency.alerts": Alert.objects.of(cast.estate),
        "estates.homes": Occupancy.objects.of(cast.estate).filter(membership=cast.bola.membership),
    }
    assert set(rows) | {"realtime.events", "accounts.sign_ins"} == {
        holding.key for holding in holdings.values() if holding.days
    }, "each period has its test"

    for days in sorted({holdings[key].days or 0 for key in rows}):
        due = {key: found for key, found in rows.items() if holdings[key].days == days}
        clock.move_to(NOON + timedelta(days=days - 1))
        purge()
        assert {key for key, found in due.items() if found.exists()} == set(due), "a day too early"
        clock.move_to(NOON + timedelta(days=days + 1, hours=1))
        purge()
        assert {key for key, found in due.items() if found.exists()} == set(), "still here"

    assert not TimelineEntry.objects.of(cast.estate).exists()
    assert not Raise.objects.of(cast.estate).exists()
    kept = Occupancy.objects.of(cast.estate).filter(membership=cast.ada.membership)
    assert kept.exists(), "she lives there still"
    assert list(breaks_in(cast.estate.pk)) == []


def test_an_open_alert_and_a_text_that_waits_never_go(cast: Cast, clock: Any) -> None:
    cast.ada.api.post(
        cast.ada.url("alerts/"),
        {"category": "fire", "position": {"lat": 6.4, "lon": 3.4, "accuracy_m": 5}},
        format="json",
    )
    Delivery.objects.of(cast.estate).update(due_at=now())
    clock.shift(timedelta(days=4000))
    purge()
    alert = Alert.objects.of(cast.estate).get()
    assert alert.latitude == 6.4
    assert Delivery.objects.of(cast.estate).exists()


def test_many_go_some_at_a_time_and_it_stands_on_the_platforms_record(
    cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Delivery.objects.bulk_create(
        [
            Delivery(
                estate=cast.estate,
                subject="emergency.alert",
                subject_id=new_id(),
                step="1.0",
                recipient_key=str(number),
                channel="sms",
                is_emergency=True,
                expires_at=now(),
            )
            for number in range(250)
        ]
    )
    monkeypatch.setattr(retention, "BATCH", 100)
    clock.shift(timedelta(days=800))
    with CaptureQueriesContext(connection) as queries:
        run_task("backoffice.purge")
    deletes = [one["sql"] for one in queries if one["sql"].startswith('DELETE FROM "notifications_delivery"')]
    assert len(deletes) == 3
    assert not Delivery.objects.of(cast.estate).exists()
    entry = AuditEntry.objects.get(estate_id=PLATFORM, action="core.retention.purged")
    assert entry.changes == {"notifications.deliveries": 250}
    run_task("backoffice.purge")
    assert AuditEntry.objects.filter(action="core.retention.purged").count() == 1, "nothing twice"


def test_one_kind_that_fails_holds_up_no_other(
    cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Device.objects.create(name="d", estate=cast.estate, membership=cast.ada.membership)

    def break_down(before: Any, limit: int) -> int:
        raise RuntimeError("no")

    monkeypatch.setitem(
        holdings, "accounts.sign_ins", replace(holdings["accounts.sign_ins"], purge=break_down)
    )
    clock.shift(timedelta(days=400))
    assert purge()["realtime.devices"] == 1


def test_the_settings_say_other_periods(cast: Cast, clock: Any, settings: Any) -> None:
    Device.objects.create(name="d", estate=cast.estate, membership=cast.ada.membership)
    settings.CLUSTR_RETENTION = load(
        {"CLUSTR_RETENTION": "realtime.devices=10,emergency.alerts=90"}
    ).retention_days
    assert settings.CLUSTR_RETENTION == {"realtime.devices": 10, "emergency.alerts": 90}
    clock.shift(timedelta(days=11))
    assert purge() == {"realtime.devices": 1}
    assert unknown_periods() == []
    settings.CLUSTR_RETENTION = {"realtime.device": 10, "core.audit": 5}
    assert unknown_periods() == ["core.audit", "realtime.device"]


@pytest.mark.parametrize("text", ["realtime.devices", "realtime.devices=0", "realtime.devices=x", "a=1;b=2"])
def test_a_period_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(BadEnvironment, match="CLUSTR_RETENTION"):
        load({"CLUSTR_RETENTION": text})


def test_a_name_that_nothing_is_kept_under_stops_the_start(settings: Any) -> None:
    from django.apps import apps

    settings.CLUSTR_RETENTION = {"no.such": 5}
    with pytest.raises(ImproperlyConfigured, match=r"no\.such"):
        apps.get_app_config("core").ready()


def test_a_holding_says_when_it_ends() -> None:
    common: dict[str, Any] = {"what": "x", "why": "x", "models": [], "on_deletion": "x"}
    for wrong in (
        {},
        {"days": 5},
        {"days": 5, "kept": "long"},
        {"kept": "long", "purge": lambda before, limit: 0},
    ):
        with pytest.raises(ValueError, match="what ends it"):
            holds("test.wrong", **common, **wrong)
    with pytest.raises(ValueError, match="twice"):
        holds("core.audit", **common, kept="long")
    assert "test.wrong" not in holdings


def test_sign_ins_that_have_expired_and_what_the_list_says_of_them_go(cast: Cast, clock: Any) -> None:
    client = Client()
    client.post("/sign-in/", {"login": cast.ada.email, "password": cast.ada.password})
    clock.shift(timedelta(days=31))
    purge()
    assert Session.objects.exists(), "kept for its period after it has expired"
    clock.shift(timedelta(days=30))
    purge()
    purge()
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_the_log_of_the_live_feed_is_trimmed_by_the_same_periods(
    cast: Cast, clock: Any, settings: Any
) -> None:
    live(cast)
    settings.CLUSTR_RETENTION = {"realtime.events": 3}
    clock.shift(timedelta(days=2))
    run_task("realtime.trim")
    assert Event.objects.exists()
    clock.shift(timedelta(days=2))
    run_task("realtime.trim")
    assert not Event.objects.exists()

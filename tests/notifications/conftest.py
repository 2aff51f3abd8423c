"""An estate with two guards, deliveries to them, and a Twilio that remembers."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine

from accounts.models import User
from core.ids import new_id
from core.unit_of_work import unit_of_work
from estates.models import Estate, Membership
from notifications.kinds import Kind, kinds
from notifications.models import Delivery
from notifications.services import Recipient, intend, sending
from notifications.sms import twilio as twilio_provider
from notifications.states import Channel
from tests.support.twilio import FakeTwilio

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GATE, SULE = "+447700900101", "+447700900102"
#: Where vendors' own API descriptions lie. They are the vendors', so they are not kept in this repository.
SPECS = Path(
    os.environ.get("CLUSTR_TEST_SPECS_DIR", Path(__file__).resolve().parents[3] / "shared" / "specs")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a vendor's description there is nothing to compare with: those tests are left out, and counted so."""
    if SPECS.is_dir():
        return
    needing = [item for item in items if "description" in getattr(item, "fixturenames", ())]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


#: A kind that is no emergency's, on until somebody says otherwise.
NOTICE = "test.notice"


@pytest.fixture(autouse=True)
def _notice(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Kind(
        key=NOTICE,
        title="Something to read",
        channels=(Channel.WEBSOCKET, Channel.SMS),
        default=frozenset((Channel.WEBSOCKET, Channel.SMS)),
        is_mandatory=False,
        permission=None,
    )
    monkeypatch.setitem(kinds, NOTICE, kind)


@dataclass
class Post:
    """What the tests of this folder say: somebody is to be told, time passes, the sweeper comes by."""

    estate: Estate
    gate: Membership
    sule: Membership
    subject_id: UUID
    clock: Any

    def recipient(self, who: Membership | None = None) -> Recipient:
        who = who or self.gate
        return Recipient(member_id=who.pk, name=who.user.name, phone=who.user.phone)

    def intend(self, *recipients: Recipient, **fields: Any) -> list[Delivery]:
        fields = {
            "estate_id": self.estate.pk,
            "subject": "emergency.alert",
            "subject_id": self.subject_id,
            "step": "1.0",
            "channel": Channel.SMS,
            "body": "SOS at B-14",
            **fields,
        }
        if not fields.get("is_emergency", True):
            fields.setdefault("kind", NOTICE)
        with unit_of_work():
            return intend(recipients=recipients or (self.recipient(),), **fields)

    def text(self, **fields: Any) -> Delivery:
        """One SMS to the gate, written down."""
        (delivery,) = self.intend(**fields)
        return delivery

    def call(self, **fields: Any) -> Delivery:
        """One call to the gate, written down."""
        return self.text(channel=Channel.VOICE, **fields)

    def again(self, delivery: Delivery) -> Delivery:
        """The row as it stands now."""
        return Delivery.objects.across_estates().get(pk=delivery.pk)

    def forward(self, seconds: float) -> None:
        self.clock.shift(timedelta(seconds=seconds))

    def sweep(self, delivery: Delivery | None = None, *, is_emergency: bool = True) -> Any:
        sending.sweep(is_emergency=is_emergency)
        return self.again(delivery) if delivery else None

    def sweep_for(self, seconds: int, delivery: Delivery) -> Delivery:
        """A sweep each second, for that long."""
        for _ in range(seconds):
            sending.sweep(is_emergency=delivery.is_emergency)
            self.forward(1)
        return self.again(delivery)


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def make_member(estate: Estate, name: str, phone: str) -> Membership:
    user = User.objects.create_user(name=name, phone=phone)
    return Membership.objects.create(estate=estate, user=user)


def make_post(clock: Any) -> Post:
    estate = Estate.objects.create(name="Palm Court", slug=f"palm-{new_id().hex[-8:]}")
    return Post(
        estate=estate,
        gate=make_member(estate, "Gate", GATE),
        sule=make_member(estate, "Sule", SULE),
        subject_id=new_id(),
        clock=clock,
    )


@pytest.fixture
def post(db: None, clock: Any) -> Post:
    return make_post(clock)


@pytest.fixture
def twilio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """New texts go through Twilio, which is the fake; a call that hangs is given up after a moment."""
    monkeypatch.setattr(twilio_provider, "READ_TIMEOUT_S", 1.0)
    with FakeTwilio() as fake:
        fake.configure(settings)
        yield fake


@pytest.fixture
def report_to(client: Any) -> Callable[..., int]:
    """Post a callback to our door; answers the HTTP status."""

    def post(callback: Any, **headers: str) -> int:
        answer = client.post(
            callback.path,
            data=callback.body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": callback.signature, **headers},
        )
        return int(answer.status_code)

    return post

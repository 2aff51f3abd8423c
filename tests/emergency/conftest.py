"""Words of this folder: somebody presses, time passes, the sweeper comes by, texts go out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.db.models import Min

from core.clock import now
from core.shapes import read
from emergency.events import AlertView
from emergency.models import Alert, AlertStep
from emergency.services import acknowledge_alert, raise_alert
from emergency.services.sweeping import sweep
from emergency.shapes import RaiseAlert
from notifications.models import Delivery
from realtime.frames import Kind
from realtime.models import DeviceLease, Event
from realtime.presence import renew_leases
from realtime.receipts import Receipt, keep_receipts
from realtime.topics import emergency_lane, inbox
from tests.support.cast import Cast, Person

#: How often the worker sweeps.
TICK = timedelta(seconds=0.5)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Scene:
    """The cast on a stage whose clock the test moves."""

    cast: Cast
    clock: Any

    def press(self, person: Person | None = None, *, key: str | None = None, **data: Any) -> AlertView:
        """Raise an alert through the service."""
        who = person or self.cast.ada
        fields = {"category": "medical", "id": str(uuid4()), **data}
        return raise_alert(actor=who.member, estate=who.estate, data=read(fields, RaiseAlert), key=key)

    def acknowledge(self, person: Person, alert_id: UUID) -> AlertView:
        return acknowledge_alert(actor=person.member, estate=person.estate, alert_id=alert_id)

    def forward(self, seconds: float, *, sweeping: bool = True) -> None:
        """Let time pass as the worker sees it: a sweep every half second, but for those that would find nothing."""
        end = now() + timedelta(seconds=seconds)
        if not sweeping:
            self.clock.move_to(end)
        while now() < end:
            self.clock.move_to(min(end, now() + TICK * max(1, self._idle_ticks())))
            sweep()
            if now() < end:
                # What was just sent is told by the sweep after it.
                self.clock.shift(TICK)
                sweep()

    def _idle_ticks(self) -> int:
        """How many ticks it takes until the next step is due."""
        due = AlertStep.objects.across_estates().filter(state="pending").aggregate(at=Min("due_at"))["at"]
        return math.ceil((due - now()) / TICK) if due else 10**6

    def online(self, *people: Person) -> None:
        """Their tablets keep their leases for a long while."""
        renew_leases([(one.estate.pk, one.id, "tablet") for one in people])
        DeviceLease.objects.across_estates().update(expires_at=now() + timedelta(days=1))

    def receive(self, person: Person, kind: Kind = "received") -> None:
        """The person's tablet says that it has everything of the emergency lane."""
        lane = emergency_lane(self.cast.estate.pk).name
        receipt = Receipt(
            estate_id=person.estate.pk,
            member_id=person.id,
            device="tablet",
            topic=lane,
            kind=kind,
            offset=len(self.events(lane)),
            at=now(),
        )
        keep_receipts([receipt])

    def texts(self, alert_id: UUID, step: str | None = None) -> list[str]:
        """First names of those to whom texts were intended, in the order of the steps."""
        return self.told(alert_id, "sms", step)

    def calls(self, alert_id: UUID, step: str | None = None) -> list[str]:
        """The same of calls."""
        return self.told(alert_id, "voice", step)

    def told(self, alert_id: UUID, channel: str, step: str | None = None) -> list[str]:
        rows = Delivery.objects.across_estates().filter(subject_id=alert_id, channel=channel)
        if step:
            rows = rows.filter(step=step)
        return [
            row.recipient_name.split()[0] for row in rows.order_by("intended_at", "step", "recipient_name")
        ]

    def lane(self) -> list[str]:
        """Types of the events in the estate's emergency lane."""
        return [event.type for event in self.events(emergency_lane(self.cast.estate.pk).name)]

    def inbox(self, person: Person) -> list[str]:
        return [event.type for event in self.events(inbox(person.id, person.estate.pk).name)]

    def events(self, topic: str) -> list[Event]:
        return list(Event.objects.filter(stream__name=topic).order_by("offset"))

    def alert(self, alert_id: UUID) -> Alert:
        return Alert.objects.across_estates().get(pk=alert_id)


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def scene(cast: Cast, clock: Any) -> Scene:
    return Scene(cast=cast, clock=clock)


def in_threads(count: int, work: Any) -> list[Any]:
    """Run `work(index)` in so many threads, all at the same moment; what each returned or raised."""
    import threading

    barrier = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(index: int) -> None:
        barrier.wait()
        try:
            answers[index] = work(index)
        except Exception as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers

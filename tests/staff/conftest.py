"""Words of this folder: tablets come and go, time passes, the watch comes by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from core.clock import now
from notifications.models import Delivery
from realtime.models import DeviceLease, Event
from realtime.presence import renew_leases
from realtime.pulse import STOPPED_AFTER, beat
from staff.models import Post
from staff.services import add_post, pair_device, watching
from tests.support.cast import Cast, Person

#: How often the worker looks.
TICK = timedelta(seconds=2)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
#: Not the one of the server that the socket tests share with these.
FEED = "feed of the test"
TABLET = "tablet-1"


@dataclass
class Gate:
    """A post with its tablet, on a stage whose clock the test moves."""

    cast: Cast
    clock: Any
    post_id: Any
    #: Whether somebody serves sockets.
    is_served: bool = True

    def come(self, person: Person | None = None, device: str = TABLET) -> None:
        """The tablet keeps its lease, until it goes."""
        who = person or self.cast.gate
        renew_leases([(who.estate.pk, who.id, device)])
        DeviceLease.objects.of(who.estate).update(expires_at=now() + timedelta(days=1))

    def go(self) -> None:
        DeviceLease.objects.across_estates().all().delete()

    def forward(self, seconds: float, *, watching_too: bool = True) -> None:
        """Let time pass as the worker sees it, with fewer looks in between; or while nobody is at work."""
        end = now() + timedelta(seconds=seconds)
        if not watching_too:
            self.clock.move_to(end)
        step = TICK
        while now() < end:
            self.clock.move_to(min(end, now() + step))
            if self.is_served:
                beat(FEED)
            watching.watch_posts()
            # Still a pulse without a break.
            step = STOPPED_AFTER - TICK

    @property
    def post(self) -> Post:
        return Post.objects.of(self.cast.estate).get(pk=self.post_id)

    @property
    def told(self) -> list[str]:
        """What was said of the watch's doings, in order."""
        watched = ("staff.post.darkened", "staff.post.escalated", "staff.post.lit")
        return [
            event.type.rpartition(".")[2]
            for event in Event.objects.filter(type__in=watched).order_by("stream", "offset")
        ]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """To whom, and in what state."""
        rows = Delivery.objects.across_estates().order_by("intended_at", "recipient_name")
        return [(row.recipient_name, row.state) for row in rows]


@pytest.fixture
def clock() -> Iterator[Any]:
    """Time stands still until the test moves it."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def gate(cast: Cast, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """The north gate with its tablet, which is here."""
    monkeypatch.setattr(watching, "FEED", FEED)
    post = add_post(actor=cast.musa.member, estate=cast.estate, name="North gate")
    pair_device(actor=cast.musa.member, estate=cast.estate, post_id=post.id, device=TABLET)
    scene = Gate(cast=cast, clock=clock, post_id=post.id)
    scene.come()
    scene.forward(4)
    assert scene.told == []
    return scene

"""Plays the script of the last two weeks through the services, each moment at its time."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from clustr.seed.estate import Place
from clustr.seed.past import at
from clustr.seed.scenes import SCENES, Answer, Scene
from clustr.seed.texts import carry_texts
from core.ids import new_id
from emergency.models import Alert
from emergency.policies import DEFAULT
from emergency.services import (
    acknowledge_alert,
    arrive_at_alert,
    cancel_alert,
    close_alert,
    raise_alert,
    request_cancel,
    resolve_alert,
    respond_to_alert,
)
from emergency.services.sweeping import sweep
from emergency.shapes import GivenPosition, RaiseAlert
from emergency.states import OPEN
from notifications.services.proving import Proof, receive
from realtime.log import heads_of
from realtime.models import DeviceLease
from realtime.topics import emergency_lane
from staff.services import end_duty, start_duty

Happening = tuple[datetime, Callable[[], object]]

#: Seconds until a tablet confirms what it got.
TABLET_DELAY_S = 0.4
DAYS = 14


def live_through(place: Place) -> None:
    """Two weeks: shifts, alerts and a drill. At the end both guards are on duty and nothing is open."""
    _connect_tablets(place)
    happenings = sorted([*_shifts(place), *_alerts(place)], key=lambda row: row[0])
    for moment, act in happenings:
        with at(moment):
            act()
    DeviceLease.objects.of(place.estate).delete()
    left_open = Alert.objects.of(place.estate).filter(state__in=OPEN).count()
    if left_open:
        raise RuntimeError(f"{left_open} alerts of the demo's past are still open")


def _connect_tablets(place: Place) -> None:
    """The guards' tablets were connected all the time; without them every alert would have been texted at once."""
    for key in ("gate", "sule"):
        DeviceLease.objects.create(
            estate=place.estate, membership_id=place.id_of(key), device="tablet", expires_at=place.today
        )


def _shifts(place: Place) -> Iterable[Happening]:
    """Gate has the days, Sule the nights; today both are here."""
    for days_ago in range(DAYS, 0, -1):
        for clock, comes, goes in (("06:00", "gate", "sule"), ("18:00", "sule", "gate")):
            moment = _moment(place, days_ago, clock)
            yield moment, partial(start_duty, actor=place.member(comes), estate=place.estate)
            yield (
                moment + timedelta(minutes=10),
                partial(end_duty, actor=place.member(goes), estate=place.estate),
            )
    for key, minutes in (("gate", 200), ("sule", 25)):
        begins = place.today - timedelta(minutes=minutes)
        yield begins, partial(start_duty, actor=place.member(key), estate=place.estate)


def _alerts(place: Place) -> Iterable[Happening]:
    for scene in SCENES:
        start = _moment(place, scene.days_ago, scene.clock)
        yield from _Story(place, scene, start).happenings()


class _Story:
    """One scene, told as things that happen at their moments."""

    def __init__(self, place: Place, scene: Scene, start: datetime) -> None:
        self.place, self.scene, self.start = place, scene, start
        self.alert_id = new_id()

    def happenings(self) -> Iterable[Happening]:
        scene = self.scene
        yield self._on(0, self._raise)
        if scene.cancels is not None:
            yield self._on(scene.cancels, self._call(cancel_alert, scene.who))
            return
        told = float(scene.countdown_s)
        yield self._on(told, sweep)
        yield self._on(told + TABLET_DELAY_S, self._confirm)
        first = min(answer.acknowledges for answer in scene.answers)
        for step in DEFAULT[1:]:
            if step.after_s < first:
                yield self._on(told + step.after_s, sweep)
                yield self._on(
                    told + step.after_s + 0.01, partial(carry_texts, self.alert_id, scene.unreachable)
                )
                yield self._on(told + step.after_s + 9, sweep)
        if scene.adds is not None:
            yield self._on(told + scene.adds[0], self._press_again)
        if scene.asks_to_cancel is not None:
            yield self._on(told + scene.asks_to_cancel, self._call(request_cancel, scene.who))
        for answer in scene.answers:
            yield from self._answer(answer, told)
        yield self._on(told + scene.resolved, self._resolve)
        yield self._on(told + scene.closed, self._call(close_alert, scene.closed_by))

    def _on(self, seconds: float, act: Callable[[], object]) -> Happening:
        return self.start + timedelta(seconds=seconds), act

    def _call(self, service: Callable[..., object], who: str, **more: object) -> Callable[[], object]:
        return lambda: service(
            actor=self.place.member(who), estate=self.place.estate, alert_id=self.alert_id, **more
        )

    def _answer(self, answer: Answer, told: float) -> Iterable[Happening]:
        yield self._on(told + answer.acknowledges, self._call(acknowledge_alert, answer.who))
        if answer.responds is not None:
            responds = self._call(respond_to_alert, answer.who, eta_s=answer.eta_s)
            yield self._on(told + answer.responds, responds)
        if answer.arrives is not None:
            yield self._on(told + answer.arrives, self._call(arrive_at_alert, answer.who))

    def _raise(self) -> None:
        scene = self.scene
        self._press(
            RaiseAlert(
                id=self.alert_id,
                category=scene.category,
                note=scene.note,
                silent=scene.silent,
                drill=scene.drill,
                countdown_s=scene.countdown_s,
                position=self._position(),
            )
        )

    def _press_again(self) -> None:
        assert self.scene.adds is not None
        _, category, note = self.scene.adds
        self._press(RaiseAlert(id=new_id(), category=category, note=note))

    def _press(self, data: RaiseAlert) -> None:
        raise_alert(actor=self.place.member(self.scene.who), estate=self.place.estate, data=data)

    def _position(self) -> GivenPosition | None:
        """Near the home of those who have one."""
        home = next((unit for key, unit in HOMES.items() if key == self.scene.who), None)
        if home is None:
            return None
        unit = self.place.units[home]
        assert unit.latitude is not None
        assert unit.longitude is not None
        return GivenPosition(lat=unit.latitude + 0.00004, lon=unit.longitude - 0.00003, accuracy_m=12.0)

    def _confirm(self) -> None:
        """The tablets say that they have it."""
        topic = emergency_lane(self.place.estate.pk).name
        head = heads_of([topic])[topic].head
        receive(
            [
                Proof(member_id=self.place.id_of(key), topic=topic, offset=head, is_seen=False)
                for key in self.scene.tablets
            ]
        )

    def _resolve(self) -> None:
        scene = self.scene
        resolve_alert(
            actor=self.place.member(scene.answers[0].who),
            estate=self.place.estate,
            alert_id=self.alert_id,
            outcome=scene.outcome,
            report=scene.report,
        )


HOMES = {"ada": "B-14", "chidi": "B-14", "tobi": "B-14", "bola": "B-15"}


def _moment(place: Place, days_ago: int, clock: str) -> datetime:
    """`clock` ("19:42") at the estate, `days_ago` days before today."""
    zone = ZoneInfo(place.estate.time_zone)
    day = place.today.astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(day, time.fromisoformat(clock), zone)

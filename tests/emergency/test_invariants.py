"""Whatever happens, in whatever order: no open alert waits for nothing, and nobody is told the same step twice."""

import contextlib
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.clock import now
from core.errors import ClustrError
from emergency.auditor import audit_alerts
from emergency.events import Category, Outcome
from emergency.models import (
    Alert,
    AlertCounter,
    AlertStep,
    AuditorRun,
    Contact,
    Raise,
    Responder,
    TimelineEntry,
)
from emergency.services import (
    arrive_at_alert,
    cancel_alert,
    close_alert,
    request_cancel,
    resolve_alert,
    respond_to_alert,
)
from emergency.services.sweeping import sweep
from emergency.states import OPEN
from estates.models import Membership
from notifications.models import Delivery
from realtime.models import DeviceLease, Event
from realtime.topics import emergency_lane
from tests.support.background import run_task

PEOPLE = st.sampled_from(["ada", "bola", "kid", "gate", "chief"])
RESPONDERS = st.sampled_from(["gate", "sule", "chief", "musa"])
#: The longest that the sweeper is away in this play.
LONGEST_SLEEP_S = 150


class Play(RuleBasedStateMachine):
    """The cast does anything at any time; the worker sleeps, wakes, dies; texts arrive, fail or get lost."""

    def __init__(self, scene, background):
        super().__init__()
        self.scene, self.cast, self.background = scene, scene.cast, background
        self.alerts: list[UUID] = []
        self.versions: dict[str, int] = {}
        background.release()
        for model in (TimelineEntry, Responder, AlertStep, Raise, Alert, Delivery, DeviceLease, Contact):
            model.objects.across_estates().all().delete()
        for plain_model in (AlertCounter, AuditorRun, Event):
            plain_model.objects.all().delete()
        Membership.objects.across_estates().update(on_duty_since=None)
        Contact.objects.create(
            estate=self.cast.estate, member_id=self.cast.ada.id, name="Mother Obi", phone="+447700900500"
        )

    def person(self, name):
        return getattr(self.cast, name)

    def attempt(self, service, name, alert_id, **data):
        """What is not possible now is refused in so many words; anything else is a fault."""
        person = self.person(name)
        with contextlib.suppress(ClustrError):
            service(actor=person.member, estate=person.estate, alert_id=alert_id, **data)

    def one_of_the_alerts(self, index):
        return self.alerts[index % len(self.alerts)] if self.alerts else UUID(int=0)

    @rule(
        who=PEOPLE,
        category=st.sampled_from(list(Category)),
        countdown_s=st.sampled_from([0, 0, 3, 10]),
        drill=st.booleans(),
    )
    def press(self, who, category, countdown_s, drill):
        view = self.scene.press(
            self.person(who), category=category.value, countdown_s=countdown_s, drill=drill
        )
        if view.id not in self.alerts:
            self.alerts.append(view.id)

    @rule(who=RESPONDERS, index=st.integers(0, 20))
    def acknowledge(self, who, index):
        with contextlib.suppress(ClustrError):
            self.scene.acknowledge(self.person(who), self.one_of_the_alerts(index))

    @rule(who=RESPONDERS, index=st.integers(0, 20), eta_s=st.none() | st.integers(0, 900))
    def respond(self, who, index, eta_s):
        self.attempt(respond_to_alert, who, self.one_of_the_alerts(index), eta_s=eta_s)

    @rule(who=RESPONDERS, index=st.integers(0, 20))
    def arrive(self, who, index):
        self.attempt(arrive_at_alert, who, self.one_of_the_alerts(index))

    @rule(who=RESPONDERS, index=st.integers(0, 20), outcome=st.sampled_from(list(Outcome)))
    def resolve(self, who, index, outcome):
        self.attempt(resolve_alert, who, self.one_of_the_alerts(index), outcome=outcome, report="It ended.")

    @rule(who=PEOPLE | RESPONDERS, index=st.integers(0, 20))
    def close(self, who, index):
        self.attempt(close_alert, who, self.one_of_the_alerts(index))

    @rule(who=PEOPLE, index=st.integers(0, 20))
    def cancel(self, who, index):
        self.attempt(cancel_alert, who, self.one_of_the_alerts(index))

    @rule(who=PEOPLE, index=st.integers(0, 20))
    def ask_to_cancel(self, who, index):
        self.attempt(request_cancel, who, self.one_of_the_alerts(index))

    @rule(who=RESPONDERS, seen=st.booleans())
    def receive(self, who, seen):
        self.scene.receive(self.person(who), "seen" if seen else "received")

    @rule(who=RESPONDERS)
    def come_online(self, who):
        self.scene.online(self.person(who))

    @rule(who=RESPONDERS, on=st.booleans())
    def go_on_or_off_duty(self, who, on):
        members = Membership.objects.of(self.cast.estate).filter(pk=self.person(who).id)
        members.update(on_duty_since=now() if on else None)

    @rule(seconds=st.sampled_from([0.5, 1, 5, 30, 61]))
    def time_passes(self, seconds):
        self.scene.forward(seconds)

    @rule(seconds=st.integers(1, LONGEST_SLEEP_S))
    def time_passes_without_a_sweep(self, seconds):
        self.scene.forward(seconds, sweeping=False)

    @rule()
    def the_worker_dies(self):
        self.background.hold()

    @rule()
    def the_worker_comes_back_without_its_queue(self):
        self.background.lose()
        self.background.release()
        run_task("notifications.sweep")
        sweep()

    @rule(state=st.sampled_from(["delivered", "failed"]))
    def reports_come_in(self, state):
        sent = Delivery.objects.across_estates().filter(channel="sms", state="sent")
        sent.update(state=state, **{f"{state}_at": now()}, work="", due_at=None)

    @invariant()
    def every_open_alert_has_a_next_action_or_an_acknowledger(self):
        pending = set(
            AlertStep.objects.across_estates().filter(state="pending").values_list("alert_id", flat=True)
        )
        for alert in Alert.objects.across_estates().filter(state__in=OPEN):
            assert alert.pk in pending or alert.acknowledged_by_id is not None
            if alert.acknowledged_by_id is not None:
                assert alert.responders.filter(member_id=alert.acknowledged_by_id).exists()
                assert alert.pk not in pending
        closed = Alert.objects.across_estates().exclude(state__in=OPEN)
        assert not closed.filter(pk__in=pending).exists()

    @invariant()
    def nobody_gets_the_same_step_twice(self):
        rows = Delivery.objects.across_estates().values_list("subject_id", "step", "channel", "recipient_key")
        assert not [row for row, count in Counter(rows).items() if count > 1]
        numbers = Delivery.objects.across_estates().filter(channel="sms").exclude(address="")
        rows = numbers.values_list("subject_id", "step", "channel", "address")
        assert not [row for row, count in Counter(rows).items() if count > 1]
        assert not Delivery.objects.across_estates().filter(channel="sms", attempt__gt=1).exists()

    @invariant()
    def the_person_in_need_is_never_texted(self):
        for alert in Alert.objects.across_estates().select_related("person__user"):
            texts = Delivery.objects.across_estates().filter(subject_id=alert.pk, channel="sms")
            assert not texts.filter(address=alert.person.user.phone).exists()

    @invariant()
    def at_most_one_open_alert_for_each_person(self):
        people = Alert.objects.across_estates().filter(state__in=OPEN).values_list("person_id", "is_drill")
        assert max(Counter(people).values(), default=0) <= 1

    @invariant()
    def versions_only_grow_in_the_lane(self):
        last: dict[str, int] = {}
        for event in self.scene.events(emergency_lane(self.cast.estate.pk).name):
            alert = event.data["alert"]
            assert alert["version"] > last.get(alert["id"], 0)
            assert alert["state"] not in ("countdown", "cancelled")
            last[alert["id"]] = alert["version"]

    def teardown(self):
        """However it went: with a working sweeper, the auditor finds nothing, and what nobody took is still told."""
        self.background.release()
        self.scene.forward(0.5)
        assert audit_alerts() == []
        for alert in Alert.objects.across_estates().filter(state="active"):
            before = Delivery.objects.across_estates().filter(subject_id=alert.pk).count()
            self.scene.forward(125)
            assert Delivery.objects.across_estates().filter(subject_id=alert.pk).count() > before


@pytest.mark.timeout(300)
def test_no_order_of_things_leaves_an_alert_alone(scene, background):
    started = now()

    def play():
        scene.clock.move_to(started + timedelta(days=1))
        return Play(scene, background)

    run_state_machine_as_test(
        play,  # type: ignore[arg-type]
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )

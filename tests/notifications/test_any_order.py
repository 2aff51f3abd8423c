"""Whatever happens, in any order: no state goes back, nothing is sent twice without a reason or forgotten."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actors import SYSTEM
from core.clock import now
from core.ids import new_id
from core.unit_of_work import unit_of_work
from notifications import voice
from notifications.models import Delivery
from notifications.receipts import prove_deliveries
from notifications.services import Recipient, acknowledge, intend, sending, withdraw
from notifications.sms import get_provider
from notifications.states import REACHED_FROM, TERMINAL, UNPROVEN, Channel, State, Work
from realtime.models import Stream
from realtime.publishing import publish
from realtime.receipts import Receipt
from realtime.topics import emergency_lane
from tests.notifications.conftest import NOON, Post
from tests.notifications.test_proving import Rang
from tests.support.twilio import (
    Accept,
    AcceptThenDrop,
    AcceptThenFail,
    Callback,
    Drop,
    Fail,
    FakeCall,
    FakeMessage,
    FakeTwilio,
    Gibberish,
    Refuse,
    Throttle,
)

Rows = dict[str, Delivery]

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

STAMPS = [f"{state}_at" for state in State]
UNCLEAR = (AcceptThenDrop, AcceptThenFail, Drop, Fail, Gibberish)

BEHAVIOURS = st.sampled_from(
    [
        Accept(),
        AcceptThenDrop(),
        AcceptThenDrop(is_listed=False),
        AcceptThenFail(500),
        Drop(),
        Fail(503),
        Gibberish(),
        Throttle(3),
        Throttle(None),
        Refuse(21610),
        Refuse(30001),
        Refuse(20003, status=401),
    ]
)
CALL_STATUSES = st.sampled_from(
    ["ringing", "in-progress", "made out", "completed", "busy", "no-answer", "failed", "canceled"]
)
REPORTS = st.sampled_from(
    [
        ("queued", None),
        ("sent", None),
        ("delivered", None),
        ("undelivered", 30003),
        ("undelivered", 30005),
        ("failed", 30008),
        ("canceled", None),
    ]
)


class Killed(BaseException):
    """kill -9."""


def _die(*args: object, **kwargs: object) -> None:
    raise Killed


class Deliveries(RuleBasedStateMachine):
    """One post with its deliveries, a Twilio in any mood, and workers that may die."""

    report_to: ClassVar[Callable[..., int]]
    twilio: ClassVar[FakeTwilio]
    clock: ClassVar[Any]
    at: ClassVar[Post]
    patch: ClassVar[Any]

    callbacks = Bundle("callbacks")

    def __init__(self) -> None:
        super().__init__()
        self.clock.move_to(NOON)
        self.post = replace(self.at, subject_id=new_id())
        self.lane = emergency_lane(self.post.estate.pk)
        self.steps = 0
        self.last: Rows = {}
        #: Deliveries of which at some moment nobody could say whether they were sent.
        self.unclear: set[str] = set()
        #: Messages that were made in time.
        self.timely: set[str] = set()
        self.twilio.messages.clear()
        self.twilio.rings.clear()
        self.twilio.calls.clear()
        self.twilio._scripts.clear()

    def teardown(self) -> None:
        try:
            self._comes_to_an_end()
        finally:
            Delivery.objects.across_estates().delete()
            Stream.objects.across_estates().delete()

    # --- what can happen ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.steps < 6)
    @rule(
        by=st.sampled_from([(Channel.SMS, True), (Channel.SMS, False), (Channel.VOICE, True)]),
        people=st.sampled_from([["gate"], ["sule"], ["gate", "sule"]]),
        worth_s=st.sampled_from([10, 60, 300]),
    )
    def intend_texts_and_calls(self, by: tuple[Channel, bool], people: list[str], worth_s: int) -> None:
        self.steps += 1
        # Always the same words: telling two texts apart must not depend on them.
        self.post.intend(
            *self._recipients(people),
            step=f"{self.steps}.0",
            channel=by[0],
            is_emergency=by[1],
            expires_at=now() + timedelta(seconds=worth_s),
        )

    @precondition(lambda self: self.steps < 6)
    @rule()
    def ring_tablets(self) -> None:
        self.steps += 1
        with unit_of_work():
            publish(Rang(number=self.steps), to=[self.lane], actor=SYSTEM)
            intend(
                estate_id=self.post.estate.pk,
                subject="emergency.alert",
                subject_id=self.post.subject_id,
                step=f"{self.steps}.0",
                channel=Channel.WEBSOCKET,
                recipients=self._recipients(["gate", "sule"]),
                topic=self.lane,
            )

    @rule(behaviours=st.lists(BEHAVIOURS, min_size=1, max_size=3))
    def spoil_twilios_mood(self, behaviours: list[Any]) -> None:
        self.twilio.script("*", *behaviours)

    @rule(seconds=st.sampled_from([0, 1, 1, 2, 5, 13, 60]))
    def sweep(self, seconds: int) -> None:
        self.post.forward(seconds)
        sending.sweep(is_emergency=True)
        sending.sweep(is_emergency=False)

    @rule(
        where=st.sampled_from(["before the call", "in the call", "after the call"]), seconds=st.integers(0, 3)
    )
    def kill_a_worker(self, where: str, seconds: int) -> None:
        self.post.forward(seconds)
        with self.patch.context() as patch:
            match where:
                case "before the call":
                    patch.setattr(sending, "begin_call", _die)
                case "in the call":
                    patch.setattr(type(get_provider()), "send", _die)
                    patch.setattr(type(voice.get_provider()), "place", _die)
                case _:
                    patch.setattr(sending, "record_sent", _die)
            for is_emergency in (True, False):
                with suppress(Killed):
                    sending.sweep(is_emergency=is_emergency)

    @precondition(lambda self: self.twilio.messages)
    @rule(target=callbacks, data=st.data(), report=REPORTS, is_real=st.booleans())
    def carrier_reports(self, data: st.DataObject, report: tuple[str, int | None], is_real: bool) -> Any:
        """The callback is posted some time, often or never; `is_real` False: it is about something long past."""
        message: FakeMessage = data.draw(st.sampled_from(self.twilio.messages))
        if message.status in ("delivered", "failed", "undelivered", "canceled"):
            return multiple()
        status, code = report
        if is_real:
            return self.twilio.progress(message, status, code)
        return self.twilio.callback(message, "queued")

    @precondition(lambda self: self.twilio.rings)
    @rule(target=callbacks, data=st.data(), status=CALL_STATUSES)
    def call_goes_on(self, data: st.DataObject, status: str) -> Any:
        call: FakeCall = data.draw(st.sampled_from(self.twilio.rings))
        if call.status in ("completed", "busy", "no-answer", "failed", "canceled"):
            return self.twilio.call_status(call, "ringing")
        if status == "made out":
            return self.twilio.make_out(
                call, data.draw(st.sampled_from(["human", "unknown", "machine_start"]))
            )
        return self.twilio.move_call(call, status)

    @rule(callback=callbacks)
    def callback_comes(self, callback: Callback) -> None:
        assert self.report_to(callback) == 204

    @rule(
        who=st.sampled_from(["gate", "sule"]),
        offset=st.integers(1, 8),
        kind=st.sampled_from(["received", "seen"]),
    )
    def tablet_confirms(self, who: str, offset: int, kind: Any) -> None:
        prove_deliveries(
            [
                Receipt(
                    estate_id=self.post.estate.pk,
                    member_id=getattr(self.post, who).pk,
                    device="tablet",
                    topic=self.lane.name,
                    kind=kind,
                    offset=offset,
                    at=now(),
                )
            ]
        )
        head = (
            Stream.objects.of(self.post.estate.pk).filter(name=self.lane.name).values_list("head", flat=True)
        )
        if offset > max(head, default=0):
            assert self._rows() == self.last

    @rule(who=st.sampled_from(["gate", "sule"]))
    def somebody_acknowledges(self, who: str) -> None:
        acknowledge(subject_id=self.post.subject_id, member_id=getattr(self.post, who).pk)

    @rule()
    def it_is_taken_back(self) -> None:
        withdraw(subject_id=self.post.subject_id)

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        rows = self._rows()
        self._no_state_goes_back(rows)
        for row in rows.values():
            assert getattr(row, f"{row.state}_at") is not None
            self._has_a_next_action(row)
        self._nothing_is_sent_twice_without_a_reason(rows)
        self.last = rows

    def _no_state_goes_back(self, rows: Rows) -> None:
        for key, before in self.last.items():
            after = rows[key]
            assert after.state == before.state or before.state in REACHED_FROM[State(after.state)]
            for stamp in STAMPS:
                assert getattr(before, stamp) in (None, getattr(after, stamp)), stamp

    def _has_a_next_action(self, row: Delivery) -> None:
        assert (row.due_at is None) == (row.work == Work.NONE)
        if row.channel != Channel.WEBSOCKET and row.state == State.INTENDED:
            assert row.due_at is not None
        if row.state not in UNPROVEN:
            # Who has it may still have to be let alone by his telephone.
            assert row.due_at is None or (row.state, row.work) == (State.ACKNOWLEDGED, Work.HANG_UP)

    def _nothing_is_sent_twice_without_a_reason(self, rows: Rows) -> None:
        calls = [call for call in self.twilio.calls if isinstance(call.met, UNCLEAR)]
        self.unclear |= {key for key, row in rows.items() if row.work == Work.RECONCILE}
        self.unclear |= {_delivery_of(call.fields) for call in calls}
        for key, row in rows.items():
            made: list[FakeMessage | FakeCall] = [*self.twilio.messages, *self.twilio.rings]
            texts = [one for one in made if _delivery_of(one.fields) == key]
            lost = [
                one
                for one in texts
                if one.status in ("undelivered", "failed") and one in self.twilio.messages
            ]
            assert len(texts) <= 1 + len(lost) or (row.is_emergency and key in self.unclear)
            # Only the new ones: taking it back brings its end forward.
            assert all(one.created_at < row.expires_at for one in texts if one.sid not in self.timely)
            self.timely.update(one.sid for one in texts)
            if texts and key not in self.unclear:
                assert row.accepted_at or row.sent_at or row.delivered_at

    def _comes_to_an_end(self) -> None:
        """With Twilio well again, everything that can still be done is done, and then nothing is left to do."""
        self.twilio._scripts.clear()
        for seconds in [1, 1, 2, 2, 4, 4, 8, 8, 12, 15, 20, 30, 60, 120, 300] + [900] * 3 + [20_000] * 8:
            self.post.forward(seconds)
            sending.sweep(is_emergency=True)
            sending.sweep(is_emergency=False)
        self.all_holds()
        for row in self._rows().values():
            assert row.due_at is None
            assert row.state != State.INTENDED
            if row.channel != Channel.WEBSOCKET and row.state in TERMINAL - {State.ACKNOWLEDGED}:
                assert row.error_code

    def _recipients(self, people: list[str]) -> list[Recipient]:
        return [self.post.recipient(getattr(self.post, name)) for name in people]

    def _rows(self) -> Rows:
        return {str(row.pk): row for row in Delivery.objects.of(self.post.estate.pk)}


def _delivery_of(fields: dict[str, str]) -> str:
    found = ID.search(fields.get("StatusCallback", ""))
    return found[0] if found else ""


@pytest.mark.timeout(120)
def test_any_order(
    post: Post, twilio: FakeTwilio, report_to: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here(Deliveries):
        pass

    Here.twilio, Here.clock, Here.at, Here.patch = twilio, post.clock, post, monkeypatch
    Here.report_to = staticmethod(report_to)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )

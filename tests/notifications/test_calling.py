"""Every way in which a call can begin and end, over the wire, with Twilio's own client."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.clock import now
from core.ids import new_id
from core.unit_of_work import unit_of_work
from notifications.models import Delivery
from notifications.selectors import summary_of
from notifications.services import Recipient, acknowledge, sending, withdraw
from notifications.services.outcomes import record_sent
from notifications.sms.base import SendResult
from notifications.states import Channel, State, Work
from notifications.voice.twilio_codes import NOT_RINGING
from tests.notifications.conftest import GATE, Post
from tests.support.twilio import (
    AcceptThenDrop,
    AcceptThenFail,
    AcceptThenHang,
    Behaviour,
    Drop,
    Fail,
    FakeCall,
    FakeTwilio,
    Hang,
    Refuse,
    Throttle,
)

Report = Callable[..., int]

MADE = [AcceptThenHang(), AcceptThenFail(500), AcceptThenDrop()]
NOT_MADE = [Hang(), Fail(503), Drop()]
SID = "CA" + "0" * 32


@pytest.fixture
def placed(post: Post, twilio: FakeTwilio) -> Delivery:
    """A call that Twilio has."""
    return post.sweep(post.call())


@pytest.fixture
def ring(placed: Delivery, twilio: FakeTwilio) -> FakeCall:
    return twilio.rings[0]


def take_back(post: Post) -> None:
    with unit_of_work():
        withdraw(subject_id=post.subject_id)


# --- placing ----------------------------------------------------------------------------------------------------------


def test_a_call_names_where_to_ask_and_where_to_report(post: Post, placed: Delivery, ring: FakeCall) -> None:
    ours = f"https://estate.example/webhooks/twilio/voice/{placed.pk}"
    assert (placed.state, placed.provider, placed.provider_id) == (State.ACCEPTED, "twilio", ring.sid)
    assert (ring.fields["From"], ring.fields["To"]) == ("+15005550007", GATE)
    assert ring.fields["Url"] == f"{ours}/answered/"
    assert ring.fields["StatusCallback"] == f"{ours}/status/"
    assert ring.fields["AsyncAmdStatusCallback"] == f"{ours}/machine/"
    assert (ring.fields["MachineDetection"], ring.fields["AsyncAmd"]) == ("Enable", "true")
    assert (ring.fields["Timeout"], ring.fields["TimeLimit"]) == ("25", "180")


def test_one_number_rings_once_in_a_step_and_a_text_stands_beside_it(post: Post, twilio: FakeTwilio) -> None:
    twin = Recipient(member_id=post.sule.pk, name="Sule", phone=GATE)
    assert len(post.intend(post.recipient(), twin, channel=Channel.VOICE)) == 1
    post.text()
    post.sweep()
    assert (len(twilio.phone(GATE).rings), twilio.phone(GATE).texts) == (1, ["SOS at B-14"])


def test_who_has_no_number_is_not_called_and_the_record_says_why(post: Post, twilio: FakeTwilio) -> None:
    (row,) = post.intend(Recipient(post.gate.pk, "Gate", None), channel=Channel.VOICE)
    assert (row.state, row.error_code) == (State.FAILED, "no_phone")
    assert post.sweep(row).attempt == 0


@pytest.mark.parametrize("code", [21211, 21214, 21215, 21216, 10005])
def test_a_permanent_refusal_ends_it_at_once(post: Post, twilio: FakeTwilio, code: int) -> None:
    twilio.script(GATE, Refuse(code))
    row = post.sweep(post.call())
    assert (row.state, row.error_code) == (State.FAILED, str(code))
    assert row.error
    post.sweep_for(30, row)
    assert len(twilio.calls) == 1


@pytest.mark.parametrize("code", [10001, 10004, 20003, 20429])
def test_a_temporary_refusal_is_tried_again(post: Post, twilio: FakeTwilio, code: int) -> None:
    twilio.script(GATE, Refuse(code))
    row = post.sweep(post.call())
    assert (row.state, row.error_code) == (State.INTENDED, str(code))
    assert post.sweep_for(4, row).state == State.ACCEPTED
    assert len(twilio.rings) == 1


def test_throttling_waits_as_long_as_it_is_told(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, Throttle(retry_after=7))
    row = post.sweep(post.call())
    assert (row.error_code, row.next_attempt_at) == ("429", now() + timedelta(seconds=7))
    assert post.sweep_for(8, row).state == State.ACCEPTED


def test_what_was_never_taken_expires(post: Post, twilio: FakeTwilio) -> None:
    twilio.script(GATE, *[Refuse(20429)] * 100)
    row = post.sweep_for(22, post.call(expires_at=now() + timedelta(seconds=20)))
    assert (row.state, row.error_code, len(twilio.rings)) == (State.EXPIRED, "20429", 0)


def test_where_calls_were_given_up_meanwhile_the_record_says_so(
    post: Post, twilio: FakeTwilio, settings: object
) -> None:
    row = post.call()
    settings.CLUSTR_VOICE_PROVIDER = ""  # type: ignore[attr-defined]
    row = post.sweep(row)
    assert (row.state, row.error_code, twilio.calls) == (State.FAILED, "not_set_up", [])


# --- nobody knows whether it was placed -------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", MADE, ids=str)
def test_a_call_that_was_placed_without_an_answer_is_found(
    post: Post, twilio: FakeTwilio, behaviour: Behaviour
) -> None:
    twilio.script(GATE, behaviour)
    row = post.sweep(post.call())
    assert (row.state, row.work, row.error_code) == (State.INTENDED, Work.RECONCILE, "ambiguous")
    row = post.sweep_for(3, row)
    assert (row.state, row.error_code, row.attempt) == (State.ACCEPTED, "", 1)
    assert [call.sid for call in twilio.rings] == [row.provider_id]


@pytest.mark.parametrize("behaviour", NOT_MADE, ids=str)
def test_a_call_that_was_not_placed_is_placed_again(
    post: Post, twilio: FakeTwilio, behaviour: Behaviour
) -> None:
    twilio.script(GATE, behaviour)
    row = post.sweep_for(3, post.call())
    assert (row.state, row.attempt, len(twilio.rings)) == (State.ACCEPTED, 2, 1)


def test_its_own_callback_proves_that_it_was_placed(
    post: Post, twilio: FakeTwilio, report_to: Report
) -> None:
    """The address of the callback has our id in it, which Twilio's list of calls has not."""
    twilio.script(GATE, AcceptThenDrop(is_listed=False))
    row = post.sweep(post.call())
    assert report_to(twilio.move_call(twilio.rings[0], "ringing")) == 204
    row = post.sweep_for(5, row)
    assert (row.state, row.provider_id, len(twilio.rings)) == (State.SENT, twilio.rings[0].sid, 1)


def test_two_calls_to_one_number_that_may_both_be_there_are_not_mixed_up(
    post: Post, twilio: FakeTwilio
) -> None:
    """Twilio does not say what is said in a call: of two unclear ones and one that is there, neither is surely it."""
    twilio.script(GATE, Drop(), AcceptThenDrop())
    first = post.sweep(post.call(step="3.0", body="One"))
    post.forward(0.5)
    second = post.sweep(post.call(step="3.1", body="Another"))
    # The first is looked for while the second, which is the one that is there, still has to be.
    post.forward(0.6)
    for begun in (first, second):
        row = post.sweep_for(8, begun)
        (call,) = [call for call in twilio.rings if call.sid == row.provider_id]
        assert (row.state, str(row.pk) in call.fields["StatusCallback"]) == (State.ACCEPTED, True)


# --- how it goes on ---------------------------------------------------------------------------------------------------


def test_callbacks_move_it_forward(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    for status, state in (
        ("initiated", State.ACCEPTED),
        ("ringing", State.SENT),
        ("in-progress", State.SENT),
        ("completed", State.DELIVERED),
    ):
        assert report_to(twilio.move_call(ring, status)) == 204
        assert post.again(placed).state == state
    row = post.again(placed)
    assert (row.work, row.due_at, row.received_at) == (Work.NONE, None, None)
    assert summary_of([post.subject_id])[post.subject_id].calls_answered == 1


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_took_fails_and_is_not_placed_again(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report, status: str
) -> None:
    report_to(twilio.move_call(ring, status))
    row = post.sweep_for(60, placed)
    assert (row.state, row.error_code, len(twilio.rings)) == (State.FAILED, status, 1)
    assert row.error
    summary = summary_of([post.subject_id])[post.subject_id]
    assert (summary.calls_intended, summary.calls_answered, summary.calls_failed) == (1, 0, 1)


def test_late_twice_and_out_of_order(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    done = twilio.move_call(ring, "completed")
    for callback in (done, twilio.call_status(ring, "ringing"), done, twilio.call_status(ring, "initiated")):
        assert report_to(callback) == 204
    assert report_to(twilio.call_status(ring, "busy")) == 204
    assert post.again(placed).state == State.DELIVERED


def test_without_callbacks_twilio_is_asked(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall
) -> None:
    twilio.move_call(ring, "no-answer")
    assert post.sweep_for(9, placed).state == State.ACCEPTED
    row = post.sweep_for(4, placed)
    assert (row.state, row.error_code) == (State.FAILED, "no-answer")


# --- machines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["machine_start", "machine_end_beep", "machine_end_other", "fax"])
def test_a_machine_is_nobody(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report, kind: str
) -> None:
    report_to(twilio.move_call(ring, "in-progress"))
    assert report_to(twilio.make_out(ring, kind)) == 204
    report_to(twilio.move_call(ring, "completed"))
    row = post.again(placed)
    assert (row.state, row.error_code, row.error) == (State.FAILED, "machine", "Answered by a machine")
    assert (row.delivered_at, row.received_at, row.acknowledged_at) == (None, None, None)
    summary = summary_of([post.subject_id])[post.subject_id]
    assert (summary.calls_answered, summary.calls_failed) == (0, 1)


@pytest.mark.parametrize("kind", ["human", "unknown"])
def test_what_is_no_machine_counts_as_a_person(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report, kind: str
) -> None:
    report_to(twilio.make_out(ring, kind))
    report_to(twilio.move_call(ring, "completed"))
    assert post.again(placed).state == State.DELIVERED


def test_a_machine_that_is_made_out_late_was_nobody_either(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    report_to(twilio.move_call(ring, "completed"))
    report_to(twilio.make_out(ring, "machine_start"))
    assert post.again(placed).error == "Answered by a machine"
    summary = summary_of([post.subject_id])[post.subject_id]
    assert (summary.calls_answered, summary.calls_failed) == (0, 1)


def test_a_machine_whose_callbacks_are_lost_is_asked_for(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall
) -> None:
    twilio.make_out(ring, "machine_start")
    twilio.move_call(ring, "completed")
    row = post.sweep_for(13, placed)
    assert (row.state, row.error_code) == (State.FAILED, "machine")


# --- taking back ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["queued", "ringing"])
def test_a_telephone_that_rings_is_stopped(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report, status: str
) -> None:
    report_to(twilio.move_call(ring, status))
    take_back(post)
    row = post.sweep(placed)
    assert ring.status == "canceled"
    assert (row.state, row.error_code, row.work) == (State.EXPIRED, "withdrawn", Work.NONE)
    summary = summary_of([post.subject_id])[post.subject_id]
    assert (summary.calls_intended, summary.calls_failed) == (1, 0)


def test_whoever_has_picked_it_up_is_not_cut_off(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    report_to(twilio.move_call(ring, "in-progress"))
    take_back(post)
    row = post.sweep(placed)
    assert (ring.status, row.state, row.work) == ("in-progress", State.SENT, Work.CONFIRM)
    report_to(twilio.move_call(ring, "completed"))
    assert post.again(placed).state == State.DELIVERED


def test_the_telephone_of_who_has_it_is_stopped_too(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall
) -> None:
    """He has said so in the app, while it rang."""
    twilio.move_call(ring, "ringing")
    with unit_of_work():
        withdraw(subject_id=post.subject_id)
        acknowledge(subject_id=post.subject_id, member_id=post.gate.pk)
    row = post.sweep(placed)
    assert (ring.status, row.state, row.work, row.due_at) == (
        "canceled",
        State.ACKNOWLEDGED,
        Work.NONE,
        None,
    )


def test_a_call_that_is_just_being_placed_is_stopped_once_its_id_is_known(
    post: Post, twilio: FakeTwilio
) -> None:
    twilio.script(GATE, AcceptThenDrop())
    row = post.sweep(post.call())
    assert row.work == Work.RECONCILE
    take_back(post)
    row = post.sweep_for(4, row)
    assert (twilio.rings[0].status, row.state, row.error_code) == ("canceled", State.EXPIRED, "withdrawn")
    assert len(twilio.rings) == 1


def test_a_call_that_is_taken_back_while_it_is_being_placed_is_stopped(
    post: Post, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_back_first(row: Delivery, result: SendResult) -> None:
        take_back(post)
        record_sent(row, result)

    monkeypatch.setattr(sending, "record_sent", taken_back_first)
    row = post.sweep_for(2, post.call())
    assert (twilio.rings[0].status, row.state, row.error_code) == ("canceled", State.EXPIRED, "withdrawn")


def test_it_is_tried_again_while_twilio_does_not_answer(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall
) -> None:
    twilio.script("updates", Fail(503), Fail(500))
    take_back(post)
    assert post.sweep(placed).work == Work.HANG_UP
    row = post.sweep_for(4, placed)
    assert (ring.status, row.state) == ("canceled", State.EXPIRED)


def test_what_rings_no_more_cannot_be_stopped_and_is_asked_for(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall
) -> None:
    twilio.script("updates", Refuse(NOT_RINGING))
    twilio.move_call(ring, "busy")
    take_back(post)
    assert post.sweep(placed).work == Work.CONFIRM
    row = post.sweep_for(12, placed)
    assert (row.state, row.error_code) == (State.FAILED, "busy")


def test_what_was_not_placed_yet_is_never_placed(post: Post, twilio: FakeTwilio) -> None:
    row = post.call()
    take_back(post)
    row = post.sweep_for(5, row)
    assert (row.state, row.error_code) == (State.EXPIRED, "withdrawn")
    twilio.phone(GATE).expect_silence()


# --- strangers and nonsense -------------------------------------------------------------------------------------------


def test_an_unsigned_report_is_refused(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    for callback in (twilio.move_call(ring, "completed"), twilio.make_out(ring, "fax")):
        forged = [
            "",
            twilio.sign(callback.url, callback.params, token="another's"),
            twilio.sign(callback.url + "?x=1", callback.params),
        ]
        for signature in forged:
            assert report_to(callback, **{"X-Twilio-Signature": signature}) == 403
    row = post.again(placed)
    assert (row.state, row.error_code) == (State.ACCEPTED, "")


def test_a_report_about_another_number_or_no_call_is_not_found(
    post: Post, twilio: FakeTwilio, placed: Delivery, ring: FakeCall, report_to: Report
) -> None:
    text = post.text(step="9.0")
    for wrong in (str(new_id()), str(text.pk)):
        url = ring.fields["StatusCallback"].replace(str(placed.pk), wrong)
        assert report_to(twilio.about(ring, url, "completed")) == 404
    assert report_to(twilio.call_status(ring, "completed", To="+447700900999")) == 404
    assert post.again(placed).state == State.ACCEPTED


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"To": GATE}, 400),
        ({"To": GATE, "CallSid": SID}, 400),
        ({"To": GATE, "CallStatus": "ringing"}, 400),
        ({"To": GATE, "CallSid": "CA" + "x" * 9000, "CallStatus": "ringing"}, 400),
        ({"To": GATE, "CallSid": SID, "CallStatus": "levitating"}, 204),
    ],
)
def test_signed_nonsense_does_no_harm(
    post: Post,
    twilio: FakeTwilio,
    placed: Delivery,
    ring: FakeCall,
    report_to: Report,
    params: dict[str, str],
    status: int,
) -> None:
    assert report_to(twilio.signed(ring.fields["StatusCallback"], params)) == status
    assert post.again(placed).state == State.ACCEPTED

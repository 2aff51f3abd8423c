from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from emergency.links import token_of
from emergency.models import AlertStep, Contact, EscalationPolicy
from emergency.policies import DEFAULT, PolicyNotValid, plain_steps, read_steps
from estates.models import Membership
from notifications.models import Delivery
from notifications.selectors import unreceived
from tests.emergency.test_answer import REPORT, act

GUARDS = ["Gate", "Sule"]


def on_duty(*people):
    for person in people:
        Membership.objects.of(person.estate).filter(pk=person.id).update(on_duty_since=now())


def contact(person, name, phone):
    return Contact.objects.create(estate=person.estate, member_id=person.id, name=name, phone=phone)


def test_the_default_ladder_with_nobody_answering(cast, scene):
    """The tablets are there, none confirms: each step at its time, to exactly its people."""
    scene.online(cast.gate, cast.sule)
    contact(cast.ada, "Mother Obi", "+447700900500")
    contact(cast.bola, "Not Hers", "+447700900501")
    view = scene.press()
    seen: list[tuple[float, list[str]]] = []
    for _ in range(140):
        scene.forward(0.5)
        at = (now() - view.raised_at).total_seconds()
        new = scene.texts(view.id)[len([name for _, names in seen for name in names]) :]
        if new:
            seen.append((at, sorted(new)))

    assert seen == [
        (5, GUARDS),
        (10, ["Chief", "Gate", "Mother", "Sule"]),
        (30, ["Chief", *GUARDS]),
        (60, ["Musa"]),
    ]


def test_the_text_rounds_repeat_until_somebody_answers(cast, scene):
    scene.online(cast.gate)
    contact(cast.ada, "Mother Obi", "+447700900500")
    view = scene.press()
    scene.forward(200)
    steps = {row.name: row.due_at - view.raised_at for row in AlertStep.objects.across_estates()}
    assert {name: int(due.total_seconds()) for name, due in steps.items()} == {
        "0.0": 0, "1.0": 5, "2.0": 10, "3.0": 30, "4.0": 30,
        "5.0": 60, "2.1": 130, "3.1": 150, "4.1": 150, "5.1": 180, "2.2": 250, "3.2": 270, "4.2": 270, "5.2": 300,
    }  # fmt: skip
    assert scene.texts(view.id, "2.1") == ["Chief", "Gate", "Mother", "Sule"]
    scene.forward(800)
    assert scene.texts(view.id, "5.7") == ["Musa"]
    act(cast.musa, view.id, "acknowledge")
    before = scene.texts(view.id)
    scene.forward(300)
    assert scene.texts(view.id) == before


def test_acknowledged_in_time_nobody_is_texted(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(4.5)
    act(cast.gate, view.id, "acknowledge")
    scene.forward(200)
    assert scene.texts(view.id) == []


def test_who_confirmed_receipt_gets_no_first_text(cast, scene):
    scene.online(cast.gate, cast.sule)
    view = scene.press()
    scene.receive(cast.sule)
    scene.forward(5)
    assert scene.texts(view.id) == ["Gate"]
    scene.forward(5)
    assert scene.texts(view.id, "2.0") == ["Chief", *GUARDS]


def test_the_tablets_are_told_before_it_is_written_down_who_they_are(cast, scene, monkeypatch):
    intended: list[int] = []

    def announced(*_: Any) -> None:
        intended.append(Delivery.objects.across_estates().count())

    monkeypatch.setattr("realtime.broker.broker.announce", announced)
    scene.online(cast.gate)
    view = scene.press()
    assert intended == [0]
    assert (view.proof.tablets_intended, view.proof.tablets_received) == (2, 0)
    assert Delivery.objects.across_estates().filter(subject_id=view.id, channel="websocket").count() == 2


def test_a_tablet_that_is_faster_than_the_record_has_confirmed(cast, scene, monkeypatch):
    with monkeypatch.context() as quick:
        quick.setattr("realtime.broker.broker.announce", lambda *_: scene.receive(cast.sule))
        view = scene.press()
    assert unreceived(view.id, "0.0") == {cast.gate.id}


def test_an_open_socket_that_confirms_nothing_counts_for_nothing(cast, scene):
    scene.online(cast.gate, cast.sule)
    view = scene.press()
    scene.forward(5)
    assert scene.texts(view.id, "1.0") == GUARDS


def test_the_first_step_is_for_guards_on_duty(cast, scene):
    scene.online(cast.sule)
    on_duty(cast.sule)
    view = scene.press()
    rows = Delivery.objects.across_estates().filter(subject_id=view.id, channel="websocket")
    assert [row.recipient_name for row in rows] == ["Sule Bello"]
    assert rows[0].address == f"estate.{cast.estate.pk}.emergency"
    scene.forward(5)
    assert scene.texts(view.id) == ["Sule"]


def test_with_no_guard_present_all_guards_are_texted_at_once(cast, scene):
    on_duty(cast.sule)
    scene.online(cast.musa)
    view = scene.press()

    assert scene.texts(view.id) == GUARDS
    assert view.proof.sms_intended == 2
    scene.forward(9.5)
    assert scene.texts(view.id) == GUARDS
    scene.forward(0.5)
    assert scene.texts(view.id, "2.0") == ["Chief", *GUARDS]


def test_a_number_is_texted_once_in_a_step(cast, scene):
    contact(cast.ada, "Gate as a friend", cast.gate.phone)
    contact(cast.ada, "Herself", cast.ada.phone)
    contact(cast.ada, "Mother Obi", "+447700900500")
    view = scene.press()
    scene.forward(10)
    rows = Delivery.objects.across_estates().filter(subject_id=view.id, step="2.0")
    assert sorted(row.recipient_name for row in rows) == [
        "Chief Eze",
        "Gate Musa",
        "Mother Obi",
        "Sule Bello",
    ]
    assert len({row.address for row in rows}) == 4


def test_the_person_in_need_is_told_nothing_he_knows(cast, scene):
    view = scene.press(cast.gate)
    scene.forward(200)
    assert "Gate" not in scene.texts(view.id)
    assert view.proof.tablets_intended == 1


def test_the_only_guard_on_duty_is_in_need(cast, scene):
    on_duty(cast.gate)
    view = scene.press(cast.gate)
    assert view.proof.tablets_intended == 1
    assert scene.texts(view.id) == ["Sule"]


def test_contacts_are_those_of_the_person_in_need(cast, scene):
    contact(cast.gate, "Guard's wife", "+447700900600")
    contact(cast.bola, "Brother Ade", "+447700900601")
    view = scene.press(cast.gate, on_behalf_of=str(cast.bola.id))
    scene.forward(10)
    assert "Brother" in scene.texts(view.id)
    assert "Guard's" not in scene.texts(view.id)


def test_a_responder_reads_what_where_who_when_and_a_link(cast, scene):
    view = scene.press(category="domestic_violence")
    text = Delivery.objects.across_estates().filter(subject_id=view.id, channel="sms")[0]
    assert text.body == (
        f"SOS DOMESTIC VIOLENCE at B-14, B. Ada Obi, 13:00. I have it: http://127.0.0.1:8000/a/{token_of(text.pk)}/"
    )
    assert len(text.body) <= 160


def test_a_contact_reads_no_link_and_a_drill_says_so(cast, scene):
    contact(cast.ada, "Mother Obi", "+447700900500")
    view = scene.press(category="fire", drill=True)
    scene.forward(10)
    rows = Delivery.objects.across_estates().filter(subject_id=view.id, channel="sms")
    assert all(row.body.startswith("DRILL. ") for row in rows)
    (mother,) = rows.filter(member=None)
    assert mother.body == (
        "DRILL. Ada Obi raised an SOS: FIRE at B-14, B, Palm Court, 13:00. The estate's security has been alerted."
    )


def test_a_silent_alert_asks_not_to_call(cast, scene):
    contact(cast.ada, "Mother Obi", "+447700900500")
    view = scene.press(silent=True)
    scene.forward(10)
    rows = Delivery.objects.across_estates().filter(subject_id=view.id, channel="sms")
    assert all("Do not call." in row.body for row in rows)


def test_a_guards_own_tablet_does_not_stand_for_another_guard(cast, scene):
    scene.online(cast.gate)
    assert scene.texts(scene.press(cast.gate).id) == ["Sule"]
    assert scene.texts(scene.press(cast.ada).id) == []


def test_a_text_without_a_unit_gives_the_position(cast, scene):
    view = scene.press(cast.worker, position={"lat": 6.44, "lon": 3.47})
    assert "at 6.44000,3.47000." in Delivery.objects.across_estates().filter(channel="sms")[0].body
    assert view.unit is None


def test_the_view_says_what_comes_next(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    assert (view.next_step.channel, view.next_step.audience) == ("sms", ["unreceived"])
    assert view.next_step.due_at == view.raised_at + timedelta(seconds=5)
    scene.forward(5)
    later = cast.ada.api.get(cast.ada.url(f"alerts/{view.id}/")).json()
    assert later["next_step"]["audience"] == ["guards", "security_heads", "contacts"]
    assert act(cast.gate, view.id, "acknowledge").json()["next_step"] is None


def test_each_step_is_told_and_recorded(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(10)
    told = [event for event in scene.lane() if event == "emergency.alert.escalated"]
    assert len(told) == 2
    entries = cast.ada.api.get(cast.ada.url(f"alerts/{view.id}/timeline/")).json()["results"]
    steps = [entry for entry in entries if entry["kind"] == "step"]
    assert [(one["data"]["channel"], one["data"]["recipients"]) for one in steps] == [
        ("websocket", 2),
        ("sms", 2),
        ("sms", 3),
    ]
    assert steps[1]["text"] == "SMS to who has not confirmed receipt: Gate Musa, Sule Bello."
    assert steps[1]["actor"] == {"kind": "system", "id": None, "name": "ClustR"}


def test_the_proof_follows_receipts_and_reports(cast, scene):
    scene.online(cast.gate, cast.sule)
    view = scene.press()
    scene.receive(cast.gate)
    scene.forward(0.5)
    assert scene.lane()[-1] == "emergency.alert.progressed"
    latest = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()
    assert latest["proof"] == {
        "tablets_intended": 2,
        "tablets_received": 1,
        "sms_intended": 0,
        "sms_sent": 0,
        "sms_delivered": 0,
        "sms_failed": 0,
        "calls_intended": 0,
        "calls_answered": 0,
        "calls_failed": 0,
        "pushes_intended": 0,
        "pushes_received": 0,
    }
    told = len(scene.lane())
    scene.forward(3)
    assert len(scene.lane()) == told

    scene.forward(1.5)
    latest = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()
    assert latest["proof"]["sms_sent"] == 1


def test_reports_after_the_resolution_still_count_for_a_while(cast, scene):
    view = scene.press()
    act(cast.gate, view.id, "resolve", REPORT)
    Delivery.objects.across_estates().filter(channel="sms").update(delivered_at=now())
    scene.forward(0.5)
    final = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()
    assert (final["state"], final["proof"]["sms_delivered"]) == ("resolved", 2)


def test_acknowledging_withdraws_what_was_not_sent(cast, scene, background):
    background.hold()
    view = scene.press()
    act(cast.gate, view.id, "acknowledge")
    background.release()
    rows = Delivery.objects.across_estates().filter(channel="sms")
    assert {row.state for row in rows if row.recipient_name == "Sule Bello"} == {"expired"}
    assert not rows.filter(sent_at__isnull=False).exists()
    assert not AlertStep.objects.across_estates().filter(state="pending").exists()


def test_an_estates_own_policy_is_copied_into_the_alert(cast, scene):
    steps = [
        {"after_s": 0, "channel": "websocket", "audience": ["guards"]},
        {"after_s": 20, "channel": "sms", "audience": ["managers"], "repeat_every_s": 60},
    ]
    scene.online(cast.gate)
    policy = EscalationPolicy.objects.create(estate=cast.estate, category="fire", steps=steps)
    fire, medical = scene.press(cast.ada, category="fire"), scene.press(cast.bola, category="medical")
    EscalationPolicy.objects.of(cast.estate).filter(pk=policy.pk).update(steps=plain_steps(DEFAULT))
    scene.forward(20)

    assert scene.texts(fire.id) == ["Musa"]
    assert "Chief" in scene.texts(medical.id)


def test_a_policy_that_somebody_broke_does_not_cost_the_sos(cast, scene):
    EscalationPolicy.objects.create(estate=cast.estate, category="", steps=[{"nonsense": 1}])
    assert scene.texts(scene.press().id) == GUARDS


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"after_s": 5, "channel": "sms", "audience": ["guards"], "repeat_every_s": 60}],
        [{"after_s": 0, "channel": "sms", "audience": ["guards"]}],
        [
            {"after_s": 0, "channel": "sms", "audience": ["guards"], "repeat_every_s": 60},
            {"after_s": 9, "channel": "sms", "audience": ["guards"]},
            {"after_s": 8, "channel": "sms", "audience": ["guards"]},
        ],
    ],
)
def test_a_policy_that_could_fall_silent_is_refused(steps):
    with pytest.raises(PolicyNotValid):
        read_steps(steps)


def test_an_estate_with_nobody_keeps_trying(cast, scene):
    """The estate next door has a manager and no guards."""
    view = scene.press(cast.stranger)
    assert view.proof.tablets_intended == 0
    scene.forward(70)
    assert scene.alert(view.id).state == "active"
    assert AlertStep.objects.across_estates().filter(state="pending").exists()

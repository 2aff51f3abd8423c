"""Telephones ring after half a minute, and key 1 says "I have it". A machine says nothing."""

from xml.etree import ElementTree

import pytest

from core.actors import SYSTEM
from core.unit_of_work import unit_of_work
from emergency.models import Contact, EscalationPolicy, Responder, TimelineEntry
from emergency.wording import spelled
from estates.models import Estate, Role
from estates.permissions import RoleKey
from estates.services.people import end_membership, revoke_role
from notifications.models import Delivery
from tests.emergency.test_answer import REPORT, act
from tests.support.background import run_task
from tests.support.twilio import FakeTwilio

WORDS = "S O S at Palm Court. Intrusion. Unit B 14, B. Ada Obi needs help. Press 1 if you have it."


@pytest.fixture
def twilio(settings):
    with FakeTwilio() as fake:
        fake.configure(settings)
        yield fake


@pytest.fixture
def alert(scene, twilio):
    """An intrusion at Ada's of which nobody has said in half a minute that he has it."""
    scene.online(scene.cast.gate)
    view = scene.press(category="intrusion")
    scene.forward(30)
    return view


class Line:
    """One telephone that rang, and what Twilio asks us about it."""

    def __init__(self, twilio, client, person):
        self.twilio, self.client = twilio, client
        (self.call,) = twilio.phone(person.phone).rings
        self.action = ""

    def post(self, callback):
        answer = self.client.post(
            callback.path,
            data=callback.body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": callback.signature},
        )
        if answer.status_code != 200:
            return answer.status_code
        twiml = ElementTree.fromstring(answer.content)
        gather = twiml.find("Gather")
        if gather is not None:
            self.action = gather.attrib["action"]
        assert gather is not None or twiml[-1].tag == "Hangup"
        return twiml.findtext(".//Say")

    def pick_up(self):
        return self.post(self.twilio.pick_up(self.call))

    def press(self, key=""):
        return self.post(self.twilio.press(self.call, self.action, key))

    def is_machine(self):
        assert self.post(self.twilio.make_out(self.call, "machine_start")) == 204

    def ends(self, status="completed"):
        assert self.post(self.twilio.move_call(self.call, status)) == 204


@pytest.fixture
def gates(alert, cast, twilio, client):
    return Line(twilio, client, cast.gate)


@pytest.fixture
def sules(alert, cast, twilio, client):
    return Line(twilio, client, cast.sule)


def deliveries(alert, channel="voice"):
    return Delivery.objects.across_estates().filter(subject_id=alert.id, channel=channel)


# --- the ladder -------------------------------------------------------------------------------------------------------


def test_nobody_answers_and_the_telephones_ring_at_thirty_seconds(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(29.5)
    assert scene.calls(view.id) == []
    scene.forward(0.5)
    assert scene.calls(view.id) == ["Chief", "Gate", "Sule"]
    assert scene.texts(view.id, "4.0") == ["Chief", "Gate", "Sule"]
    scene.forward(120)
    assert scene.calls(view.id, "3.1") == ["Chief", "Gate", "Sule"]


def test_acknowledged_after_twenty_nine_seconds_no_telephone_rings(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(29)
    act(cast.gate, view.id, "acknowledge")
    scene.forward(300)
    assert scene.calls(view.id) == []


def test_the_board_says_that_a_call_comes_next(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(12)
    step = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()["next_step"]
    assert (step["channel"], step["audience"]) == ("voice", ["guards", "security_heads"])


def test_the_person_in_need_is_never_called(cast, scene):
    view = scene.press(cast.gate)
    scene.forward(200)
    assert "Gate" not in scene.calls(view.id)


def test_a_worker_that_dies_before_it_calls_costs_no_call_and_doubles_none(cast, scene, twilio, background):
    scene.online(cast.gate)
    background.hold()
    view = scene.press()
    scene.forward(30)
    background.lose()
    background.release()
    assert twilio.rings == []
    run_task("notifications.sweep")
    run_task("notifications.sweep")
    assert len(twilio.rings) == 3
    assert {row.attempt for row in deliveries(view)} == {1}


def test_the_proof_counts_calls(cast, scene, alert, gates, sules, twilio):
    gates.pick_up()
    gates.ends()
    sules.ends("no-answer")
    scene.forward(0.5)
    proof = cast.ada.api.get(cast.ada.url(f"alerts/{alert.id}/")).json()["proof"]
    assert (proof["calls_intended"], proof["calls_answered"], proof["calls_failed"]) == (3, 1, 1)


# --- where nobody can be called ---------------------------------------------------------------------------------------


@pytest.fixture
def no_calls(settings):
    settings.CLUSTR_VOICE_PROVIDER = ""


def step_entries(view):
    rows = TimelineEntry.objects.across_estates().filter(alert_id=view.id, kind="step")
    return {row.data["order"]: row for row in rows}


def test_where_nobody_can_be_called_the_texts_beside_stand_for_it(cast, scene, no_calls):
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(12)
    step = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).json()["next_step"]
    assert step["channel"] == "sms"
    scene.forward(18)
    assert scene.calls(view.id) == []
    assert (scene.texts(view.id, "3.0"), scene.texts(view.id, "4.0")) == ([], ["Chief", "Gate", "Sule"])
    entry = step_entries(view)[3]
    assert entry.text == (
        "No provider of calls is set up, so SMS to guards, security heads: the texts at this moment say it already."
    )
    assert (entry.data["channel"], entry.data["planned_channel"]) == ("sms", "voice")


def test_where_nobody_can_be_called_who_would_have_been_is_texted_at_once(cast, scene, no_calls):
    steps = [
        {"after_s": 0, "channel": "websocket", "audience": ["guards"]},
        {"after_s": 20, "channel": "voice", "audience": ["managers", "guards"], "repeat_every_s": 60},
        {"after_s": 20, "channel": "sms", "audience": ["guards"]},
    ]
    EscalationPolicy.objects.create(estate=cast.estate, category="", steps=steps)
    scene.online(cast.gate)
    view = scene.press()
    scene.forward(20)
    assert (scene.texts(view.id, "1.0"), scene.texts(view.id, "2.0")) == (["Musa"], ["Gate", "Sule"])
    assert deliveries(view, "sms").get(step="1.0").body.startswith("SOS MEDICAL at B-14")
    assert step_entries(view)[1].text.startswith(
        "No provider of calls is set up, so SMS to managers, guards: "
    )
    scene.forward(60)
    assert scene.texts(view.id, "1.1") == ["Gate", "Musa", "Sule"]


def test_a_ladder_of_calls_alone_begins_at_once_where_no_guard_is_present(cast, scene):
    steps = [
        {"after_s": 0, "channel": "websocket", "audience": ["guards"]},
        {"after_s": 20, "channel": "voice", "audience": ["managers"], "repeat_every_s": 60},
    ]
    EscalationPolicy.objects.create(estate=cast.estate, category="", steps=steps)
    view = scene.press()
    assert scene.calls(view.id) == ["Gate", "Musa", "Sule"]
    assert view.proof.calls_intended == 3


# --- on the telephone -------------------------------------------------------------------------------------------------


def test_key_1_stops_the_ladder(cast, scene, alert, gates):
    assert gates.pick_up() == WORDS
    assert gates.press("1") == "Thank you. You have it, and nobody else is called. Goodbye."
    row = scene.alert(alert.id)
    assert (row.state, row.acknowledged_by_id) == ("acknowledged", cast.gate.id)
    entry = TimelineEntry.objects.of(cast.estate).get(alert=row, kind="acknowledged")
    assert (entry.text, entry.data["way"]) == ("Gate Musa has it, by the keypad of his telephone.", "voice")
    assert "emergency.alert.acknowledged" in scene.lane()
    told = (scene.texts(alert.id), scene.calls(alert.id))
    scene.forward(300)
    assert (scene.texts(alert.id), scene.calls(alert.id)) == told
    assert deliveries(alert).get(member_id=cast.gate.id).state == "acknowledged"


def test_key_1_twice_is_one_answer(cast, scene, alert, gates):
    gates.pick_up()
    gates.press("1")
    gates.press("1")
    assert Responder.objects.of(cast.estate).filter(alert_id=alert.id).count() == 1
    assert scene.lane().count("emergency.alert.acknowledged") == 1


def test_the_others_telephones_ring_no_longer(cast, alert, gates, sules, twilio):
    gates.pick_up()
    gates.press("1")
    run_task("notifications.sweep")
    assert (gates.call.status, sules.call.status) == ("in-progress", "canceled")
    assert deliveries(alert).get(member_id=cast.sule.id).error_code == "withdrawn"


def test_silence_and_other_keys_leave_it_open(scene, alert, gates, twilio):
    assert gates.pick_up() == WORDS
    assert gates.press("7") == WORDS
    assert gates.press() == "Goodbye."
    gates.ends()
    assert scene.alert(alert.id).state == "active"
    before = len(twilio.rings)
    scene.forward(120)
    assert len(twilio.rings) == before + 3


def test_a_machine_answers_nothing_and_the_ladder_goes_on(cast, scene, alert, gates):
    gates.pick_up()
    gates.is_machine()
    assert gates.press() == (
        "S O S at Palm Court. Intrusion. Unit B 14, B. Ada Obi needs help. Answer in the app at once."
    )
    gates.ends()
    row = deliveries(alert).get(member_id=cast.gate.id)
    assert (row.state, row.error) == ("failed", "Answered by a machine")
    assert (row.received_at, row.acknowledged_at) == (None, None)
    assert scene.alert(alert.id).state == "active"
    scene.forward(30)
    assert scene.texts(alert.id, "5.0") == ["Musa"]


def test_who_picks_up_too_late_hears_who_has_it(cast, scene, alert, gates, sules):
    gates.pick_up()
    scene.acknowledge(cast.chief, alert.id)
    assert sules.pick_up() == "Chief Eze has it already. Goodbye."
    # He had been asked before: his key counts.
    assert gates.press("1") == "Thank you. You have it too. Chief Eze has it already. Goodbye."
    assert scene.alert(alert.id).acknowledged_by_id == cast.chief.id
    assert gates.pick_up() == "You have it already. Goodbye."


def test_what_is_over_needs_nobody(cast, scene, alert, gates, sules):
    gates.pick_up()
    act(cast.sule, alert.id, "resolve", REPORT)
    over = "It is over, and nobody is needed any more. Goodbye."
    assert gates.press("1") == over
    assert gates.pick_up() == over
    assert not Responder.objects.of(cast.estate).filter(alert_id=alert.id, member_id=cast.gate.id).exists()


def end(cast):
    with unit_of_work():
        end_membership(actor=SYSTEM, membership=cast.gate.membership)


def lose_role(cast):
    role = Role.objects.get(key=RoleKey.GUARD, estate=None)
    revoke_role(actor=SYSTEM, membership=cast.gate.membership, role=role)


def suspend(cast):
    Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True)


@pytest.mark.parametrize("happens", [end, lose_role, suspend])
def test_who_is_no_responder_any_more_answers_for_nobody(cast, scene, alert, gates, happens):
    gates.pick_up()
    happens(cast)
    no = "You cannot answer for this any more. Goodbye."
    assert gates.press("1") == no
    assert gates.pick_up() == no
    assert scene.alert(alert.id).state == "active"


def test_a_contact_is_told_and_asked_for_nothing(cast, scene, twilio, client):
    steps = [{"after_s": 0, "channel": "voice", "audience": ["contacts"], "repeat_every_s": 60}]
    EscalationPolicy.objects.create(estate=cast.estate, category="", steps=steps)
    scene.online(cast.gate)
    mother = Contact.objects.create(
        estate=cast.estate, member_id=cast.ada.id, name="Mother", phone="+447700900500"
    )
    view = scene.press(drill=True, silent=True)
    line = Line(twilio, client, mother)
    assert line.pick_up() == (
        "DRILL. Ada Obi raised an S O S at Palm Court. Medical. Unit B 14, B. "
        "It was raised in silence, so do not call there. The estate's security has been alerted."
    )
    line.action = line.call.fields["Url"].replace("answered", "keys") + "?round=1"
    assert line.press("1") == "You cannot answer for this any more. Goodbye."
    assert scene.alert(view.id).state == "active"


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("B-14", "B 14"),
        ("B14", "B 14"),
        ("Block 3/7b", "Block 3 7 b"),
        ("St. Mary's", "St Mary's"),
        ("Ìkẹjà-2", "Ìkẹjà 2"),
    ],
)
def test_names_are_spelled_as_a_voice_reads_them_well(name, heard):
    assert spelled(name) == heard

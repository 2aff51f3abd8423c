from uuid import UUID

import pytest
from django.db import IntegrityError

from core.models import AuditEntry
from emergency.models import Alert, AlertStep
from emergency.states import TRANSITIONS, Action, State, leads_to
from tests.emergency.conftest import in_threads


def act(person, alert_id, action, body=None):
    return person.api.post(person.url(f"alerts/{alert_id}/{action}/"), body or {}, format="json")


REPORT = {"outcome": "real", "report": "Ambulance came."}


def test_the_whole_way(cast, scene):
    view = scene.press()
    states = [
        act(cast.gate, view.id, "acknowledge"),
        act(cast.gate, view.id, "respond", {"eta_s": 120}),
        act(cast.gate, view.id, "on-scene"),
        act(cast.gate, view.id, "resolve", REPORT),
        act(cast.ada, view.id, "close"),
    ]

    assert [answer.status_code for answer in states] == [200] * 5
    assert [answer.json()["state"] for answer in states] == [
        "acknowledged",
        "responding",
        "on_scene",
        "resolved",
        "closed",
    ]
    versions = [answer.json()["version"] for answer in states]
    assert versions == sorted(set(versions))
    closed = states[-1].json()
    assert closed["acknowledged_by"] == {"member_id": str(cast.gate.id), "name": "Gate Musa"}
    assert (closed["outcome"], closed["report"]) == ("real", "Ambulance came.")
    assert closed["next_step"] is None
    assert scene.lane() == scene.inbox(cast.ada)
    assert scene.lane() == [
        f"emergency.alert.{word}"
        for word in ("raised", "acknowledged", "responding", "on_scene", "resolved", "closed")
    ]
    assert {"emergency.alert.acknowledged", "emergency.alert.resolved", "emergency.alert.closed"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_the_first_acknowledges_and_both_respond(cast, scene):
    view = scene.press()
    first = act(cast.gate, view.id, "acknowledge").json()
    second = act(cast.sule, view.id, "acknowledge")

    assert second.status_code == 200
    assert second.json()["acknowledged_by"] == first["acknowledged_by"]
    assert [one["name"] for one in second.json()["responders"]] == ["Gate Musa", "Sule Bello"]
    assert second.json()["version"] > first["version"]


def test_acknowledging_twice_is_answered_and_changes_nothing(cast, scene):
    view = scene.press()
    first = act(cast.gate, view.id, "acknowledge")
    again = act(cast.gate, view.id, "acknowledge")

    assert (again.status_code, again.content) == (200, first.content)


def test_two_guards_at_once_have_one_acknowledger_and_two_responders(cast):
    alert_id = UUID(
        cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json").json()["id"]
    )

    answers = in_threads(2, lambda index: act((cast.gate, cast.sule)[index], alert_id, "acknowledge"))

    assert [answer.status_code for answer in answers] == [200, 200]
    final = cast.gate.api.get(cast.gate.url(f"alerts/{alert_id}/")).json()
    assert len(final["responders"]) == 2
    assert {answer.json()["acknowledged_by"]["member_id"] for answer in answers} == {
        final["acknowledged_by"]["member_id"]
    }
    assert (
        AuditEntry.objects.filter(action="emergency.alert.acknowledged", changes__is_first=True).count() == 1
    )


def test_responding_acknowledges_if_nobody_has(cast, scene):
    view = scene.press()
    answer = act(cast.sule, view.id, "respond", {"eta_s": 60}).json()

    assert (answer["state"], answer["acknowledged_by"]["name"]) == ("responding", "Sule Bello")
    assert answer["responders"][0]["eta_s"] == 60
    assert not AlertStep.objects.across_estates().filter(state="pending").exists()


def test_a_second_responder_does_not_take_the_alert_back(cast, scene):
    view = scene.press()
    act(cast.gate, view.id, "on-scene")
    answer = act(cast.sule, view.id, "respond", {"eta_s": 30}).json()

    assert answer["state"] == "on_scene"
    assert [one["state"] for one in answer["responders"]] == ["on_scene", "responding"]


def test_a_new_eta_is_told(cast, scene):
    view = scene.press()
    act(cast.gate, view.id, "respond", {"eta_s": 60})
    scene.forward(1, sweeping=False)
    answer = act(cast.gate, view.id, "respond", {"eta_s": 300}).json()

    assert answer["responders"][0]["eta_s"] == 300
    assert scene.lane().count("emergency.alert.responding") == 2


def test_who_is_there_is_not_on_the_way_again(cast, scene):
    view = scene.press()
    there = act(cast.gate, view.id, "on-scene")
    assert act(cast.gate, view.id, "respond", {"eta_s": 60}).content == there.content
    assert act(cast.gate, view.id, "on-scene").content == there.content


def test_resolving_needs_a_report(cast, scene):
    view = scene.press()
    for body in (
        {},
        {"outcome": "real"},
        {"outcome": "real", "report": ""},
        {"outcome": "real", "report": " \n"},
    ):
        assert act(cast.gate, view.id, "resolve", body).status_code == 400
    assert (
        act(cast.gate, view.id, "resolve", {"outcome": "fun", "report": "x"}).json()["errors"][0]["field"]
        == "outcome"
    )
    assert scene.alert(view.id).state == "active"


def test_a_retried_resolution_is_answered_and_another_one_refused(cast, scene):
    view = scene.press()
    first = act(cast.gate, view.id, "resolve", REPORT)
    assert act(cast.gate, view.id, "resolve", REPORT).content == first.content
    assert act(cast.sule, view.id, "resolve", REPORT).json()["code"] == "alert_over"
    assert act(cast.gate, view.id, "resolve", {**REPORT, "outcome": "test"}).status_code == 409


def test_resolving_at_once_has_an_acknowledger(cast, scene):
    view = scene.press()
    answer = act(
        cast.gate, view.id, "resolve", {"outcome": "false_alarm", "report": "Sat on the phone."}
    ).json()

    assert (answer["state"], answer["outcome"]) == ("resolved", "false_alarm")
    assert answer["acknowledged_by"]["name"] == "Gate Musa"


@pytest.mark.parametrize("closer", ["ada", "musa", "chief"])
def test_the_person_in_need_and_management_close(cast, scene, closer):
    view = scene.press()
    person = getattr(cast, closer)
    assert act(person, view.id, "close").json()["code"] == "alert_not_resolved"
    act(cast.gate, view.id, "resolve", REPORT)
    first = act(person, view.id, "close")
    assert first.json()["state"] == "closed"
    assert act(person, view.id, "close").content == first.content


def test_a_guard_does_not_close(cast, scene):
    view = scene.press()
    act(cast.gate, view.id, "resolve", REPORT)
    assert act(cast.gate, view.id, "close").json()["code"] == "permission_missing"


def test_closed_is_terminal(cast, scene):
    view = scene.press()
    act(cast.gate, view.id, "resolve", REPORT)
    act(cast.ada, view.id, "close")

    for action, body in (("acknowledge", {}), ("respond", {}), ("on-scene", {}), ("resolve", REPORT)):
        assert act(cast.sule, view.id, action, body).json()["code"] == "alert_over", action
    for action in ("cancel", "cancel-request"):
        assert act(cast.ada, view.id, action).json()["code"] == "alert_over", action
    assert scene.alert(view.id).state == "closed"


def test_nobody_acknowledges_his_own_alert(cast, scene):
    own = scene.press(cast.gate)
    assert act(cast.gate, own.id, "acknowledge").json()["code"] == "own_alert"
    assert act(cast.sule, own.id, "acknowledge").status_code == 200


def test_who_raised_it_for_somebody_else_may_respond(cast, scene):
    view = scene.press(cast.gate, on_behalf_of=str(cast.bola.id))
    assert act(cast.gate, view.id, "respond", {"eta_s": 5}).json()["state"] == "responding"


def test_residents_do_not_respond(cast, scene):
    view = scene.press()
    for person in (cast.ada, cast.bola, cast.worker):
        for action in ("acknowledge", "respond", "on-scene", "resolve"):
            assert act(person, view.id, action, REPORT).json()["code"] == "permission_missing"


BAD = [
    ("acknowledge", {"why": 1}, "why"),
    ("respond", {"eta_s": -1}, "eta_s"),
    ("respond", {"eta_s": "soon"}, "eta_s"),
    ("respond", {"eta_s": 10**9}, "eta_s"),
    ("resolve", {"outcome": "real", "report": 7}, "report"),
    ("resolve", {"outcome": "real", "report": "x" * 5001}, "report"),
    ("on-scene", {"eta_s": 1}, "eta_s"),
    ("close", {"x": 1}, "x"),
    ("cancel", {"x": 1}, "x"),
    ("cancel-request", {"x": 1}, "x"),
]


def test_bad_input_names_its_field(cast, scene):
    view = scene.press()
    for action, body, field in BAD:
        answer = act(cast.gate if action != "close" else cast.musa, view.id, action, body)
        assert answer.status_code == 400, (action, body)
        assert answer.json()["errors"][0]["field"] == field
    assert scene.alert(view.id).version == view.version


def test_an_action_without_a_body_is_fine(cast, scene):
    view = scene.press()
    assert cast.gate.api.post(cast.gate.url(f"alerts/{view.id}/acknowledge/")).status_code == 200


def test_the_database_knows_the_rules_too(cast, scene):
    view = scene.press()
    row = Alert.objects.of(cast.estate).filter(pk=view.id)
    for changes in (
        {"state": "acknowledged"},
        {"state": "nonsense"},
        {
            "state": "resolved",
            "acknowledged_by": cast.gate.membership,
            "acknowledged_at": "2026-01-01T00:00Z",
        },
    ):
        with pytest.raises(IntegrityError):
            row.update(**changes)


def test_no_state_goes_back():
    order = [
        State.COUNTDOWN,
        State.ACTIVE,
        State.ACKNOWLEDGED,
        State.RESPONDING,
        State.ON_SCENE,
        State.RESOLVED,
    ]
    for (before, _), after in TRANSITIONS.items():
        if before in order and after in order:
            assert order.index(after) > order.index(before)
    assert not [action for action in Action if leads_to(State.CLOSED, action)]
    assert not [action for action in Action if leads_to(State.CANCELLED, action)]

from core.models import AuditEntry
from emergency.models import AlertStep
from tests.emergency.test_answer import act


def test_only_the_raiser_knows_of_a_countdown(cast, scene):
    view = scene.press(countdown_s=5)

    assert (view.state, view.next_step) == ("countdown", None)
    assert (view.countdown_ends_at - view.raised_at).total_seconds() == 5
    assert scene.lane() == []
    assert scene.inbox(cast.ada) == ["emergency.alert.raised"]
    assert cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/")).status_code == 404
    assert cast.gate.api.get(cast.gate.url("alerts/")).json()["results"] == []
    assert act(cast.gate, view.id, "acknowledge").status_code == 404
    assert cast.ada.api.get(cast.ada.url("alerts/?state=open")).json()["results"][0]["state"] == "countdown"
    assert scene.texts(view.id) == []


def test_its_end_is_the_beginning_of_the_ladder(cast, scene):
    scene.online(cast.gate)
    view = scene.press(countdown_s=5)
    scene.forward(4.5)
    assert scene.alert(view.id).state == "countdown"
    scene.forward(0.5)

    assert scene.alert(view.id).state == "active"
    assert scene.lane() == ["emergency.alert.raised"]
    assert scene.inbox(cast.ada) == ["emergency.alert.raised"] * 2
    scene.forward(4.5)
    assert scene.texts(view.id) == []
    scene.forward(0.5)
    assert scene.texts(view.id) == ["Gate", "Sule"]


def test_cancelled_in_time_nobody_ever_knows(cast, scene):
    view = scene.press(countdown_s=5)
    scene.forward(4)
    answer = act(cast.ada, view.id, "cancel")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert act(cast.ada, view.id, "cancel").content == answer.content
    scene.forward(30)
    assert scene.lane() == []
    assert scene.inbox(cast.ada) == ["emergency.alert.raised", "emergency.alert.cancelled"]
    assert scene.texts(view.id) == []
    assert cast.musa.api.get(cast.musa.url(f"alerts/{view.id}/")).status_code == 404
    assert AuditEntry.objects.filter(action="emergency.alert.cancelled").count() == 1
    assert not AlertStep.objects.across_estates().filter(state="pending").exists()


def test_after_the_countdown_cancelling_is_a_request(cast, scene):
    view = scene.press(countdown_s=3)
    assert act(cast.ada, view.id, "cancel-request").json()["code"] == "countdown_running"
    scene.forward(3)
    refused = act(cast.ada, view.id, "cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "countdown_over")
    assert "cancel-request" in refused.json()["detail"]

    asked = act(cast.ada, view.id, "cancel-request")
    assert asked.status_code == 200
    assert asked.json()["cancel_requested_at"] is not None
    assert asked.json()["state"] == "active"
    assert scene.lane()[-1] == "emergency.alert.cancel_requested"
    assert act(cast.ada, view.id, "cancel-request").content == asked.content


def test_a_request_does_not_stop_the_ladder(cast, scene):
    view = scene.press()
    act(cast.ada, view.id, "cancel-request")
    scene.forward(61)
    assert "Musa" in scene.texts(view.id)


def test_nobody_cancels_anothers_alert(cast, scene):
    view = scene.press()
    for action in ("cancel", "cancel-request"):
        assert act(cast.gate, view.id, action).json()["code"] == "not_your_alert"
        assert act(cast.bola, view.id, action).json()["code"] == "alert_not_found"
    running = scene.press(cast.bola, countdown_s=5)
    assert act(cast.musa, running.id, "cancel").json()["code"] == "alert_not_found"


def test_a_countdown_needs_no_sweeper_that_was_alive_all_the_time(cast, scene):
    view = scene.press(countdown_s=5)
    scene.forward(60, sweeping=False)
    scene.forward(0.5)
    assert scene.alert(view.id).state == "active"

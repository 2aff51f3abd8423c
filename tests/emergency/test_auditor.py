from datetime import timedelta

from core.clock import now
from emergency.auditor import audit_alerts, status
from emergency.models import AlertStep, AuditorRun, Responder, TimelineEntry


def kinds():
    return sorted(violation.kind for violation in audit_alerts())


def test_it_says_when_it_looked(cast, scene):
    assert status().last_run_at is None
    scene.press()
    assert kinds() == []
    assert (status().last_run_at, status().violations, status().oldest_overdue_s) == (now(), 0, 0.0)
    assert AuditorRun.objects.count() == 1


def test_a_healthy_ladder_is_not_reported(cast, scene):
    scene.press()
    scene.press(cast.bola, countdown_s=5)
    taken = scene.press(cast.kid)
    scene.acknowledge(cast.gate, taken.id)
    for _ in range(20):
        scene.forward(5)
        assert kinds() == []


def test_an_alert_that_waits_for_nothing_gets_its_ladder_back(cast, scene):
    view = scene.press()
    scene.forward(61)
    AlertStep.objects.across_estates().filter(state="pending").delete()
    before = len(scene.texts(view.id))

    assert kinds() == ["no_next_step"]
    assert status().violations == 1
    scene.forward(0.5)
    assert len(scene.texts(view.id)) > before
    assert kinds() == []
    assert TimelineEntry.objects.of(cast.estate).filter(kind="repaired").count() == 1


def test_a_ladder_that_was_never_begun_begins(cast, scene):
    view = scene.press()
    AlertStep.objects.across_estates().all().delete()

    assert kinds() == ["no_next_step"]
    scene.forward(61)
    assert "Musa" in scene.texts(view.id)
    assert kinds() == []


def test_a_lost_step_is_made_up_for_once_the_rest_is_lost_too(cast, scene):
    view = scene.press()
    scene.forward(6)
    AlertStep.objects.across_estates().filter(state="pending").delete()
    kinds()
    scene.forward(0.5)
    assert {"Chief", "Musa"} <= set(scene.texts(view.id))


def test_a_countdown_without_an_end_ends(cast, scene):
    view = scene.press(countdown_s=10)
    AlertStep.objects.across_estates().all().delete()

    assert kinds() == ["no_next_step"]
    assert scene.alert(view.id).state == "countdown"
    scene.forward(10)
    assert scene.alert(view.id).state == "active"
    assert kinds() == []


def test_a_sweeper_that_sleeps_is_found_and_stood_in_for(cast, scene):
    scene.online(cast.gate)
    view = scene.press()
    scene.clock.shift(timedelta(seconds=5 + 6))

    assert kinds() == ["overdue"]
    assert status().oldest_overdue_s == 6
    assert scene.texts(view.id, "1.0") == ["Gate", "Sule"]
    scene.clock.shift(timedelta(seconds=3))
    assert kinds() == []


def test_an_acknowledgement_without_a_responder_is_mended(cast, scene):
    view = scene.press()
    scene.acknowledge(cast.gate, view.id)
    Responder.objects.across_estates().all().delete()

    assert kinds() == ["no_responder"]
    assert [row.member_id for row in Responder.objects.of(cast.estate)] == [cast.gate.id]
    assert kinds() == []


def test_what_cannot_be_mended_is_still_reported(cast, scene, monkeypatch):
    scene.press()
    AlertStep.objects.across_estates().all().delete()

    def broken(*args):
        raise ValueError("no")

    with monkeypatch.context() as fault:
        fault.setattr("emergency.auditor.restore_ladder", broken)
        assert kinds() == ["no_next_step"]
        assert kinds() == ["no_next_step"]
    assert status().violations == 1

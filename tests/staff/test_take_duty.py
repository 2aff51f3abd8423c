from core.models import AuditEntry
from estates.selectors import guards_on_duty
from realtime.models import Event


def test_a_guard_goes_on_duty_and_off_again(cast):
    on = cast.gate.api.post(cast.gate.url("duty/"), {"on": True}, format="json")

    assert on.status_code == 200
    assert on.json()["me"]["member_id"] == str(cast.gate.id)
    assert [row.name for row in guards_on_duty(cast.estate)] == [cast.gate.name]
    off = cast.gate.api.post(cast.gate.url("duty/"), {"on": False}, format="json")
    assert off.json() == {"on_duty": [], "me": None}
    assert [event.type for event in Event.objects.order_by("pk")] == [
        "staff.duty.started",
        "staff.duty.ended",
    ]
    assert AuditEntry.objects.filter(action__startswith="staff.duty").count() == 2


def test_a_second_start_changes_nothing(cast):
    first = cast.gate.api.post(cast.gate.url("duty/"), {"on": True}, format="json").json()
    second = cast.gate.api.post(cast.gate.url("duty/"), {"on": True}, format="json").json()

    assert first == second
    assert Event.objects.count() == 1


def test_a_resident_neither_takes_duty_nor_sees_who_has_it(cast):
    for answer in (
        cast.ada.api.post(cast.ada.url("duty/"), {"on": True}, format="json"),
        cast.ada.api.get(cast.ada.url("duty/")),
    ):
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_missing"


def test_a_manager_sees_it_and_does_not_take_it(cast):
    assert cast.musa.api.get(cast.musa.url("duty/")).status_code == 200
    assert cast.musa.api.post(cast.musa.url("duty/"), {"on": True}, format="json").status_code == 403


def test_what_is_not_a_yes_or_no_is_refused(cast):
    answer = cast.gate.api.post(cast.gate.url("duty/"), {"on": "perhaps"}, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "on"

from uuid import uuid4

from core.models import AuditEntry
from emergency.models import Alert, TimelineEntry
from realtime.topics import emergency_lane, inbox
from tests.emergency.conftest import NOON

BODY = {"category": "intrusion"}


def test_an_sos_is_answered_with_its_snapshot(cast, scene):
    alert_id = str(uuid4())
    position = {"lat": 6.44, "lon": 3.47, "accuracy_m": 12.5}
    answer = cast.ada.api.post(
        cast.ada.url("alerts/"),
        {"id": alert_id, "category": "fire", "note": "kitchen", "position": position},
        format="json",
    )

    assert answer.status_code == 201
    view = answer.json()
    assert view["id"] == alert_id
    assert (view["number"], view["version"], view["state"]) == (1, 1, "active")
    assert (view["category"], view["categories"]) == ("fire", ["fire"])
    assert view["unit"]["name"] == "B-14"
    assert view["unit"]["block"] == "B"
    assert view["raised_by"] == {"member_id": str(cast.ada.id), "name": "Ada Obi", "phone": cast.ada.phone}
    assert view["on_behalf_of"] is None
    assert view["note"] == "kitchen"
    assert view["position"] == position | {"at": view["raised_at"]}
    assert view["raised_at"] == NOON.isoformat().replace("+00:00", "Z")
    assert view["responders"] == []
    assert view["proof"]["tablets_intended"] == 2
    assert view["next_step"]["channel"] == "sms"
    assert cast.ada.api.get(cast.ada.url(f"alerts/{alert_id}/")).json() == view


def test_everybody_may_raise(cast, scene):
    for person in (*cast.people[:-1],):
        answer = person.api.post(person.url("alerts/"), {"category": "other"}, format="json")
        assert answer.status_code == 201, person.name


def test_numbers_count_in_each_estate(cast, scene):
    assert [scene.press(person).number for person in (cast.ada, cast.bola, cast.stranger)] == [1, 2, 1]


def test_responders_hear_it_on_the_lane_and_the_raiser_in_the_inbox(cast, scene):
    view = scene.press()

    (on_lane,) = scene.events(emergency_lane(cast.estate.pk).name)
    (in_inbox,) = scene.events(inbox(cast.ada.id, cast.estate.pk).name)
    assert on_lane.type == in_inbox.type == "emergency.alert.raised"
    assert on_lane.event_id == in_inbox.event_id
    assert on_lane.data["alert"]["id"] == str(view.id)
    assert on_lane.actor["id"] == str(cast.ada.id)


def test_it_stands_in_the_audit_log_and_the_timeline(cast, scene):
    view = scene.press()

    assert AuditEntry.objects.get(action="emergency.alert.raised").target_id == str(view.id)
    kinds = TimelineEntry.objects.of(cast.estate).values_list("kind", flat=True)
    assert list(kinds)[:2] == ["raised", "step"]


def test_nothing_but_membership_stands_in_the_way(cast, scene, monkeypatch):
    """The broker, the layer, presence, texts and the ladder are all broken at once."""

    def broken(*args, **kwargs):
        raise ConnectionError("down")

    with monkeypatch.context() as fault:
        fault.setattr("realtime.broker.Broker._layer", broken)
        fault.setattr("emergency.services.audiences.live_leases", broken)
        fault.setattr("emergency.services.addressing.intend", broken)
        view = scene.press()
    assert scene.alert(view.id).state == "active"
    assert scene.lane() == ["emergency.alert.raised"]

    scene.forward(0.5)
    assert scene.texts(view.id, "1.0") == ["Gate", "Sule"]


def test_a_guard_raises_for_somebody_else(cast, scene):
    answer = cast.gate.api.post(
        cast.gate.url("alerts/"), {**BODY, "on_behalf_of": str(cast.bola.id)}, format="json"
    )

    view = answer.json()
    assert answer.status_code == 201
    assert view["raised_by"] == {"member_id": str(cast.gate.id), "name": "Gate Musa", "phone": None}
    assert view["on_behalf_of"]["phone"] == cast.bola.phone
    assert view["unit"]["name"] == "B-15"
    assert scene.inbox(cast.bola) == ["emergency.alert.raised"]
    assert cast.bola.api.get(cast.bola.url(f"alerts/{view['id']}/")).status_code == 200


def test_a_resident_raises_for_nobody_else(cast, scene):
    answer = cast.ada.api.post(
        cast.ada.url("alerts/"), {**BODY, "on_behalf_of": str(cast.bola.id)}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")


def test_nobody_is_in_need_in_another_estate(cast, scene):
    answer = cast.gate.api.post(
        cast.gate.url("alerts/"), {**BODY, "on_behalf_of": str(cast.stranger.id)}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found")


BAD = [
    ({}, "category"),
    ({"category": "zombies"}, "category"),
    ({"category": 7}, "category"),
    ({**BODY, "id": "seven"}, "id"),
    ({**BODY, "id": 7}, "id"),
    ({**BODY, "note": "x" * 501}, "note"),
    ({**BODY, "note": ["help"]}, "note"),
    ({**BODY, "position": "here"}, "position"),
    ({**BODY, "position": {"lat": 6.4}}, "position.lon"),
    ({**BODY, "position": {"lat": 90.1, "lon": 3}}, "position.lat"),
    ({**BODY, "position": {"lat": -90.1, "lon": 3}}, "position.lat"),
    ({**BODY, "position": {"lat": 6, "lon": 180.1}}, "position.lon"),
    ({**BODY, "position": {"lat": 6, "lon": -180.1}}, "position.lon"),
    ({**BODY, "position": {"lat": 6, "lon": 3, "accuracy_m": -1}}, "position.accuracy_m"),
    ({**BODY, "position": {"lat": "6", "lon": 3}}, "position.lat"),
    ({**BODY, "silent": "yes"}, "silent"),
    ({**BODY, "drill": 1}, "drill"),
    ({**BODY, "countdown_s": -1}, "countdown_s"),
    ({**BODY, "countdown_s": 11}, "countdown_s"),
    ({**BODY, "countdown_s": 2.5}, "countdown_s"),
    ({**BODY, "on_behalf_of": "mother"}, "on_behalf_of"),
]


def test_bad_input_names_its_field(cast):
    for bad, field in BAD:
        answer = cast.ada.api.post(cast.ada.url("alerts/"), bad, format="json")

        assert answer.status_code == 400, bad
        assert answer["Content-Type"] == "application/problem+json"
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Alert.objects.across_estates().exists()


def test_what_is_no_sos_is_refused(cast):
    for body in (b"[]", b"7", b'"help"', b"null", b"{", b"\xff", b'{"category": NaN}', b"[" * 100_000):
        answer = cast.ada.api.post(cast.ada.url("alerts/"), body, content_type="application/json")
        assert answer.status_code == 400, body[:20]


def test_a_body_of_a_megabyte_is_refused(cast):
    body = b'{"category": "fire", "note": "' + b"x" * 1_000_000 + b'"}'
    answer = cast.ada.api.post(cast.ada.url("alerts/"), body, content_type="application/json")
    assert answer.status_code == 413


def test_what_a_newer_app_adds_does_not_cost_the_sos(cast, scene):
    body = {**BODY, "battery": 3, "unit_id": str(cast.unit.pk)}
    assert cast.bola.api.post(cast.bola.url("alerts/"), body, format="json").json()["unit"]["name"] == "B-15"


def test_characters_that_no_database_takes_are_taken_out(cast, scene):
    for person, note in zip(cast.people, ("\x00help\x00", "help\ud800", "  help\x07 "), strict=False):
        kept = scene.press(person, note=note).note
        assert kept.startswith("help")
        assert kept.isprintable()


def test_who_lives_nowhere_has_no_unit(cast, scene):
    assert scene.press(cast.worker).unit is None

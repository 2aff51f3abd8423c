from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from core.models import AppendOnly
from emergency.models import TimelineEntry
from estates.permissions import RoleKey
from tests.emergency.test_answer import REPORT, act


def ids(person, query=""):
    answer = person.api.get(person.url(f"alerts/{query}"))
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_responders_see_the_estates_alerts_and_residents_their_own(cast, scene):
    ada = str(scene.press(cast.ada).id)
    scene.clock.shift(timedelta(seconds=1))
    bola = str(scene.press(cast.bola).id)

    for person in (cast.gate, cast.chief, cast.musa):
        assert ids(person) == [bola, ada]
    assert ids(cast.ada) == [ada]
    assert ids(cast.bola) == [bola]
    assert ids(cast.worker) == ids(cast.accountant) == ids(cast.stranger) == []


@pytest.mark.parametrize("path", ["", "timeline/", "deliveries/"])
def test_a_neighbour_sees_nothing_of_it(cast, scene, path):
    view = scene.press(cast.ada)
    answer = cast.bola.api.get(cast.bola.url(f"alerts/{view.id}/{path}"))
    assert answer.json()["code"] in ("alert_not_found", "permission_missing")
    assert answer.status_code == (403 if path == "deliveries/" else 404)


def test_filters(cast, scene):
    fire = str(scene.press(cast.ada, category="fire").id)
    scene.clock.shift(timedelta(seconds=1))
    drill = str(scene.press(cast.bola, drill=True).id)
    done = str(scene.press(cast.kid, category="accident").id)
    act(cast.gate, done, "resolve", REPORT)

    assert ids(cast.gate, "?state=open") == [drill, fire]
    assert ids(cast.gate, "?state=closed") == ids(cast.gate, "?state=resolved") == [done]
    assert ids(cast.gate, "?state=active&category=fire") == [fire]
    assert ids(cast.gate, "?is_drill=true") == [drill]
    assert ids(cast.gate, "?is_drill=false&state=open") == [fire]


@pytest.mark.parametrize("query", ["state=ajar", "category=zombies", "is_drill=1"])
def test_a_filter_that_does_not_exist_is_named(cast, query):
    answer = cast.gate.api.get(cast.gate.url(f"alerts/?{query}"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_pages_follow_one_another(cast, scene):
    wanted: list[str] = []
    for person in cast.people[:-1]:
        wanted.insert(0, str(scene.press(person).id))
        scene.clock.shift(timedelta(seconds=1))
    seen, address = [], cast.musa.url("alerts/?page_size=4")
    while address:
        page = cast.musa.api.get(address).json()
        seen += [one["id"] for one in page["results"]]
        address = page["next"]
    assert seen == wanted


def test_the_raiser_reads_the_timeline_and_not_the_numbers(cast, scene):
    view = scene.press()
    scene.forward(61)
    act(cast.gate, view.id, "resolve", REPORT)
    answer = cast.ada.api.get(cast.ada.url(f"alerts/{view.id}/timeline/"))

    assert answer.status_code == 200
    kinds = [entry["kind"] for entry in answer.json()["results"]]
    assert kinds[0] == "raised"
    assert kinds[-2:] == ["acknowledged", "resolved"]
    everything = (
        answer.content.decode() + cast.ada.api.get(cast.ada.url(f"alerts/{view.id}/")).content.decode()
    )
    for person in cast.people:
        assert (person.phone in everything) == (person is cast.ada)


def test_responders_read_every_delivery(cast, scene):
    view = scene.press()
    scene.forward(10)
    answer = cast.gate.api.get(cast.gate.url(f"alerts/{view.id}/deliveries/")).json()

    rows = [(one["step"], one["channel"], one["recipient_name"]) for one in answer["results"]]
    assert ("0.0", "websocket", "Gate Musa") in rows
    assert ("2.0", "sms", "Chief Eze") in rows
    texted = next(one for one in answer["results"] if one["channel"] == "sms")
    assert texted["address"].startswith("+")
    assert texted["sent_at"] is not None
    assert "body" not in texted
    assert cast.ada.api.get(cast.ada.url(f"alerts/{view.id}/deliveries/")).status_code == 403


def test_the_policies_are_for_responders(cast, scene):
    answer = cast.gate.api.get(cast.gate.url("policies/")).json()
    assert answer["results"][0]["category"] is None
    assert answer["results"][0]["is_default"] is True
    assert [step["after_s"] for step in answer["results"][0]["steps"]] == [0, 5, 10, 30, 30, 60]
    assert cast.ada.api.get(cast.ada.url("policies/")).status_code == 403


def test_a_timeline_is_only_added_to(cast, scene):
    scene.press()
    entry = TimelineEntry.objects.of(cast.estate).get(kind="raised")
    entry.text = "It was nothing."
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        TimelineEntry.objects.of(cast.estate).update(text="It was nothing.")


def test_an_alert_that_is_not_there(cast):
    for path in ("", "timeline/", "deliveries/"):
        answer = cast.gate.api.get(cast.gate.url(f"alerts/01a20088-46b4-7ea3-a9d3-d07a70d760c3/{path}"))
        assert (answer.status_code, answer.json()["code"]) == (404, "alert_not_found")


def test_the_list_costs_the_same_however_long(cast, scene, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for person in (cast.ada, cast.bola):
        scene.press(person)
        with CaptureQueriesContext(connection) as queries:
            ids(cast.musa)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert RoleKey.MANAGER in cast.musa.member.role_keys

"""What is said on an alert: by whom, to whom, once, and who has read it."""

from typing import Any
from uuid import uuid4

import pytest

from core.clock import now
from emergency.models import AlertMessage, MessageRead, TimelineEntry
from emergency.services.messages import mark_read
from emergency.typing import typing_on_an_alert
from realtime.receipts import Receipt, keep_receipts
from realtime.topics import emergency_lane, inbox
from tests.emergency.conftest import in_threads
from tests.emergency.test_answer import REPORT, act


def say(person, alert_id, text="We see the van.", **data):
    return person.api.post(person.url(f"alerts/{alert_id}/messages/"), {"text": text, **data}, format="json")


def said(person, alert_id):
    return person.api.get(person.url(f"alerts/{alert_id}/messages/")).json()["results"]


def look(scene, person, *, lane=True):
    """The person's device has shown everything to him."""
    topic = emergency_lane(person.estate.pk).name if lane else inbox(person.id, person.estate.pk).name
    receipt = Receipt(
        estate_id=person.estate.pk,
        member_id=person.id,
        device="d",
        topic=topic,
        kind="seen",
        offset=len(scene.events(topic)),
        at=now(),
    )
    keep_receipts([receipt])
    return receipt


# --- saying it --------------------------------------------------------------------------------------------------------


def test_who_sees_the_alert_says_something_and_the_others_hear_it(cast, scene):
    alert = scene.press(countdown_s=0)
    answer = say(cast.gate, alert.id)
    assert answer.status_code == 201, answer.content
    message = answer.json()
    assert (message["author"], message["text"], message["read_by"]) == (
        {"member_id": str(cast.gate.id), "name": cast.gate.name},
        "We see the van.",
        [],
    )
    assert say(cast.ada, alert.id, "I am in the bathroom").status_code == 201
    for person in (cast.gate, cast.ada, cast.musa):
        assert [one["text"] for one in said(person, alert.id)] == ["We see the van.", "I am in the bathroom"]
    assert scene.lane()[-2:] == ["emergency.message.posted"] * 2
    assert scene.inbox(cast.ada)[-2:] == ["emergency.message.posted"] * 2
    assert scene.events(emergency_lane(cast.estate.pk).name)[-2].data == {"message": message}


def test_it_is_part_of_the_record(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.gate, alert.id)
    entry = TimelineEntry.objects.across_estates().filter(alert_id=alert.id, kind="message").get()
    assert (entry.text, entry.actor_name) == (f"{cast.gate.name}: We see the van.", cast.gate.name)


def test_said_again_it_is_the_same_message(cast, scene):
    alert = scene.press(countdown_s=0)
    message_id = str(uuid4())
    answers = [say(cast.gate, alert.id, message_id=message_id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert scene.lane().count("emergency.message.posted") == 1


@pytest.mark.django_db(transaction=True)
def test_said_twenty_times_at_once_it_is_one_message(cast, scene):
    alert = scene.press(countdown_s=0)
    message_id = str(uuid4())
    answers = in_threads(20, lambda _: say(cast.gate, alert.id, message_id=message_id))
    assert {answer.status_code for answer in answers} == {201}
    assert AlertMessage.objects.across_estates().count() == 1


def test_an_id_that_is_taken_is_refused_and_nothing_is_told_about_whose_it_is(cast, scene):
    alert, elsewhere = scene.press(countdown_s=0), scene.press(cast.stranger, countdown_s=0)
    message_id = str(uuid4())
    assert say(cast.stranger, elsewhere.id, "a secret", message_id=message_id).status_code == 201
    for text in ("a secret", "something else"):
        answer = say(cast.gate, alert.id, text, message_id=message_id)
        assert (answer.status_code, answer.json()["code"]) == (409, "message_id_taken")
        assert "secret" not in answer.content.decode()
    own = str(uuid4())
    say(cast.gate, alert.id, "one", message_id=own)
    assert say(cast.gate, alert.id, "another", message_id=own).status_code == 409
    assert say(cast.sule, alert.id, "one", message_id=own).status_code == 409


@pytest.mark.parametrize(
    ("data", "status", "code", "field"),
    [
        ({}, 400, "malformed", "text"),
        ({"text": 5}, 400, "malformed", "text"),
        ({"text": ""}, 400, "malformed", "text"),
        ({"text": " \x00\n "}, 400, "message_empty", "text"),
        ({"text": "x" * 1001}, 400, "malformed", "text"),
        ({"text": "x", "message_id": "no"}, 400, "malformed", "message_id"),
        ({"text": "x", "colour": "red"}, 400, "malformed", "colour"),
    ],
)
def test_nonsense_is_refused_by_name(cast, scene, data, status, code, field):
    alert = scene.press(countdown_s=0)
    answer = cast.gate.api.post(cast.gate.url(f"alerts/{alert.id}/messages/"), data, format="json")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["errors"][0]["field"]) == (status, code, field)
    assert said(cast.gate, alert.id) == []


def test_any_script_and_markup_come_back_as_they_were_written(cast, scene):
    alert = scene.press(countdown_s=0)
    words = "<b>هناك رجل</b> 🚨 x" + "́" * 5
    say(cast.gate, alert.id, words)
    assert said(cast.ada, alert.id)[0]["text"] == words


def test_nobody_is_spoken_to_before_the_countdown_ends_and_after_the_alert_is_closed(cast, scene):
    alert = scene.press(countdown_s=5)
    answer = say(cast.ada, alert.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "countdown_running")
    assert say(cast.gate, alert.id).status_code == 404
    scene.forward(5.5)
    act(cast.gate, alert.id, "acknowledge")
    act(cast.gate, alert.id, "resolve", REPORT)
    assert say(cast.ada, alert.id, "No! He is still here").status_code == 201
    act(cast.ada, alert.id, "close")
    answer = say(cast.ada, alert.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "alert_over")


def test_strangers_and_neighbours_neither_read_nor_write(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.gate, alert.id)
    for person in (cast.bola, cast.stranger):
        path = f"alerts/{alert.id}/messages/"
        assert person.api.get(person.url(path)).status_code == 404
        assert say(person, alert.id).status_code == 404
    assert not [event for event in scene.inbox(cast.bola) if "message" in event]


# --- reading it -------------------------------------------------------------------------------------------------------


def test_what_a_device_has_shown_is_read_and_its_author_sees_by_whom(cast, scene):
    alert = scene.press(countdown_s=0)
    first = say(cast.ada, alert.id, "Come to the back").json()
    look(scene, cast.gate)
    second = say(cast.ada, alert.id, "Hurry").json()

    by_id = {one["id"]: one for one in said(cast.ada, alert.id)}
    assert [reader["name"] for reader in by_id[first["id"]]["read_by"]] == [cast.gate.name]
    assert by_id[second["id"]]["read_by"] == []
    told = [event.data for event in scene.events(inbox(cast.ada.id, cast.estate.pk).name)][-2]
    assert told["reads"] == [
        {
            "message_id": first["id"],
            "by": {"member_id": str(cast.gate.id), "name": cast.gate.name},
            "at": by_id[first["id"]]["read_by"][0]["at"],
        }
    ]


def test_the_person_in_need_reads_in_his_own_inbox(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.gate, alert.id)
    look(scene, cast.ada, lane=False)
    assert [reader["name"] for reader in said(cast.gate, alert.id)[0]["read_by"]] == [cast.ada.name]


def test_nobody_reads_his_own_and_received_is_not_read(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.gate, alert.id)
    look(scene, cast.gate)
    scene.receive(cast.sule)
    assert said(cast.gate, alert.id)[0]["read_by"] == []
    assert "emergency.message.read" not in scene.lane()


def test_told_twice_it_is_one_mark_and_one_event(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.ada, alert.id)
    receipt = look(scene, cast.gate)
    mark_read([receipt, receipt])
    look(scene, cast.gate)
    assert MessageRead.objects.across_estates().count() == 1
    assert scene.lane().count("emergency.message.read") == 1


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_are_one_mark(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.ada, alert.id)
    lane = emergency_lane(cast.estate.pk).name
    receipt = Receipt(
        estate_id=cast.estate.pk,
        member_id=cast.gate.id,
        device="d",
        topic=lane,
        kind="seen",
        offset=len(scene.events(lane)),
        at=now(),
    )
    assert in_threads(8, lambda _: mark_read([receipt])) == [None] * 8
    assert MessageRead.objects.across_estates().count() == 1
    assert scene.lane().count("emergency.message.read") == 1


def test_a_thousand_guards_that_read_at_once_are_one_event_and_a_handful_of_queries(
    cast, scene, django_assert_max_num_queries
):
    alert = scene.press(countdown_s=0)
    say(cast.ada, alert.id)
    lane = emergency_lane(cast.estate.pk).name
    offset = len(scene.events(lane))
    readers = [cast.gate, cast.sule, cast.chief, cast.musa]
    receipts = [
        Receipt(
            estate_id=cast.estate.pk,
            member_id=one.id,
            device="d",
            topic=lane,
            kind="seen",
            offset=offset,
            at=now(),
        )
        for one in readers
    ]
    with django_assert_max_num_queries(16):
        mark_read(receipts)
    assert scene.lane().count("emergency.message.read") == 1
    assert len(said(cast.ada, alert.id)[0]["read_by"]) == len(readers)


def test_a_stranger_cannot_read_into_another_estate(cast, scene):
    alert = scene.press(countdown_s=0)
    say(cast.ada, alert.id)
    mark_read(
        [
            Receipt(
                estate_id=cast.other_estate.pk,
                member_id=cast.stranger.id,
                device="d",
                topic=emergency_lane(cast.estate.pk).name,
                kind="seen",
                offset=99,
                at=now(),
            )
        ]
    )
    assert said(cast.ada, alert.id)[0]["read_by"] == []


# --- early and late know the same ------------------------------------------------------------------------------------


def test_an_early_snapshot_and_the_events_make_the_late_one(cast, scene):
    alert = scene.press(countdown_s=0)
    lane = emergency_lane(cast.estate.pk).name
    known: dict[str, Any] = {}
    begun = len(scene.events(lane))
    for one_act in (
        lambda: say(cast.ada, alert.id, "1"),
        lambda: look(scene, cast.gate),
        lambda: say(cast.gate, alert.id, "2"),
        lambda: look(scene, cast.ada, lane=False),
        lambda: say(cast.sule, alert.id, "3"),
        lambda: look(scene, cast.chief),
    ):
        one_act()
        for event in scene.events(lane)[begun:]:
            if event.type == "emergency.message.posted":
                message = event.data["message"]
                known.setdefault(message["id"], message | {"read_by": list(message["read_by"])})
            elif event.type == "emergency.message.read":
                for read in event.data["reads"]:
                    mark = read["by"] | {"at": read["at"]}
                    if mark not in known[read["message_id"]]["read_by"]:
                        known[read["message_id"]]["read_by"].append(mark)
        assert list(known.values()) == said(cast.gate, alert.id)


# --- writing it -------------------------------------------------------------------------------------------------------


def test_typing_is_seen_where_the_words_will_be(cast, scene):
    alert = scene.press(countdown_s=0)
    audience = {emergency_lane(cast.estate.pk), inbox(cast.ada.id, cast.estate.pk)}
    for person in (cast.ada, cast.gate):
        assert set(typing_on_an_alert(person.member, alert.id)) == audience
    for person in (cast.bola, cast.stranger):
        assert typing_on_an_alert(person.member, alert.id) == []
    assert typing_on_an_alert(cast.gate.member, uuid4()) == []


def test_typing_before_the_countdown_ends_is_seen_by_nobody(cast, scene):
    alert = scene.press(countdown_s=5)
    assert typing_on_an_alert(cast.ada.member, alert.id) == []

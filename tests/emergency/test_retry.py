from datetime import timedelta
from uuid import uuid4

import pytest

from emergency.events import Outcome
from emergency.models import Alert, Raise
from emergency.services import resolve_alert
from emergency.services.raising import KEY_HONOURED_FOR
from tests.emergency.conftest import in_threads


def post(person, body, **headers):
    return person.api.post(
        person.url("alerts/"), {"category": "medical", **body}, format="json", headers=headers
    )


def test_the_same_id_again_gets_the_first_answer(cast, scene):
    body = {"id": str(uuid4())}
    first = post(cast.ada, body)
    scene.forward(3)
    scene.acknowledge(cast.gate, first.json()["id"])
    again = post(cast.ada, body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert Alert.objects.across_estates().count() == Raise.objects.across_estates().count() == 1


def test_the_same_key_again_gets_the_first_answer_whatever_the_id(cast, scene):
    first = post(cast.ada, {"id": str(uuid4())}, **{"Idempotency-Key": "k-1"})
    again = post(cast.ada, {"id": str(uuid4())}, **{"Idempotency-Key": "k-1"})
    without = post(cast.ada, {}, **{"Idempotency-Key": "k-1"})

    assert first.content == again.content == without.content
    assert Raise.objects.across_estates().count() == 1


def test_a_retry_after_the_cancellation_does_not_raise_it_again(cast, scene):
    body = {"id": str(uuid4()), "countdown_s": 5}
    first = post(cast.ada, body)
    cast.ada.api.post(cast.ada.url(f"alerts/{body['id']}/cancel/"))

    assert post(cast.ada, body).content == first.content
    assert not Alert.objects.across_estates().filter(state="active").exists()


def test_a_key_is_its_owners_alone(cast, scene):
    ada = post(cast.ada, {}, **{"Idempotency-Key": "k-1"}).json()
    bola = post(cast.bola, {}, **{"Idempotency-Key": "k-1"}).json()
    stranger = post(cast.stranger, {}, **{"Idempotency-Key": "k-1"}).json()

    assert len({ada["id"], bola["id"], stranger["id"]}) == 3


def test_a_button_with_one_key_for_ever_is_not_deaf_for_ever(cast, scene):
    first = scene.press(key="button", id=None)
    finish(scene, first.id)

    assert scene.press(key="button", id=None).id == first.id
    scene.clock.shift(KEY_HONOURED_FOR + timedelta(seconds=1))
    second = scene.press(key="button", id=None)
    assert second.id != first.id
    assert second.state == "active"


def finish(scene, alert_id):
    resolve_alert(
        actor=scene.cast.gate.member,
        estate=scene.cast.estate,
        alert_id=alert_id,
        outcome=Outcome.REAL,
        report="Helped.",
    )


@pytest.mark.parametrize("key", ["k" * 500, "schlüssel", "a\tb", "\x00"])
def test_an_odd_key_is_as_good_as_any(cast, scene, key):
    first = scene.press(key=key)
    assert scene.press(key=key) == first


def test_somebody_elses_id_says_nothing_about_him(cast, scene):
    taken = str(uuid4())
    post(cast.ada, {"id": taken})
    neighbour = post(cast.bola, {"id": taken})
    stranger = post(cast.stranger, {"id": taken})

    assert neighbour.status_code == stranger.status_code == 409
    assert neighbour.content == stranger.content
    assert neighbour.json()["code"] == "alert_id_taken"
    assert "Ada" not in neighbour.content.decode()


def test_two_people_with_one_id_at_once_make_one_alert(cast):
    taken = uuid4()

    def press(index):
        person = (cast.ada, cast.bola, cast.stranger)[index % 3]
        return post(person, {"id": str(taken)}).status_code

    assert sorted(in_threads(6, press)) == [201, 201, 409, 409, 409, 409]
    assert Alert.objects.across_estates().count() == 1


@pytest.mark.parametrize("same", ["id", "key", "neither"])
def test_twenty_at_once_are_one_alert(cast, same):
    one_id = str(uuid4())

    def press(index):
        body = {"id": one_id if same == "id" else str(uuid4())}
        headers = {"Idempotency-Key": "k-1"} if same == "key" else {}
        return post(cast.ada, body, **headers)

    answers = in_threads(20, press)

    assert {answer.status_code for answer in answers} == {201}
    if same != "neither":
        assert len({answer.content for answer in answers}) == 1
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Alert.objects.across_estates().count() == 1


def test_twenty_neighbours_at_once_get_twenty_numbers(cast):
    people = cast.people[:-1]

    def press(index):
        person = people[index % len(people)]
        return post(person, {"category": "fire"}).json()["number"]

    answers = in_threads(18, press)
    assert sorted(set(answers)) == list(range(1, len(people) + 1))

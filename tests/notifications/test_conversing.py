"""What is said in a call, key by key, through the doors at which Twilio asks."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from notifications import conversations
from notifications.conversations import Speech, speaks_about
from notifications.models import Delivery
from notifications.selectors import summary_of
from notifications.states import State
from tests.notifications.conftest import Post
from tests.support.twilio import Callback, FakeCall, FakeTwilio

SUBJECT = "test.doorbell"
Ask = Callable[..., Any]


@pytest.fixture
def pressed() -> Iterator[list[Delivery]]:
    """Every call in which key 1 was pressed."""
    ones: list[Delivery] = []

    @speaks_about(SUBJECT)
    class Doorbell:
        def opening(self, call: Delivery) -> Speech:
            return Speech(call.body, asks=True)

        def one_pressed(self, call: Delivery) -> Speech:
            ones.append(call)
            return Speech("Thank you.")

        def message(self, call: Delivery) -> Speech:
            return Speech("Call back.")

    yield ones
    del conversations._conversations[SUBJECT]


@pytest.fixture
def placed(post: Post, twilio: FakeTwilio, pressed: list[Delivery]) -> Delivery:
    return post.sweep(post.call(subject=SUBJECT, body="It rings <at> B & \x07C"))


@pytest.fixture
def ring(placed: Delivery, twilio: FakeTwilio) -> FakeCall:
    return twilio.rings[0]


@pytest.fixture
def ask(client: Any) -> Ask:
    """Post to our door as Twilio does; answers the TwiML, or the HTTP status where there is none."""

    def post(callback: Callback, **headers: str) -> Any:
        answer = client.post(
            callback.path,
            data=callback.body,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": callback.signature, **headers},
        )
        if answer.status_code != 200:
            return answer.status_code
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        return ElementTree.fromstring(answer.content)

    return post


def said(twiml: Any) -> list[str]:
    return [say.text for say in twiml.iter("Say")]


def action(twiml: Any) -> str:
    """Where the key is posted to."""
    return str(twiml.find("Gather").get("action"))


def is_the_end(twiml: Any) -> bool:
    return twiml.find("Gather") is None and twiml[-1].tag == "Hangup"


def test_it_is_said_twice_and_one_key_is_waited_for(ring: FakeCall, twilio: FakeTwilio, ask: Ask) -> None:
    twiml = ask(twilio.pick_up(ring))
    gather = twiml.find("Gather")
    assert said(twiml) == ["It rings <at> B & C"] * 2 or said(twiml) == ["It rings <at> B &  C"] * 2
    assert (gather.get("numDigits"), gather.get("timeout"), gather.get("input")) == ("1", "8", "dtmf")
    assert gather.get("actionOnEmptyResult") == "true"
    assert urlsplit(action(twiml)).netloc == "estate.example"


def test_key_1_is_an_answer_and_proves_a_person(
    post: Post, placed: Delivery, ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    twiml = ask(twilio.press(ring, action(ask(twilio.pick_up(ring))), "1"))
    assert said(twiml) == ["Thank you."]
    assert is_the_end(twiml)
    assert [call.pk for call in pressed] == [placed.pk]
    assert post.again(placed).state == State.DELIVERED


@pytest.mark.parametrize("key", ["2", "0", "*", "#", ""])
def test_another_key_or_none_hears_it_once_more_and_then_goodbye(
    ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery], key: str
) -> None:
    again = ask(twilio.press(ring, action(ask(twilio.pick_up(ring))), key))
    assert len(said(again)) == 2
    last = ask(twilio.press(ring, action(again), key))
    assert said(last) == ["Goodbye."]
    assert is_the_end(last)
    assert pressed == []


def test_key_1_in_the_second_round_is_in_time(
    ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    again = ask(twilio.press(ring, action(ask(twilio.pick_up(ring)))))
    assert said(ask(twilio.press(ring, action(again), "1"))) == ["Thank you."]
    assert len(pressed) == 1


def test_a_machine_is_left_a_message_after_its_greeting(
    post: Post, placed: Delivery, ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    first = ask(twilio.pick_up(ring))
    assert ask(twilio.make_out(ring, "machine_start")) == 204
    twiml = ask(twilio.press(ring, action(first)))
    assert said(twiml) == ["Call back."]
    assert is_the_end(twiml)
    assert ask(twilio.move_call(ring, "completed")) == 204
    row = post.again(placed)
    assert (row.state, row.error, pressed) == (State.FAILED, "Answered by a machine", [])


def test_a_person_who_sounds_like_a_machine_is_believed_by_his_key(
    post: Post, placed: Delivery, ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    first = ask(twilio.pick_up(ring))
    ask(twilio.make_out(ring, "machine_start"))
    ask(twilio.press(ring, action(first), "1"))
    ask(twilio.move_call(ring, "completed"))
    row = post.again(placed)
    assert (row.state, row.error_code, len(pressed)) == (State.DELIVERED, "", 1)
    assert summary_of([post.subject_id])[post.subject_id].calls_answered == 1


def test_keys_of_a_call_of_long_ago_are_worth_nothing(
    post: Post, ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    kept = twilio.press(ring, action(ask(twilio.pick_up(ring))), "1")
    post.clock.shift(timedelta(minutes=31))
    twiml = ask(kept)
    assert "too old" in said(twiml)[0]
    assert is_the_end(twiml)
    assert pressed == []


def test_unsigned_keys_and_those_of_another_number_press_nothing(
    post: Post, placed: Delivery, ring: FakeCall, twilio: FakeTwilio, ask: Ask, pressed: list[Delivery]
) -> None:
    url = action(ask(twilio.pick_up(ring)))
    key = twilio.press(ring, url, "1")
    for signature in ("", twilio.sign(url, key.params, token="another's"), twilio.sign(url, {})):
        assert ask(key, **{"X-Twilio-Signature": signature}) == 403
    # A signature is over the whole address: the round cannot be changed, nor the call.
    assert ask(Callback(url.replace("round=1", "round=2"), key.params, key.signature)) == 403
    assert ask(twilio.about(ring, url, "in-progress", Digits="1", To="+447700900999")) == 404
    assert ask(twilio.about(ring, url, "in-progress", Digits="1", CallSid="nonsense")) == 400
    text = post.text(step="9.0")
    assert ask(twilio.press(ring, url.replace(str(placed.pk), str(text.pk)), "1")) == 404
    assert pressed == []


def test_a_call_about_what_nobody_speaks_about_ends_politely(
    post: Post, twilio: FakeTwilio, ask: Ask
) -> None:
    post.sweep(post.call(subject="test.unknown"))
    assert is_the_end(ask(twilio.pick_up(twilio.rings[0])))

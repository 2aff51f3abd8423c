"""Our fake, our requests and our signatures against what Twilio itself publishes."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator

from core.clock import now
from core.ids import new_id
from notifications import voice
from notifications.sms import get_provider
from notifications.sms import twilio as twilio_provider
from notifications.sms.base import Message
from notifications.sms.twilio_codes import PERMANENT, TEMPORARY
from notifications.voice import twilio as voice_provider
from notifications.voice import twilio_codes as voice_codes
from notifications.voice.base import Call
from tests.notifications.conftest import GATE, SPECS, Post
from tests.support.twilio import FakeTwilio

LIST = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ONE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
CALLS = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
ONE_CALL = "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """Twilio's OpenAPI description (github.com/twilio/twilio-oai); the vendor's, so it is not kept here."""
    found: dict[str, Any] = json.loads(SPECS.joinpath("twilio_api_v2010.json").read_text())
    return found


def check(content: Any, schema: dict[str, Any], description: dict[str, Any]) -> None:
    """Validate with OpenAPI 3.0's own `nullable`, by way of JSON schema."""
    resolved = _as_json_schema(schema)
    resolved["components"] = _as_json_schema(description["components"])
    Draft202012Validator(resolved).validate(content)


def _as_json_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_as_json_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _as_json_schema(part) for name, part in schema.items()}
    if found.pop("nullable", None) is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def answer_schema(description: dict[str, Any], path: str, method: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = description["paths"][path][method]["responses"][status]["content"]
    schema: dict[str, Any] = found["application/json"]["schema"]
    return schema


def test_the_fakes_messages_have_twilios_shape(
    twilio: FakeTwilio, description: dict[str, Any], clock: object
) -> None:
    provider = get_provider()
    for number in range(3):
        provider.send(Message(delivery_id=new_id(), to=GATE, body=f"SOS {number}"))
    twilio.progress(twilio.messages[0], "undelivered", 30003)
    account = f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}"
    api = httpx.Client(auth=(twilio.account_sid, twilio.auth_token))
    form = {"To": GATE, "Body": "SOS", "From": "+15005550006"}
    made = api.post(f"{account}/Messages.json", data=form)
    assert made.status_code == 201
    check(made.json(), answer_schema(description, LIST, "post", "201"), description)
    listed = api.get(f"{account}/Messages.json", params={"To": GATE, "PageSize": 2})
    check(listed.json(), answer_schema(description, LIST, "get", "200"), description)
    assert listed.json()["next_page_uri"]
    for message in twilio.messages:
        fetched = api.get(f"{account}/Messages/{message.sid}.json")
        check(fetched.json(), answer_schema(description, ONE, "get", "200"), description)
    api.close()


def test_our_requests_are_what_twilio_describes(
    twilio: FakeTwilio, description: dict[str, Any], post: Post
) -> None:
    delivery = post.sweep(post.text())
    provider = get_provider()
    provider.find(Message(delivery_id=delivery.pk, to=GATE, body="SOS"), since=now())
    provider.fetch(delivery.provider_id)
    create, listing, _ = twilio.calls
    content = description["paths"][LIST]["post"]["requestBody"]["content"]
    form = content["application/x-www-form-urlencoded"]["schema"]
    assert create.fields.keys() <= form["properties"].keys()
    assert set(form["required"]) <= create.fields.keys()
    described = {parameter["name"] for parameter in description["paths"][LIST]["get"]["parameters"]}
    assert listing.fields.keys() <= described


def test_the_fakes_calls_have_twilios_shape(
    twilio: FakeTwilio, description: dict[str, Any], clock: object
) -> None:
    account = f"{twilio.base_url}/2010-04-01/Accounts/{twilio.account_sid}"
    ours = "https://estate.example/"
    form = {"To": GATE, "From": "+15005550007", "Url": ours, "StatusCallback": ours}
    form["AsyncAmdStatusCallback"] = ours
    with httpx.Client(auth=(twilio.account_sid, twilio.auth_token)) as api:
        for _ in range(3):
            made = api.post(f"{account}/Calls.json", data=form)
            assert made.status_code == 201
            check(made.json(), answer_schema(description, CALLS, "post", "201"), description)
        twilio.make_out(twilio.rings[0], "human")
        twilio.move_call(twilio.rings[0], "completed")
        listed = api.get(f"{account}/Calls.json", params={"To": GATE, "PageSize": 2})
        check(listed.json(), answer_schema(description, CALLS, "get", "200"), description)
        assert listed.json()["next_page_uri"]
        for call in twilio.rings:
            fetched = api.get(f"{account}/Calls/{call.sid}.json")
            check(fetched.json(), answer_schema(description, ONE_CALL, "get", "200"), description)
        changed = api.post(f"{account}/Calls/{twilio.rings[1].sid}.json", data={"Status": "canceled"})
        check(changed.json(), answer_schema(description, ONE_CALL, "post", "200"), description)
        assert changed.json()["status"] == "canceled"


def test_our_calls_are_what_twilio_describes(
    twilio: FakeTwilio, description: dict[str, Any], post: Post
) -> None:
    delivery = post.sweep(post.call())
    provider = voice.get_provider()
    provider.find(Call(delivery_id=delivery.pk, to=GATE, words="SOS"), since=now())
    provider.fetch(delivery.provider_id)
    provider.hang_up(delivery.provider_id)
    create, listing, _, change = twilio.calls
    for sent, path in ((create, CALLS), (change, ONE_CALL)):
        content = description["paths"][path]["post"]["requestBody"]["content"]
        form = content["application/x-www-form-urlencoded"]["schema"]
        assert sent.fields.keys() <= form["properties"].keys()
        assert set(form.get("required", [])) <= sent.fields.keys()
        for name, value in sent.fields.items():
            kind = form["properties"][name]
            if "$ref" in kind:
                kind = description["components"]["schemas"][kind["$ref"].rpartition("/")[2]]
            assert value in kind.get("enum", [value])
    events = description["components"]["schemas"]["call_enum_event"]["enum"]
    assert set(voice_provider.EVENTS) == set(events)
    described = {parameter["name"] for parameter in description["paths"][CALLS]["get"]["parameters"]}
    assert listing.fields.keys() <= described


def test_every_status_of_a_call_means_something_to_us(description: dict[str, Any]) -> None:
    known = set(description["components"]["schemas"]["call_enum_status"]["enum"])
    # "initiated" comes in callbacks alone.
    assert known | {"initiated"} == set(voice_provider._STATES)


def test_every_status_that_twilio_knows_means_something_to_us(description: dict[str, Any]) -> None:
    known = set(description["components"]["schemas"]["message_enum_status"]["enum"])
    inbound_or_other = {"receiving", "received", "partially_delivered"}
    assert known - inbound_or_other == set(twilio_provider._STATES)


def test_the_fake_signs_as_twilios_own_validator_expects(twilio: FakeTwilio) -> None:
    url = "https://estate.example/webhooks/twilio/sms/1/?a=1"
    params = {"MessageStatus": "sent", "To": "+1 5", "Body": "Grüße & mehr", "Empty": ""}
    assert RequestValidator(twilio.auth_token).validate(url, params, twilio.sign(url, params))


def test_the_list_leaves_out_what_is_still_queued_when_asked_by_date(twilio: FakeTwilio) -> None:
    """As Twilio does, and why we never ask by date for a text that may be on its way."""
    get_provider().send(Message(delivery_id=new_id(), to=GATE, body="SOS"))
    today = f"{now():%Y-%m-%d}"
    assert twilio.listed({"To": GATE, "DateSent>": today}) == []
    twilio.progress(twilio.messages[0], "sent")
    assert twilio.listed({"To": GATE, "DateSent>": today}) == twilio.messages


def test_no_code_is_both_permanent_and_temporary() -> None:
    assert not PERMANENT.keys() & TEMPORARY.keys()
    assert {21211, 21610, 21612, 21614, 30004, 30005, 30006, 30007} <= PERMANENT.keys()
    assert {20429, 21611, 30001, 30003, 30008, 30036} <= TEMPORARY.keys()


def test_no_code_of_a_call_is_both_permanent_and_temporary() -> None:
    assert not voice_codes.PERMANENT.keys() & voice_codes.TEMPORARY.keys()

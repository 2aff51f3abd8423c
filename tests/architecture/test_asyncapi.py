"""The AsyncAPI document says what the code says, and is served."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from django.core.management import call_command
from django.test import Client

from realtime import frames
from realtime.close_codes import CloseCode
from realtime.commands import commands
from realtime.specification.document import asyncapi
from realtime.specification.facts import NotSaid, Told, product_facts, story_of
from tests.support.pages import page

pytestmark = pytest.mark.once

DOCUMENT = asyncapi()
MESSAGES = DOCUMENT["components"]["messages"]
SCHEMAS = DOCUMENT["components"]["schemas"]


def frames_of(kind: Any) -> list[Any]:
    return list(kind.__args__)


def every_ref(node: Any):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from every_ref(value)
    elif isinstance(node, list):
        for value in node:
            yield from every_ref(value)


def resolved(ref: str) -> Any:
    found: Any = DOCUMENT
    for name in ref.removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return found


def check(value: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(value, {**schema, "components": DOCUMENT["components"]})


# --- whole ------------------------------------------------------------------------------------------------------------


def test_every_frame_is_in_it():
    for frame in [*frames_of(frames.ClientFrame), *frames_of(frames.ServerFrame)]:
        assert list(SCHEMAS[frame.__name__]["properties"])[1:] == list(frame.__struct_fields__)
        assert SCHEMAS[frame.__name__]["properties"]["type"] == {"enum": [frame.__struct_config__.tag]}


def test_every_frame_that_is_no_command_reply_or_event_is_a_message_itself():
    tags = {
        one.__struct_config__.tag for one in [*frames_of(frames.ClientFrame), *frames_of(frames.ServerFrame)]
    }

    assert {name for name in MESSAGES if "." not in name} == tags - {"command", "reply", "event"}


def test_every_event_is_in_it_with_its_topics_and_audience():
    for name, fact in product_facts().items():
        message = MESSAGES[f"event.{name}"]
        narrowed = message["payload"]["allOf"][1]["properties"]
        assert narrowed["event"] == {"const": name}
        assert resolved(narrowed["data"]["$ref"])["properties"].keys() == set(fact.__struct_fields__)
        assert message["x-topics"]
        assert all(one["topic"] and one["audience"] for one in message["x-topics"])
        assert message["summary"]


def test_every_command_is_in_it_with_its_data_its_answer_and_its_permission():
    for name, command in commands.items():
        message, reply = MESSAGES[f"command.{name}"], MESSAGES[f"reply.{name}"]
        narrowed = message["payload"]["allOf"][1]["properties"]
        assert narrowed["name"] == {"const": name}
        assert narrowed["data"]["$ref"].endswith(f"/{command.shape.__name__}")
        assert reply["payload"]["allOf"][1]["properties"]["data"]["$ref"]
        assert (message["x-permission"], message["x-never-limited"]) == (command.permission, command.exempt)
        assert DOCUMENT["operations"][f"command.{name}"]["reply"]["messages"]


def test_every_close_code_is_in_it_with_its_meaning():
    codes = DOCUMENT["channels"]["feed"]["x-close-codes"]

    assert [(one["code"], one["name"]) for one in codes] == [(code.value, code.name) for code in CloseCode]
    assert all(one["meaning"] for one in codes)
    assert {one["code"] for one in codes if one["comes_back"]} == {code for code in CloseCode if code < 4500}


def test_every_reference_leads_somewhere_and_every_message_can_be_exchanged():
    refs = set(every_ref(DOCUMENT))

    assert refs
    for ref in refs:
        assert resolved(ref)
    exchanged = set(every_ref(DOCUMENT["operations"]))
    assert {f"#/channels/feed/messages/{name}" for name in MESSAGES} <= exchanged


def test_every_schema_is_one():
    for schema in SCHEMAS.values():
        jsonschema.Draft7Validator.check_schema(schema)


def test_the_welcome_says_what_an_open_alert_is():
    open_alerts = DOCUMENT["components"]["schemas"]["Welcome"]["properties"]["open_alerts"]
    assert open_alerts == {"type": "array", "items": {"$ref": "#/components/schemas/AlertView"}}


def test_a_time_is_one():
    alert = SCHEMAS["AlertView"]["properties"]

    assert SCHEMAS["EventFrame"]["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert alert["raised_at"] == {"type": "string", "format": "date-time"}
    assert alert["closed_at"] == {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    assert SCHEMAS["DutyEntry"]["properties"]["since"]["format"] == "date-time"
    assert "format" not in alert["note"]


def test_nothing_undescribed_is_left_over():
    """Each schema is reached from a message."""
    reached: set[str] = set()
    waiting = [ref for ref in every_ref(MESSAGES) if "/schemas/" in ref]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += every_ref(resolved(ref))

    generic = {f"#/components/schemas/{name}" for name in ("Command", "EventFrame", "Reply")}
    assert {f"#/components/schemas/{name}" for name in SCHEMAS} == reached | generic


# --- true -------------------------------------------------------------------------------------------------------------

LINES = [line for block in page("docs/realtime-protocol.md").blocks("text") for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:40])
def test_every_frame_of_the_documented_session_validates(line):
    """As frames: the session's alerts are cut short, and say so."""
    frame = json.loads(line[2:])
    kind = next(
        one
        for one in frames_of(frames.ClientFrame if line[0] == "C" else frames.ServerFrame)
        if one.__struct_config__.tag == frame["type"]
    )

    if "open_alerts" in frame:
        frame["open_alerts"] = []
    check(frame, SCHEMAS[kind.__name__])


def test_a_wrong_frame_does_not_validate():
    with pytest.raises(jsonschema.ValidationError):
        check({"type": "connect", "ref": "", "device": "d"}, SCHEMAS["Connect"])
    with pytest.raises(jsonschema.ValidationError):
        check({"type": "received", "topics": {"a": -1}}, SCHEMAS["Received"])


def test_the_documented_alert_is_an_event_with_the_frame_around_it():
    (block,) = page("docs/events.md").blocks("json")
    frame = {
        "type": "event",
        "topic": "member.1",
        "offset": 1,
        "id": "01a2008f-2b42-7377-973d-de296aec8183",
        "event": "emergency.alert.joined",
        "at": "2026-11-22T00:01:52Z",
        "actor": {},
        "data": {"alert": json.loads(block)},
    }

    check(frame, MESSAGES["event.emergency.alert.joined"]["payload"])
    with pytest.raises(jsonschema.ValidationError):
        check(frame, MESSAGES["event.emergency.alert.raised"]["payload"])
    with pytest.raises(jsonschema.ValidationError):
        check({**frame, "data": {}}, MESSAGES["event.emergency.alert.joined"]["payload"])


def test_the_documented_commands_validate_but_for_the_one_that_is_refused():
    said = [json.loads(line[2:]) for line in LINES]
    found = [frame for frame in said if frame["type"] == "command"]
    refused = {frame["ref"] for frame in said if frame["type"] == "error" and "ref" in frame}

    assert {frame["ref"] for frame in found} > refused
    for frame in found:
        validator = jsonschema.Draft7Validator(
            {**MESSAGES[f"command.{frame['name']}"]["payload"], "components": DOCUMENT["components"]}
        )
        assert validator.is_valid(frame) == (frame["ref"] not in refused), frame


# --- what a docstring says --------------------------------------------------------------------------------------------


def fact(docstring: str):
    return type("Fact", (), {"__doc__": docstring, "__qualname__": "Fact"})


def test_a_docstring_is_read():
    told, meaning = story_of(
        fact(
            "On `estate.<id>.guards` for guards, and `member.<id>` for the host\n    himself. Came in. At last."
        )
    )

    assert told == [Told("estate.<id>.guards", "guards"), Told("member.<id>", "the host himself")]
    assert meaning == "Came in. At last."


@pytest.mark.parametrize(
    "docstring",
    [
        "",
        "Somebody came in.",
        "On `a.b`. Somebody came in.",
        "On `a.b` for guards.",
        "On Monday for guards. So.",
    ],
)
def test_a_docstring_that_does_not_say_it_is_refused(docstring):
    with pytest.raises(NotSaid):
        story_of(fact(docstring))


# --- served -----------------------------------------------------------------------------------------------------------


def test_it_is_served_to_everybody():
    answer = Client().get("/api/v1/asyncapi.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == msgspec.to_builtins(DOCUMENT)


def test_it_names_the_address_of_the_deployment(settings):
    settings.CLUSTR_PUBLIC_URL = "https://palmcourt.example"

    assert asyncapi()["servers"]["estate"] == {"host": "palmcourt.example", "protocol": "wss"}
    assert DOCUMENT["channels"]["feed"]["address"] == "/ws/v1/"


def test_the_command_writes_it_to_a_file(tmp_path, capsys):
    call_command("asyncapi", file=tmp_path / "asyncapi.json")
    call_command("asyncapi")

    assert json.loads((tmp_path / "asyncapi.json").read_text()) == DOCUMENT
    assert json.loads(capsys.readouterr().out) == DOCUMENT

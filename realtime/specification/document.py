"""The AsyncAPI 3 document (asyncapi.com/docs/reference/specification/v3.0.0), from the server's point of view.

One channel, the socket. Every frame, every event and every command is a message of its own; `x-topics` says where an
event is told and to whom, `x-close-codes` how the server closes.
"""

from inspect import cleandoc
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from realtime import frames
from realtime.close_codes import CloseCode
from realtime.commands import Command, commands
from realtime.endpoint import PATH
from realtime.events import Fact
from realtime.specification.facts import product_facts, story_of
from realtime.specification.schemas import FROM_CLIENT, FROM_SERVER, Schemas, answer_of, tag_of

Json = dict[str, Any]

CHANNEL = "#/channels/feed"
DESCRIPTION = (
    "One websocket per device carries an estate's events, in order and without a gap, and commands. The first frame "
    "is `connect`; the server answers `welcome`, replays what the client missed, and goes on live. What the frames "
    "mean and how a client behaves stands in the guide, `docs/realtime-protocol.md`."
)
#: Frames that are described once for each command or event instead.
GENERIC = (frames.Command, frames.EventFrame, frames.Reply)
#: Frames of the server that only answer.
ANSWERS = (frames.Welcome, frames.Pong)


def asyncapi() -> Json:
    """The whole document. Raises `NotSaid` where an event does not say who hears it."""
    facts = dict(sorted(product_facts().items()))
    ours = dict(sorted(commands.items()))
    schemas = Schemas(facts.values(), ours.values())
    messages = _messages(schemas, facts, ours)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:clustr:realtime",
        "info": {
            "title": "ClustR live feed",
            "version": str(frames.PROTOCOL_VERSION),
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": {"estate": _server()},
        "channels": {
            "feed": {
                "address": PATH,
                "title": "The socket",
                "servers": [{"$ref": "#/servers/estate"}],
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
                "x-close-codes": [
                    {
                        "code": int(code),
                        "name": code.name,
                        "comes_back": code.comes_back,
                        "meaning": code.meaning,
                    }
                    for code in CloseCode
                ],
            }
        },
        "operations": _operations(facts, ours),
        "components": {
            "schemas": schemas.components,
            "messages": messages,
            "correlationIds": {
                "ref": {"location": "$message.payload#/ref", "description": "The client's reference."}
            },
        },
    }


def _server() -> Json:
    public = urlsplit(settings.CLUSTR_PUBLIC_URL)
    return {"host": public.netloc, "protocol": "wss" if public.scheme == "https" else "ws"}


# --- messages ---------------------------------------------------------------------------------------------------------


def _messages(schemas: Schemas, facts: dict[str, type[Fact]], ours: dict[str, Command]) -> dict[str, Json]:
    found = {
        tag_of(frame): {
            "title": tag_of(frame),
            "summary": _summary(frame),
            "payload": schemas.of(frame),
        }
        for frame in (*FROM_CLIENT, *FROM_SERVER)
        if frame not in GENERIC
    }
    found |= {f"event.{name}": _event(schemas, fact) for name, fact in facts.items()}
    for name, command in ours.items():
        found[f"command.{name}"] = _command(schemas, command)
        found[f"reply.{name}"] = {
            "title": f"reply to {name}",
            "correlationId": {"$ref": "#/components/correlationIds/ref"},
            "payload": _of(schemas, frames.Reply, {"data": schemas.of(answer_of(command))}),
        }
    return found


def _event(schemas: Schemas, fact: type[Fact]) -> Json:
    story = story_of(fact)
    return {
        "title": fact.type,
        "summary": story.meaning,
        "tags": [{"name": fact.type.partition(".")[0]}],
        "payload": _of(schemas, frames.EventFrame, {"event": {"const": fact.type}, "data": schemas.of(fact)}),
        "x-topics": [told._asdict() for told in story.told],
    }


def _command(schemas: Schemas, command: Command) -> Json:
    return {
        "title": command.name,
        "summary": (command.handler.__doc__ or "").strip(),
        "tags": [{"name": command.name.partition(".")[0]}],
        "correlationId": {"$ref": "#/components/correlationIds/ref"},
        "payload": _of(
            schemas, frames.Command, {"name": {"const": command.name}, "data": schemas.of(command.shape)}
        ),
        "x-permission": command.permission.value,
        "x-never-limited": command.exempt,
    }


def _of(schemas: Schemas, frame: Any, members: Json) -> Json:
    """The frame, with some of its members narrowed."""
    narrowed = {"type": "object", "properties": members, "required": list(members)}
    return {"allOf": [schemas.of(frame), narrowed]}


def _summary(frame: type[Any]) -> str:
    """The first paragraph of its docstring."""
    return " ".join(cleandoc(frame.__doc__ or "").partition("\n\n")[0].split())


# --- operations -------------------------------------------------------------------------------------------------------


def _operations(facts: dict[str, type[Fact]], ours: dict[str, Command]) -> dict[str, Json]:
    found = {
        "connect": _operation("receive", ["connect"], "The first frame.", reply=["welcome", "error"]),
        "confirm": _operation("receive", ["received", "seen"], "What a device has, and what a person saw."),
        "typing": _operation("receive", ["typing"], "A person is writing."),
        "ping": _operation("receive", ["ping"], "A sign of life.", reply=["pong"]),
        "tell": _operation("send", [f"event.{name}" for name in facts], "What happened, topic by topic."),
    }
    for frame in FROM_SERVER:
        if frame not in (*GENERIC, *ANSWERS):
            found[f"say.{tag_of(frame)}"] = _operation("send", [tag_of(frame)], _summary(frame))
    for name in ours:
        found[f"command.{name}"] = _operation(
            "receive", [f"command.{name}"], f"The command `{name}`.", reply=[f"reply.{name}", "error"]
        )
    return found


def _operation(action: str, messages: list[str], summary: str, *, reply: list[str] | None = None) -> Json:
    found: Json = {
        "action": action,
        "channel": {"$ref": CHANNEL},
        "summary": summary,
        "messages": _in_channel(messages),
    }
    if reply:
        found["reply"] = {"channel": {"$ref": CHANNEL}, "messages": _in_channel(reply)}
    return found


def _in_channel(messages: list[str]) -> list[Json]:
    return [{"$ref": f"{CHANNEL}/messages/{name}"} for name in messages]

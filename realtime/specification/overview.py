"""The document as people read it: tables of frames, events, commands, shapes and close codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from realtime.specification.schemas import FROM_CLIENT, FROM_SERVER, tag_of

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object. `kind`: its type, in words."""

    name: str
    kind: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """An object, or one of several words. `title`: a frame's `type`, else the shape's name."""

    title: str
    about: str
    members: list[Member]
    words: list[str]


@dataclass(frozen=True, slots=True)
class EventRow:
    """`told`: topic and audience."""

    name: str
    told: list[tuple[str, str]]
    members: list[Member]
    meaning: str


@dataclass(frozen=True, slots=True)
class CommandRow:
    """`data`, `answer`: names of shapes."""

    name: str
    data: str
    answer: str
    permission: str
    is_never_limited: bool
    about: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that stands on the page."""

    title: str
    version: str
    about: str
    from_client: list[Shape]
    from_server: list[Shape]
    events: list[EventRow]
    commands: list[CommandRow]
    shapes: list[Shape]
    close_codes: list[Json]


def overview_of(document: Json) -> Overview:
    """Of the document that `asyncapi` made."""
    schemas: Json = document["components"]["schemas"]
    messages: Json = document["components"]["messages"]
    events = {name: one for name, one in messages.items() if name.startswith("event.")}
    commands = {name: one for name, one in messages.items() if name.startswith("command.")}
    told = {_name(_narrowed(one)["data"]) for one in events.values()}
    frames = {frame.__name__ for frame in (*FROM_CLIENT, *FROM_SERVER)}
    return Overview(
        title=document["info"]["title"],
        version=document["info"]["version"],
        about=document["info"]["description"],
        from_client=[_shape(tag_of(frame), schemas[frame.__name__]) for frame in FROM_CLIENT],
        from_server=[_shape(tag_of(frame), schemas[frame.__name__]) for frame in FROM_SERVER],
        events=[_event(one, schemas) for one in events.values()],
        commands=[_command(one, messages) for one in commands.values()],
        shapes=[_shape(name, one) for name, one in schemas.items() if name not in frames | told],
        close_codes=document["channels"]["feed"]["x-close-codes"],
    )


def _event(message: Json, schemas: Json) -> EventRow:
    return EventRow(
        name=message["title"],
        told=[(one["topic"], one["audience"]) for one in message["x-topics"]],
        members=list(_members(schemas[_name(_narrowed(message)["data"])])),
        meaning=message["summary"],
    )


def _command(message: Json, messages: Json) -> CommandRow:
    name = message["title"]
    return CommandRow(
        name=name,
        data=kind_of(_narrowed(message)["data"]),
        answer=kind_of(_narrowed(messages[f"reply.{name}"])["data"]),
        permission=message["x-permission"],
        is_never_limited=message["x-never-limited"],
        about=message["summary"],
    )


def _shape(title: str, schema: Json) -> Shape:
    return Shape(
        title=title,
        about=" ".join(str(schema.get("description", "")).split()),
        members=[one for one in _members(schema) if one.name != "type"],
        words=[str(word) for word in schema.get("enum", [])],
    )


def _members(schema: Json) -> Iterable[Member]:
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        yield Member(name, kind_of(one), name in required)


def _narrowed(message: Json) -> Json:
    members: Json = message["payload"]["allOf"][1]["properties"]
    return members


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


_FORMATS = {"uuid": "UUID", "date-time": "time"}
_TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}


def kind_of(schema: Json) -> str:
    """A schema in words: "text or null", "list of PersonView"."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(kind_of(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " or ".join(f'"{word}"' for word in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {kind_of(schema.get('items') or {})}"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"object of {kind_of(values)}" if isinstance(values, dict) and values else "object"
    return _FORMATS.get(schema.get("format", "")) or _TYPES.get(kind, str(kind))

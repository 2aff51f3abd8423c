"""Shapes of requests, answers and events: msgspec Structs, one definition for REST, sockets and the log."""

import re
from typing import Any, TypeVar, dataclass_transform

import msgspec

from core.errors import Invalid

S = TypeVar("S")

_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class MalformedInput(Invalid):
    code = "malformed"
    title = "The input does not have the expected shape"


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class KeywordStruct(msgspec.StructMeta):
    """msgspec does not hand `kw_only` down to subclasses; here a Struct is frozen and keyword-only throughout."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        return super().__new__(mcls, name, bases, namespace, **({"frozen": True, "kw_only": True} | options))


class Shape(msgspec.Struct, metaclass=KeywordStruct, forbid_unknown_fields=True):
    """Base of what a caller sends. An unknown member is refused: a misspelt one would otherwise be lost silently."""


class View(msgspec.Struct, metaclass=KeywordStruct):
    """Base of what we answer or publish. Readers must tolerate members that they do not know."""


class Page(View):
    """`next`, `previous`: addresses of the neighbouring pages. A subclass has the `results`."""

    next: str | None
    previous: str | None


def read(data: Any, shape: type[S]) -> S:
    """Turn decoded JSON into `shape`. Raises `MalformedInput` that names the member."""
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None


def read_json(raw: bytes | str, shape: type[S]) -> S:
    """Decode JSON text into `shape`. Raises `MalformedInput`."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise _malformed(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedInput(f"This is not JSON: {error}.") from None


def plain(value: Any) -> Any:
    """JSON-able builtins of a Struct (UUIDs and times become strings)."""
    return msgspec.to_builtins(value)


def encode(value: Any) -> bytes:
    """JSON text of a Struct or of plain data, as UTF-8."""
    return msgspec.json.encode(value)


def _malformed(message: str) -> MalformedInput:
    found = _PATH.search(message)
    if found is None:
        missing = re.search(r"(?:missing required|unknown) field `(?P<name>[^`]+)`", message)
        return MalformedInput(message + ".", field=missing["name"] if missing else None)
    text = message[: found.start()]
    missing = re.search(r"(?:missing required|unknown) field `(?P<name>[^`]+)`", text)
    path = ".".join(part for part in (found["path"], missing["name"] if missing else "") if part)
    return MalformedInput(text + ".", field=path)

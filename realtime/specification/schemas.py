"""JSON Schema of the code's own types, once for the whole document."""

from collections.abc import Iterable
from inspect import cleandoc
from typing import Any, get_args, get_type_hints

import msgspec

from realtime import frames, welcome
from realtime.commands import Command
from realtime.events import Fact

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"

#: As they are declared.
FROM_CLIENT: tuple[type[msgspec.Struct], ...] = get_args(frames.ClientFrame)
FROM_SERVER: tuple[type[msgspec.Struct], ...] = get_args(frames.ServerFrame)


class Schemas:
    """`of(type)` is what stands for a type elsewhere; `components` is what the document defines."""

    def __init__(self, facts: Iterable[type[Fact]], commands: Iterable[Command]) -> None:
        commands = list(commands)
        self._types: list[Any] = list(
            dict.fromkeys(
                [
                    *FROM_CLIENT,
                    *FROM_SERVER,
                    *facts,
                    *(one.shape for one in commands),
                    *(answer_of(one) for one in commands),
                    *welcome.shapes.values(),
                ]
            )
        )
        described, components = msgspec.json.schema_components(
            [_describable(one) for one in self._types], ref_template=REF
        )
        self._described = dict(zip(self._types, described, strict=True))
        self.components: dict[str, Schema] = {
            name: _tidy(component) for name, component in sorted(components.items())
        }
        # The frame itself knows no feature, and so not what its lists are of.
        for name, shape in welcome.shapes.items():
            members = self.components["Welcome"]["properties"]
            members[name] = {"type": "array", "items": self.of(shape)}
        for info in msgspec.inspect.multi_type_info(self._types):
            self._mark_times(info, set())

    def of(self, kind: Any) -> Schema:
        return dict(self._described[kind])

    def _mark_times(self, info: Any, seen: set[type]) -> None:
        """msgspec says "string" of a time, because one without a time zone is not RFC 3339; ours all have one."""
        match info:
            case msgspec.inspect.StructType(cls=cls, fields=fields) if cls not in seen:
                seen.add(cls)
                for field in fields:
                    _mark(self.components[cls.__name__]["properties"][field.encode_name], field.type)
                    self._mark_times(field.type, seen)
            case msgspec.inspect.UnionType(types=types):
                for one in types:
                    self._mark_times(one, seen)
            case msgspec.inspect.ListType(item_type=item):
                self._mark_times(item, seen)
            case msgspec.inspect.DictType(value_type=value):
                self._mark_times(value, seen)
            case _:
                pass


def _describable(kind: Any) -> Any:
    """A default of raw JSON text has no schema: where there is one, a twin of the type without it."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return kind
    fields = msgspec.structs.fields(kind)
    if not any(isinstance(field.default, msgspec.Raw) for field in fields):
        return kind
    members = [
        (field.name, Any, msgspec.UNSET)
        if isinstance(field.default, msgspec.Raw)
        else (field.name, field.type, field.default)
        for field in fields
    ]
    return msgspec.defstruct(
        kind.__name__, members, namespace={"__doc__": kind.__doc__}, tag=tag_of(kind), kw_only=True
    )


def answer_of(command: Command) -> Any:
    """The type of a reply's `data`."""
    return get_type_hints(command.handler).get("return", Any)


def tag_of(frame: type[msgspec.Struct]) -> str:
    """What `type` says in this frame."""
    return str(frame.__struct_config__.tag)


def _mark(schema: Schema, info: Any) -> None:
    if isinstance(info, msgspec.inspect.DateTimeType):
        schema["format"] = "date-time"
    elif isinstance(info, msgspec.inspect.UnionType) and any(
        isinstance(one, msgspec.inspect.DateTimeType) for one in info.types
    ):
        for one in schema["anyOf"]:
            if one == {"type": "string"}:
                one["format"] = "date-time"


def _tidy(component: Schema) -> Schema:
    """Docstrings as descriptions, without the indentation of the code; none that a base class left behind."""
    text = cleandoc(str(component.get("description", "")))
    return {**component, "description": text} if text else component

"""Lets the OpenAPI schema describe msgspec Structs, so that a shape is written down once."""

from collections.abc import Iterator
from enum import Enum
from inspect import cleandoc
from typing import Any

import msgspec
from django.apps import apps
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from msgspec.inspect import EnumType, Field, StructType, Type, type_info

from core.shapes import View
from core.tables.writing import CSV_TYPE, XLSX_TYPE

REF = "#/components/schemas/{name}"


class StructExtension(OpenApiSerializerExtension):
    """Any Struct can stand where drf-spectacular expects a serializer: `@extend_schema(request=RaiseAlert)`."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str | None:
        return _name_of(self._struct)

    @property
    def _struct(self) -> type[msgspec.Struct]:
        return self.target if isinstance(self.target, type) else type(self.target)

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        struct = self._struct
        (schema,), components = msgspec.json.schema_components([struct], ref_template=REF)
        own_name = str(schema["$ref"]).rsplit("/", 1)[-1]
        classes = _classes_in(struct)
        names = {REF.format(name=name): REF.format(name=_name_of(one)) for name, one in classes.items()}
        for name, component in components.items():
            if name == own_name:
                continue
            found = ResolvedComponent(
                name=_name_of(classes[name]),
                type=ResolvedComponent.SCHEMA,
                object=classes[name],
                schema=_renamed(_tidy(component), names),
            )
            auto_schema.registry.register_on_missing(found)
        own: dict[str, Any] = _renamed(_tidy(components[own_name]), names)
        return own


def _classes_in(struct: type[msgspec.Struct]) -> dict[str, type[Any]]:
    """Every Struct and Enum that `struct` is made of, by its name."""
    found: dict[str, type[Any]] = {}

    def look(part: Any) -> None:
        if isinstance(part, tuple | list):
            for one in part:
                look(one)
        elif isinstance(part, StructType | EnumType):
            if part.cls not in found.values():
                found[part.cls.__name__] = part.cls
                look(getattr(part, "fields", ()))
        elif isinstance(part, Type | Field):
            for name in part.__struct_fields__:
                look(getattr(part, name))

    look(type_info(struct))
    return found


def _name_of(one: type[Any]) -> str:
    """Its own name, or with its module's where two of ours have the same: as the live feed's document says it."""
    ours = {config.name for config in apps.get_app_configs()}
    alike = {
        other
        for base in (msgspec.Struct, Enum)
        for other in _below(base)
        if other.__name__ == one.__name__ and other.__module__.split(".")[0] in ours
    }
    return one.__name__ if len(alike | {one}) == 1 else f"{one.__module__}.{one.__qualname__}"


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    """`schema` with its references to the names that the components have in the whole document."""
    if isinstance(schema, dict):
        return {
            name: names.get(value, value) if name == "$ref" else _renamed(value, names)
            for name, value in schema.items()
        }
    return [_renamed(one, names) for one in schema] if isinstance(schema, list) else schema


def _tidy(component: Any) -> dict[str, Any]:
    """A class's docstring as its description, without the indentation of the code."""
    return {**component, "description": cleandoc(component.get("description", ""))}


class FieldProblem(View):
    """One member of the input, and what is wrong with it."""

    field: str
    message: str


class Problem(View):
    """An error (RFC 9457). `code` is stable; `type` leads to its explanation; `errors` names the input's members."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = msgspec.field(default_factory=list)


def document_files(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A list that takes `format` beside its `cursor` answers with files, too: said once, for all of them."""
    for operations in result["paths"].values():
        for operation in operations.values():
            names = {one.get("name") for one in operation.get("parameters", ())}
            if {"cursor", "format"} <= names:
                content = operation["responses"]["200"]["content"]
                content[CSV_TYPE] = {"schema": {"type": "string"}}
                content[XLSX_TYPE] = {"schema": {"type": "string", "format": "binary"}}
    return result


def document_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every operation can answer with a problem: said once, for all of them."""
    _, components = msgspec.json.schema_components([Problem], ref_template=REF)
    result["components"]["schemas"] |= {name: _tidy(component) for name, component in components.items()}
    answer = {
        "description": "A problem",
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result

"""Lets the OpenAPI schema describe msgspec Structs, so that a shape is written down once."""

from inspect import cleandoc
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.shapes import View

REF = "#/components/schemas/{name}"


class StructExtension(OpenApiSerializerExtension):
    """Any Struct can stand where drf-spectacular expects a serializer: `@extend_schema(request=RaiseAlert)`."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str | None:
        return str(getattr(self.target, "__name__", type(self.target).__name__))

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        struct = self.target if isinstance(self.target, type) else type(self.target)
        (schema,), components = msgspec.json.schema_components([struct], ref_template=REF)
        own_name = str(schema["$ref"]).rsplit("/", 1)[-1]
        classes = _by_name(msgspec.Struct)
        for name, component in components.items():
            if name == own_name:
                continue
            found = ResolvedComponent(
                name=name,
                type=ResolvedComponent.SCHEMA,
                object=classes.get(name, name),
                schema=_tidy(component),
            )
            auto_schema.registry.register_on_missing(found)
        return _tidy(components[own_name])


def _by_name(base: type[Any]) -> dict[str, type[Any]]:
    """Every Struct there is, by its name: a component must be the same object wherever it is met."""
    found: dict[str, type[Any]] = {}
    for struct in base.__subclasses__():
        found |= {struct.__name__: struct} | _by_name(struct)
    return found


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

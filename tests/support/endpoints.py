"""The endpoints as the OpenAPI document has them, and ids to put where they take some."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator

from estates.models import Membership, Role
from tests.support.world import World

METHODS = ("get", "post", "put", "patch", "delete")
#: Places that are not called like the model whose row stands in them.
PLACES: dict[str, tuple[str, str]] = {
    "member_id": (Membership._meta.label, "pk"),
    "membership_id": (Membership._meta.label, "pk"),
    "id": ("emergency.Alert", "pk"),
    "message_id": ("emergency.AlertMessage", "message_id"),
    "key": (Role._meta.label, "key"),
    "role": (Role._meta.label, "key"),
}
#: Places in which no row of an estate's stands.
WORDS: dict[str, str] = {"name": "units"}


@dataclass(frozen=True)
class Endpoint:
    """One operation. `body`: the JSON schema of what it takes, references resolved; None where it takes nothing."""

    operation_id: str
    method: str
    path: str
    query: dict[str, dict[str, Any]] = field(hash=False)
    body: dict[str, Any] | None = field(hash=False)
    answer: dict[str, Any] = field(hash=False)

    @property
    def is_list(self) -> bool:
        return {"next", "previous", "results"} <= set(self.answer.get("properties", ()))

    @property
    def is_of_an_estate(self) -> bool:
        return "{estate_id}" in self.path

    @property
    def places(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def document() -> dict[str, Any]:
    """The OpenAPI document of the addresses that are now in use."""
    found: dict[str, Any] = SchemaGenerator(urlconf=get_resolver().urlconf_name).get_schema(
        request=None, public=True
    )
    return found


def endpoints() -> list[Endpoint]:
    return list(_endpoints(document()))


def _endpoints(document: dict[str, Any]) -> Iterator[Endpoint]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                answers = operation.get("responses", {})
                answer: dict[str, Any] = next(
                    (answers[code] for code in ("200", "201") if code in answers), {}
                )
                yield Endpoint(
                    operation_id=operation["operationId"],
                    method=method,
                    path=path,
                    query={
                        one["name"]: one["schema"]
                        for one in operation.get("parameters", ())
                        if one["in"] == "query"
                    },
                    body=_json_of(operation.get("requestBody", {}), document),
                    answer=_json_of(answer, document) or {},
                )


def _json_of(part: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    schema = part.get("content", {}).get("application/json", {}).get("schema")
    return None if schema is None else resolved(schema, document)


def resolved(schema: Any, document: dict[str, Any], depth: int = 0) -> Any:
    """`schema` with what it refers to in its place, as deep as a request goes."""
    if isinstance(schema, dict):
        if "$ref" in schema and depth < 8:
            target = schema["$ref"].rsplit("/", 1)[-1]
            return resolved(document["components"]["schemas"][target], document, depth + 1)
        return {name: resolved(value, document, depth) for name, value in schema.items()}
    return [resolved(one, document, depth) for one in schema] if isinstance(schema, list) else schema


def thing_in(place: str, world: World) -> str:
    """What stands in a place of this name: the key of a row of `world`. Raises where nobody has said which model's."""
    if place in WORDS:
        return WORDS[place]
    if place in PLACES:
        label, member = PLACES[place]
        return str(getattr(world.row(apps.get_model(label)), member))
    wanted = place.removesuffix("_id").replace("_", "")
    names = {model: str(model._meta.model_name) for model in world.rows}
    models = [model for model, name in names.items() if name == wanted]
    models = models or [model for model, name in names.items() if name.endswith(wanted)]
    assert len(models) == 1, f"say in tests/support/endpoints.py which model's id `{place}` is"
    return str(world.row(models[0]).pk)


def address_of(path: str, world: World, **others: str) -> str:
    """`path` with a row of `world` in every place, or what `others` says."""
    return re.sub(r"{(\w+)}", lambda place: others.get(place[1]) or thing_in(place[1], world), path)

"""Every list can be paged, ordered and searched, and says so in the OpenAPI document."""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

#: Lists that are a handful of rows at most, and always one page.
ONE_PAGE = frozenset({"policies"})


def lists() -> dict[str, dict[str, Any]]:
    """The parameters of each list by operation, by name."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    schemas = document["components"]["schemas"]
    found = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            answer = operation.get("responses", {}).get("200", {}).get("content", {})
            reference = answer.get("application/json", {}).get("schema", {}).get("$ref", "")
            if {"next", "previous", "results"} <= set(
                schemas.get(reference.rsplit("/", 1)[-1], {}).get("properties", ())
            ):
                parameters = {one["name"]: one for one in operation.get("parameters", ())}
                found[operation["operationId"]] = parameters
    return found


def test_every_list_is_paged_ordered_and_searched():
    found = lists()

    assert len(found) >= 9
    lacking = {
        name: {"cursor", "page_size", "ordering", "q"} - set(parameters)
        for name, parameters in found.items()
        if name not in ONE_PAGE
    }
    assert not {name: missing for name, missing in lacking.items() if missing}, (
        "give `page_parameters(...)` of a `Pages` with `orders`, and `search_parameter(...)` with `searched(...)`"
    )


def test_every_order_goes_both_ways():
    for name, parameters in lists().items():
        if name not in ONE_PAGE:
            values = set(parameters["ordering"]["schema"]["enum"])
            assert values, name
            assert values == {f"-{one}" if one[0] != "-" else one[1:] for one in values}, name

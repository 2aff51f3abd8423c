"""Schemathesis's cases, played in this process: no server, no socket, and a database that forgets each of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import requests
import schemathesis
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Err
from schemathesis.core.transport import Response
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

HERE = "http://testserver"
#: Nothing breaks, and what the document does not allow is refused.
SOUND = (not_a_server_error, negative_data_rejection)
#: And the answers are what it says.
AS_DOCUMENTED = (
    *SOUND,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


def operations(document: dict[str, Any]) -> Iterator[Any]:
    """Each operation of an OpenAPI document. Raises where the document has one that cannot be read."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        if isinstance(found, Err):
            raise found.err()
        yield found.ok()


def play(
    operation: Any,
    mode: GenerationMode,
    people: dict[str, APIClient],
    *,
    examples: int,
    places: Callable[[str], str],
    checks: Sequence[Any] = AS_DOCUMENTED,
) -> dict[tuple[str, str], str]:
    """What was wrong with the answers to each of `people`, by operation and name.

    `places`: what stands in a path's place of that name. The cases are the same at every run.
    """
    fixed = {one.name: places(one.name) for one in operation.path_parameters}
    try:
        return _play(operation, mode, people, examples, fixed, checks)
    except Unsatisfiable:
        # Nothing but its path could be wrong, if that.
        try:
            return _play(operation, mode, people, examples, {}, checks) if fixed else {}
        except Unsatisfiable:
            return {}


def _play(
    operation: Any,
    mode: GenerationMode,
    people: dict[str, APIClient],
    examples: int,
    fixed: dict[str, str],
    checks: Sequence[Any],
) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        # Nothing is shrunk: the first case says enough, and shrinking it would cost a hundred more.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters=fixed or None))
    def every_case(case: Any) -> None:
        request = _request_of(case)
        for name, client in people.items():
            # A rate limit is of the next test.
            cache.clear()
            with transaction.atomic():
                answer = _send(client, request)
                transaction.set_rollback(True)
            try:
                case.validate_response(answer, checks=list(checks))
            except (Failure, FailureGroup) as failure:
                found.setdefault((operation.label, name), _words(failure, request, answer))

    every_case()
    return found


def _request_of(case: Any) -> requests.PreparedRequest:
    given = case.as_transport_kwargs(base_url=HERE)
    names = ("method", "url", "headers", "data", "json", "files", "params", "cookies")
    return requests.Request(**{name: given[name] for name in names if name in given}).prepare()


def _send(client: APIClient, request: requests.PreparedRequest) -> Response:
    body = request.body or b""
    # Who it is and how long it is says the client.
    left_out = {"content-length", "content-type", "cookie", "authorization"}
    client.raise_request_exception = False
    answer = client.generic(
        str(request.method),
        str(request.url).removeprefix(HERE),
        cast(Any, body.encode() if isinstance(body, str) else body),
        content_type=str(request.headers.get("Content-Type", "")),
        headers={name: value for name, value in request.headers.items() if name.lower() not in left_out},
    )
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=request,
        elapsed=0.0,
        verify=False,
    )


def _words(failure: Any, request: requests.PreparedRequest, answer: Response) -> str:
    sentences = [str(one) for one in getattr(failure, "exceptions", (failure,))]
    return "\n".join(
        [
            *(sentence[:800] for sentence in sentences),
            f"  sent {request.method} {request.url} {str(request.body)[:400]}",
            f"  got {answer.status_code} {answer.content[:400]!r}",
        ]
    )

"""A whole estate in a database: people, homes, and rows in every list.

`python -m bench.estate` is the process that makes it, on the database of its environment, and that asks the database or
brings lists in from within; it takes a JSON object a line on stdin and answers each with one.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.processes import Program
from bench.town import MANAGER, PASSWORD
from clustr.cli.refusal import Refusal

LONGEST_S = 900


class EstateProcess:
    """The bench's end of the process. Each method is a function of this module of that name."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._program = Program([sys.executable, "-P", "-m", "bench.estate"], environment=environment)

    def __enter__(self) -> "EstateProcess":
        return self

    def __exit__(self, *exc: object) -> None:
        self._program.__exit__()

    def ask(self, do: str, **question: Any) -> dict[str, Any]:
        self._program.say(json.dumps({"do": do, **question}))
        answer: dict[str, Any] = json.loads(self._program.expect('{"ok"', timeout_s=LONGEST_S))
        if error := answer.get("error"):
            raise Refusal(f"The estate could not {do}: {error}")
        return answer


_state: dict[str, Any] = {}


def seed(people: int, units: int) -> dict[str, Any]:
    """Migrate, and make an estate with `MANAGER`, so many homes, and so many people who live in them."""
    from datetime import date

    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command

    from accounts.models import User
    from core.actors import SYSTEM
    from estates.models import Block, Membership, Occupancy, RoleGrant, Unit
    from estates.permissions import RoleKey
    from estates.services.people import add_member, create_estate, ensure_built_in_roles
    from tests.support.cast import Person

    call_command("migrate", verbosity=0, interactive=False)
    estate = create_estate(
        actor=SYSTEM, name="Bench Court", slug="bench-court", time_zone="Africa/Lagos", country="NG"
    )
    manager = User(name="Manager", email=MANAGER, is_phone_verified=True, password=make_password(PASSWORD))
    manager.save()
    membership = add_member(actor=SYSTEM, estate=estate, user=manager, roles=[RoleKey.MANAGER])
    blocks = Block.objects.bulk_create(Block(estate=estate, name=f"Block {n}") for n in range(40))
    homes = Unit.objects.bulk_create(
        Unit(estate=estate, block=blocks[n % len(blocks)], name=f"H-{n:05}") for n in range(units)
    )
    users = User.objects.bulk_create(
        User(name=f"Person {n * 7919 % people:05}", email=f"person.{n}@example.test", password="!")
        for n in range(people)
    )
    members = Membership.objects.bulk_create(Membership(estate=estate, user=user) for user in users)
    role = ensure_built_in_roles()[RoleKey.OWNER.value]
    RoleGrant.objects.bulk_create(
        RoleGrant(estate=estate, membership=member, role=role) for member in members
    )
    if homes:
        Occupancy.objects.bulk_create(
            Occupancy(
                estate=estate,
                unit=homes[n % units],
                membership=member,
                kind=Occupancy.Kind.OWNER,
                starts_on=date(2020, 1, 1),
            )
            for n, member in enumerate(members)
        )
    _state["manager"] = Person(user=manager, membership=membership, estate=estate)
    return {"estate_id": str(estate.pk)}


def fill(rows: int) -> dict[str, Any]:
    """So many more rows in each list that there is; returns the lists' addresses, and what they may be ordered by."""
    from django.db import connection, transaction
    from rest_framework.test import APIClient

    from core.http.pagination import Pages
    from tests.support.endpoints import address_of, endpoints
    from tests.support.world import World

    world = World(_state["manager"], mark="Benchword").fill()
    client = APIClient(HTTP_HOST="127.0.0.1")
    client.force_authenticate(world.person.user)
    found, models = {}, []
    take = Pages.take.__func__  # type: ignore[attr-defined]

    def watched(cls: type[Pages], query: Any, given: Any) -> Any:
        models.append(query.model)
        return take(cls, query, given)

    Pages.take = classmethod(watched)  # type: ignore[method-assign, assignment]
    lists = [one for one in endpoints() if one.is_list and "ordering" in one.query]
    for one in lists:
        path = address_of(one.path, world)
        if client.get(path).status_code == 200:
            found[one.operation_id] = {"path": path, "orders": one.query["ordering"]["enum"]}
    for model in dict.fromkeys(models):
        with transaction.atomic():
            for _ in range(rows if _is_small(model) else 0):
                world.note() if model._meta.label == "core.AuditEntry" else world.make(model)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return {"lists": found}


def _is_small(model: Any) -> bool:
    """Homes and people are there already."""
    return model._meta.label not in ("estates.Membership", "estates.Unit", "estates.Role")


def explain(path: str) -> dict[str, Any]:
    """How many queries an address takes, and how the database goes about the slowest of them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from rest_framework.test import APIClient

    client = APIClient(HTTP_HOST="127.0.0.1")
    client.force_authenticate(_state["manager"].user)
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        client.get(path)
    slowest = max(caught.captured_queries, key=lambda query: float(query["time"]))
    how = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {slowest['sql']}")
        plan = [" ".join(map(str, row)) for row in cursor.fetchall()]
    return {"queries": len(caught), "slowest_s": slowest["time"], "sql": slowest["sql"], "plan": plan}


def bring_in(rows: int, kind: str, bad: int) -> dict[str, Any]:
    """Try a file of so many residents and bring it in, here, as the worker does. `bad`: rows that cannot be."""
    from accounts.models import User
    from backoffice.models import Import
    from backoffice.services import imports, working
    from tests.support.tables import PEOPLE, csv_of, residents, xlsx_of

    manager = _state["manager"]
    table: list[tuple[str, ...]] = list(residents(range(rows), "H-00001"))
    for number in range(bad):
        table[number * rows // bad] = ("Nobody", "", "nobody", "H-00001", "owner")
    content = csv_of(PEOPLE, *table) if kind == "csv" else xlsx_of(PEOPLE, *table)
    # This process made the file; the worker only reads it.
    del table
    _forget_peak()
    before_mb, people = _peak_mb(), User.objects.count()
    began = time.monotonic()
    job = imports.start_import(
        actor=manager.member, estate=manager.estate, name="people", file_name="bench", content=content
    )
    working.work_off(job.pk)
    tried = Import.objects.of(manager.estate).get(pk=job.pk)
    found: dict[str, Any] = {
        "trial_s": time.monotonic() - began,
        "trial_peak_mb": _peak_mb(),
        "bad_rows": tried.bad_rows,
        "named": [f"{one['row']}:{one['field']}" for one in tried.problems],
        "written_by_trial": User.objects.count() - people,
    }
    if not bad:
        began = time.monotonic()
        imports.apply_import(actor=manager.member, estate=manager.estate, import_id=job.pk, is_partial=False)
        working.work_off(job.pk)
        found["real_s"] = time.monotonic() - began
    done = Import.objects.of(manager.estate).get(pk=job.pk)
    return found | {
        "bytes": len(content),
        "state": done.state,
        "created": User.objects.count() - people,
        "before_mb": before_mb,
        "peak_mb": _peak_mb(),
    }


def _forget_peak() -> None:
    """What this process needed before (to migrate, to make the file) does not count."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    """The most resident memory since then."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)


_acts: dict[str, Callable[..., dict[str, Any]]] = {
    "seed": seed,
    "fill": fill,
    "explain": explain,
    "bring in": bring_in,
}


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    import django

    django.setup()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = _acts[question.pop("do")](**question)
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps({"ok": "error" not in answer, **answer}), flush=True)


if __name__ == "__main__":
    _main()

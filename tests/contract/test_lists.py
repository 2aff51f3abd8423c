"""Every list of the OpenAPI document: its pages, its orders, its filters, its search, and how many queries it takes."""

import csv
import functools
import io
from typing import Any

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.http.pagination import Pages
from core.models import AuditEntry
from tests.architecture.test_every_list import ONE_PAGE
from tests.support.authenticator import give_second_factor
from tests.support.cast import Cast, Person
from tests.support.endpoints import Endpoint, address_of, endpoints
from tests.support.world import MARK, World

LISTS = [one for one in endpoints() if one.is_list and one.operation_id not in ONE_PAGE]
ROWS = 4


class List:
    """One list as somebody reads it who may; `grow` puts rows into it."""

    def __init__(self, endpoint: Endpoint, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.endpoint = endpoint
        self._models: list[type[models.Model]] = []
        self._watch(monkeypatch)
        if "/platform/" in endpoint.path:
            User.objects.filter(pk=cast.musa.user.pk).update(is_platform_admin=True)
            cast.musa.user.refresh_from_db()
            give_second_factor(cast.musa)
        # A manager sees the most; what is a person's own is seen by himself.
        self.reader, self.world = self._reader([cast.musa, cast.gate, cast.ada, cast.chief, cast.accountant])

    def _watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        take = Pages.take.__func__  # type: ignore[attr-defined]

        def watched(cls: type[Pages], rows: Any, given: Any) -> Any:
            self._models.append(rows.model)
            return take(cls, rows, given)

        monkeypatch.setattr(Pages, "take", classmethod(watched))

    def _reader(self, people: list[Person]) -> tuple[Person, World]:
        for person in people:
            with transaction.atomic():
                world = World(person).fill()
                answer = person.api.get(address_of(self.endpoint.path, world))
                if answer.status_code == 200 and answer.json()["results"]:
                    return person, world
                transaction.set_rollback(True)
        raise AssertionError(
            f"nobody sees a row of {self.endpoint}: say in tests/support/world.py what it needs"
        )

    @functools.cached_property
    def address(self) -> str:
        return address_of(self.endpoint.path, self.world)

    def get(self, **given: Any) -> Any:
        cache.clear()
        return self.reader.api.get(self.address, given)

    def page(self, url: str | None = None, **given: Any) -> dict[str, Any]:
        answer = self.reader.api.get(url) if url else self.get(**given)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def all(self, **given: Any) -> list[Any]:
        rows: list[Any] = self.page(page_size=200, **given)["results"]
        return rows

    def grow(self, number: int) -> None:
        """`number` more rows in this list."""
        before = len(self.all())
        model = self._models[-1]
        for _ in range(number):
            if model is AuditEntry:
                self.world.note()
            else:
                self.world.make(model)
        assert len(self.all()) >= before + number, (
            f"{model._meta.label} made for {self.endpoint} is not in it"
        )


@pytest.fixture(params=LISTS, ids=[one.operation_id for one in LISTS])
def listed(request, cast, monkeypatch):
    return List(request.param, cast, monkeypatch)


def walk(listed: List, ordering: str, *, way: str, start: str | None, disturb: Any) -> tuple[list[Any], Any]:
    """Every row in the order met, and the last page."""
    page = listed.page(start) if start else listed.page(ordering=ordering, page_size=2)
    seen = []
    for _ in range(100):
        seen += page["results"] if way == "next" else page["results"][::-1]
        if page[way] is None:
            return seen, page
        url = page[way]
        disturb()
        page = listed.page(url)
    raise AssertionError("this list has no end")


def test_a_list_can_be_read_to_its_end_and_back_while_it_grows(listed):
    """And in each of its orders: no gap, nothing twice, and both directions are each other's reverse."""
    listed.grow(ROWS)
    for ordering in listed.endpoint.query["ordering"]["enum"]:
        there = listed.all(ordering=ordering)
        back = listed.all(ordering=f"-{ordering}" if ordering[0] != "-" else ordering[1:])
        assert [key(row) for row in back] == [key(row) for row in there][::-1], ordering

    ordering = listed.endpoint.query["ordering"]["enum"][0]
    stays = {key(row) for row in listed.all()}
    grown = iter([True, True])
    seen, last = walk(
        listed,
        ordering,
        way="next",
        start=None,
        disturb=lambda: listed.grow(1) if next(grown, False) else None,
    )
    assert len({key(row) for row in seen}) == len(seen)
    assert stays <= {key(row) for row in seen}
    returned, _ = walk(listed, ordering, way="previous", start=last["previous"], disturb=lambda: None)
    rest = {key(row) for row in seen} - {key(row) for row in last["results"]}
    assert len({key(row) for row in returned}) == len(returned)
    assert rest <= {key(row) for row in returned}


def test_a_list_refuses_what_it_does_not_take_and_names_it(listed):
    wrong = {"ordering": "quibble", "page_size": "0", "cursor": "quibble"}
    for name, schema in listed.endpoint.query.items():
        if "enum" in schema or schema.get("format") == "uuid" or schema.get("type") in ("boolean", "integer"):
            wrong[name] = wrong.get(name, "quibble")

    refused = {name: listed.get(**{name: value}) for name, value in wrong.items()}

    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(wrong, 400)
    for name, answer in refused.items():
        assert [error["field"] for error in answer.json()["errors"]] == [name]


def test_a_list_finds_what_is_searched_for_and_nothing_else(listed):
    listed.grow(1)
    found = listed.all(q=MARK.lower())

    assert 0 < len(found) <= len(listed.all())
    assert not listed.all(q="No such word anywhere")
    assert listed.all(q="  ") == listed.all()
    assert listed.get(q="\x00").status_code in (200, 400)
    for name, schema in listed.endpoint.query.items():
        if schema.get("enum") and name not in ("ordering", "format"):
            # Each value is taken, and none of them adds a row.
            for value in schema["enum"]:
                listed.all(**{name: value})


def test_a_list_goes_out_as_a_file(listed):
    """All of it, with a column for each member; but for who may not take lists out."""
    listed.grow(1)
    if "format" not in listed.endpoint.query:
        assert listed.endpoint.operation_id == "directory"
        assert listed.get(format="csv").json()["results"]
        return
    # The record of what went out grows by each file.
    before = listed.all()
    answer = listed.get(format="csv")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    heads, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(rows) == len(before)
    assert {head.split(".")[0] for head in heads} == set(before[0])

    book = openpyxl.load_workbook(io.BytesIO(listed.get(format="xlsx").content), read_only=True)
    assert [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True, max_row=1)] == [
        heads
    ]


def test_a_list_takes_as_many_queries_however_long_it_is(listed):
    listed.grow(ROWS)
    few = queries(listed)
    listed.grow(2 * ROWS)

    assert queries(listed) == few
    assert few <= 12


def queries(listed: List) -> int:
    """How many one page takes that holds all."""
    listed.get(page_size=200)
    with CaptureQueriesContext(connection) as caught:
        assert listed.get(page_size=200).status_code == 200
    return len(caught)


def key(row: dict[str, Any]) -> str:
    """What a row is told apart by."""
    return str(next((row[name] for name in ("id", "member_id", "number", "key") if name in row), row))

"""Any list as a file: what its pages would give, whole, to whoever may take lists out."""

import csv
import io
from uuid import UUID

import openpyxl
import pytest

from core.http import list_files
from core.models import AuditEntry
from core.shapes import View
from core.tables.flattening import cells_of, columns_of


def file_of(person, path, **given):
    return person.api.get(person.url(path), {"format": "csv", **given})


def rows_of(answer):
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def alerts(cast):
    """Two, of which one has a note that a spreadsheet would run."""
    for person, category, note in (
        (cast.ada, "fire", "=cmd|' /C calc'!A0"),
        (cast.bola, "medical", "Stairs"),
    ):
        body = {"category": category, "note": note}
        assert person.api.post(person.url("alerts/"), body, format="json").status_code == 201


def test_rows_filters_and_order_are_those_of_the_list(cast, alerts):
    answer = file_of(cast.musa, "alerts/", ordering="raised_at")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="alerts.csv"'
    rows = rows_of(answer)
    assert [row["raised_by.name"] for row in rows] == ["Ada Obi", "Bola Ade"]
    assert [row["unit.name"] for row in rows] == ["B-14", "B-15"]
    assert [row["category"] for row in rows_of(file_of(cast.musa, "alerts/", category="fire"))] == ["fire"]
    assert [row["note"] for row in rows_of(file_of(cast.musa, "alerts/", q="stairs"))] == ["Stairs"]


def test_a_formula_is_text(cast, alerts):
    (row,) = rows_of(file_of(cast.musa, "alerts/", category="fire"))
    assert row["note"] == "'=cmd|' /C calc'!A0"


def test_as_a_workbook(cast, alerts):
    answer = cast.musa.api.get(cast.musa.url("alerts/"), {"format": "xlsx", "category": "medical"})
    heads, values = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert dict(zip(heads, values, strict=True))["note"] == "Stairs"


def test_each_gets_what_he_may_read_and_no_more(cast, alerts):
    assert [row["raised_by.name"] for row in rows_of(file_of(cast.ada, "alerts/"))] == ["Ada Obi"]


def test_who_may_take_no_lists_out_is_refused_and_still_reads_them(cast, alerts):
    answer = file_of(cast.gate, "alerts/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    assert cast.gate.api.get(cast.gate.url("alerts/")).status_code == 200


def test_stranger_finds_nothing(cast, alerts):
    foreign = f"/api/v1/estates/{cast.estate.pk}/alerts/"
    assert cast.stranger.api.get(foreign, {"format": "csv"}).json()["code"] == "estate_not_found"
    assert rows_of(file_of(cast.stranger, "alerts/")) == []


@pytest.mark.parametrize("given", ["", "pdf", "CSV", "api"])
def test_another_format_is_refused_by_name(cast, given):
    answer = cast.musa.api.get(cast.musa.url("units/"), {"format": given})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "format")


def test_that_it_went_out_stands_on_the_record(cast, alerts):
    file_of(cast.musa, "units/")
    entry = AuditEntry.objects.get(action="backoffice.list.exported")
    assert (entry.actor_id, entry.changes) == (cast.musa.id, {"list": "units", "rows": 2, "file": "csv"})


def test_too_many_are_refused(cast, alerts, monkeypatch):
    monkeypatch.setattr(list_files, "MOST_ROWS", 1)
    assert file_of(cast.musa, "alerts/").json()["code"] == "too_many_to_export"
    assert len(rows_of(file_of(cast.musa, "alerts/", category="fire"))) == 1
    assert AuditEntry.objects.filter(action="backoffice.list.exported").count() == 1


def test_an_empty_list_has_its_heads(cast):
    text = file_of(cast.musa, "alerts/").content.decode("utf-8-sig")
    assert text.startswith("id,number,version,category,")


def test_ones_own_devices_need_no_permission(cast):
    answer = cast.gate.api.get("/api/v1/me/devices/", {"format": "csv"})
    assert answer.status_code == 200


def test_neighbours_do_not_go_out_as_a_file(cast):
    answer = cast.ada.api.get(cast.ada.url("directory/"), {"format": "csv"})
    assert answer.headers["Content-Type"].startswith("application/json")


class Place(View):
    name: str
    floor: int | None


class Thing(View):
    id: UUID
    place: Place | None
    tags: list[str]
    parts: list[Place]
    more: dict[str, int]
    is_new: bool


def test_members_become_columns():
    columns = columns_of(Thing)
    one = Thing(
        id=UUID(int=1),
        place=Place(name="Hall", floor=None),
        tags=["a", "b"],
        parts=[Place(name="Door", floor=1), Place(name="Wall", floor=2)],
        more={"x": 1},
        is_new=True,
    )
    none = Thing(id=UUID(int=2), place=None, tags=[], parts=[], more={}, is_new=False)

    assert [head for head, _ in columns] == [
        "id",
        "place.name",
        "place.floor",
        "tags",
        "parts",
        "more",
        "is_new",
    ]
    assert cells_of(one, columns) == [str(one.id), "Hall", None, "a; b", "Door; Wall", '{"x": 1}', "true"]
    assert cells_of(none, columns) == [str(none.id), None, None, "", "", None, "false"]

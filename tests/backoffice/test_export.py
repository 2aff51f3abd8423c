"""Lists go out as files: each as far as he may read it, and nothing in them runs."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from accounts.models import User
from backoffice.services import exports
from core.actors import SYSTEM
from core.models import AuditEntry
from estates.models import Membership
from estates.services.people import add_unit, end_membership
from tests.support.cast import Person


def take(person: Person, name: str, query: str = "", **headers: str):
    return person.api.get(person.url(f"exports/{name}/?{query}"), headers=headers or None)


def table(person: Person, name: str, query: str = "") -> list[dict[str, str]]:
    answer = take(person, name, query)
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def sheet(person: Person, name: str, query: str = "format=xlsx") -> list[tuple]:
    answer = take(person, name, query)
    assert answer.status_code == 200, answer.content
    return list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows())


def offered(person: Person) -> list[str]:
    return [one["name"] for one in person.api.get(person.url("exports/")).json()["results"]]


def test_each_is_offered_what_he_may_take(cast):
    assert offered(cast.musa) == ["alerts", "people", "units"]
    assert offered(cast.chief) == offered(cast.ada) == offered(cast.accountant) == ["alerts"]
    for person in (cast.gate, cast.kid, cast.worker):
        assert person.api.get(person.url("exports/")).status_code == 403
        assert take(person, "alerts").status_code == 403
    for person in (cast.chief, cast.ada, cast.accountant):
        answer = take(person, "people")
        assert (answer.status_code, answer.json()["code"]) == (404, "list_not_found")
    assert take(cast.musa, "secrets").status_code == 404


def test_units_and_people_are_those_of_the_estate_in_both_formats(cast):
    assert [(row["block"], row["name"], row["latitude"]) for row in table(cast.musa, "units")] == [
        ("B", "B-14", "6.4411"),
        ("B", "B-15", "6.4413"),
    ]
    people = table(cast.musa, "people")
    assert [(row["name"], row["unit"], row["kind"]) for row in people] == [
        ("Ada Obi", "B-14", "owner"),
        ("Bola Ade", "B-15", "tenant"),
        ("Kid Obi", "B-14", "child"),
    ]
    heads, *rows = sheet(cast.musa, "people")
    assert [cell.value for cell in heads] == ["name", "phone", "email", "unit", "kind"]
    assert [[cell.value for cell in row] for row in rows] == [list(row.values()) for row in people]
    assert sheet(cast.musa, "units")[1][2].value == 6.4411
    assert table(cast.stranger, "people") == []


def test_the_accept_header_chooses_too_and_an_unknown_format_is_refused_by_name(cast):
    answer = take(
        cast.musa, "units", accept="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert answer.content.startswith(b"PK")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="units-palm-court.xlsx"'
    for query in ("format=pdf", "template=perhaps"):
        answer = take(cast.musa, "units", query)
        assert (answer.status_code, answer.json()["code"]) == (400, "filter_not_valid"), query


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "  ="])
def test_no_cell_is_a_formula(cast, begin):
    evil = f'{begin}HYPERLINK("http://evil")'
    User.objects.filter(pk=cast.ada.user.pk).update(name=evil)
    rows = {row["kind"]: row for row in table(cast.musa, "people")}
    assert rows["owner"]["name"] == f"'{evil}"
    assert rows["owner"]["phone"].startswith("'+")
    cells = [cell for row in sheet(cast.musa, "people") for cell in row]
    assert f"'{evil}" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_list_is_of_today_and_of_whoever_still_belongs_there(cast):
    end_membership(actor=SYSTEM, membership=cast.bola.membership)
    Membership.objects.of(cast.estate).filter(pk=cast.kid.id).update(status="pending")
    assert [row["name"] for row in table(cast.musa, "people")] == ["Ada Obi"]


def test_everybody_gets_the_alerts_that_he_may_read(cast):
    for person in (cast.ada, cast.bola):
        person.api.post(person.url("alerts/"), {"category": "fire", "note": "=1+1"}, format="json")
    rows = table(cast.chief, "alerts")
    assert [(row["person in need"], row["unit"], row["note"]) for row in rows] == [
        ("Ada Obi", "B-14", "'=1+1"),
        ("Bola Ade", "B-15", "'=1+1"),
    ]
    assert [row["person in need"] for row in table(cast.bola, "alerts")] == ["Bola Ade"]
    assert table(cast.stranger, "alerts") == []
    assert len(sheet(cast.musa, "alerts")) == 3


def test_the_template_has_the_heads_alone_and_says_nothing_of_anybody(cast):
    assert take(cast.musa, "people", "template=true").content.decode("utf-8-sig") == (
        "name,phone,email,unit,kind\r\n"
    )
    assert len(sheet(cast.musa, "people", "format=xlsx&template=true")) == 1
    assert not AuditEntry.objects.filter(action="backoffice.list.exported").exists()


def test_that_it_was_taken_stands_on_the_record(cast):
    take(cast.musa, "units", "format=xlsx")
    entry = AuditEntry.objects.get(action="backoffice.list.exported")
    assert (entry.actor_id, entry.changes) == (
        cast.musa.id,
        {"list": "units", "rows": 2, "file": "xlsx"},
    )


def test_too_much_is_refused_and_a_long_list_costs_no_more_queries(
    cast, monkeypatch, django_assert_max_num_queries
):
    for number in range(30):
        add_unit(actor=SYSTEM, estate=cast.estate, block="C", name=f"C-{number}")
    with django_assert_max_num_queries(12):
        assert len(table(cast.musa, "units")) == 32
    monkeypatch.setattr(exports, "MOST_ROWS", 31)
    answer = take(cast.musa, "units")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_to_export")

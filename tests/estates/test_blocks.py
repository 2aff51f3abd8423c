"""Blocks by name; a unit that was made by mistake goes, one with a history stays."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from emergency.models import Alert
from estates.models import Block, Unit
from tests.emergency.conftest import in_threads


def blocks(person, query=""):
    return person.api.get(person.url(f"blocks/?{query}")).json()["results"]


def add(person, name):
    return person.api.post(person.url("blocks/"), {"name": name}, format="json")


def rename(person, block_id, name):
    return person.api.patch(person.url(f"blocks/{block_id}/"), {"name": name}, format="json")


def remove(person, block_id):
    return person.api.delete(person.url(f"blocks/{block_id}/"))


def add_unit(person, name="C-01", block="C"):
    answer = person.api.post(person.url("units/"), {"name": name, "block": block}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def remove_unit(person, unit_id):
    return person.api.delete(person.url(f"units/{unit_id}/"))


def test_a_block_is_added_found_renamed_and_deleted(cast):
    added = add(cast.musa, "  Acacia   Close ")
    assert (added.status_code, added.json()["name"], added.json()["units"]) == (201, "Acacia Close", 0)
    assert [(row["name"], row["units"]) for row in blocks(cast.musa)] == [("Acacia Close", 0), ("B", 2)]
    for query, names in (
        ("ordering=-name", ["B", "Acacia Close"]),
        ("ordering=-units", ["B", "Acacia Close"]),
        ("ordering=units&q=acacia", ["Acacia Close"]),
        ("q=zebra", []),
    ):
        assert [row["name"] for row in blocks(cast.musa, query)] == names, query

    (b,) = blocks(cast.musa, "q=b&ordering=-units")
    renamed = rename(cast.musa, b["id"], "Birch Street")
    assert renamed.json() == {"id": b["id"], "name": "Birch Street", "units": 2}
    unit = cast.musa.api.get(cast.musa.url(f"units/{cast.unit.pk}/")).json()
    assert unit["block"] == "Birch Street"
    assert remove(cast.musa, added.json()["id"]).status_code == 204
    assert [row["name"] for row in blocks(cast.musa)] == ["Birch Street"]
    actions = AuditEntry.objects.filter(action__startswith="estates.block").order_by("seq")
    assert [(entry.action.split(".")[-1], entry.changes) for entry in actions] == [
        ("created", {"name": "Acacia Close"}),
        ("changed", {"name": ["B", "Birch Street"]}),
        ("removed", {"name": "Acacia Close"}),
    ]


def test_the_pages_of_blocks_follow_one_another_in_each_order(cast):
    for number in range(5):
        add(cast.musa, f"Block {number}")
    for ordering in ("name", "-name", "units", "-units"):
        found, address = [], cast.musa.url(f"blocks/?page_size=2&ordering={ordering}")
        while address:
            page = cast.musa.api.get(address).json()
            found += [row["name"] for row in page["results"]]
            address = page["next"]
        assert sorted(found) == ["B", *(f"Block {number}" for number in range(5))], ordering
    refused = cast.musa.api.get(cast.musa.url("blocks/?ordering=size"))
    assert (refused.status_code, refused.json()["code"]) == (400, "filter_not_valid")
    assert refused.json()["errors"][0]["field"] == "ordering"


def test_a_name_is_one_blocks_and_a_block_with_homes_stays(cast):
    (b,) = blocks(cast.musa)
    other = add(cast.musa, "Other").json()
    assert add(cast.musa, " b ").json()["code"] == "block_exists"
    refused = rename(cast.musa, other["id"], "B")
    assert (refused.status_code, refused.json()["code"]) == (409, "block_exists")
    assert rename(cast.musa, b["id"], "b").json()["name"] == "b"
    refused = remove(cast.musa, b["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "block_in_use")
    assert Block.objects.of(cast.estate).count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_block(cast):
    answers = in_threads(20, lambda _: add(cast.musa, "North").status_code)
    assert sorted(answers) == [201] + [409] * 19


@pytest.mark.parametrize("name", ["", " \t ", "x" * 101, 5, None])
def test_nonsense_is_refused_by_name(cast, name):
    for answer in (add(cast.musa, name), rename(cast.musa, cast.unit.block_id, name)):
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "name")
    assert [row["name"] for row in blocks(cast.musa)] == ["B"]


def test_only_a_manager_changes_blocks_and_strangers_find_none(cast):
    block = cast.unit.block_id
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert add(person, "X").status_code == 403
        assert rename(person, block, "X").status_code == 403
        assert remove(person, block).status_code == 403
        assert remove_unit(person, cast.unit.pk).status_code == 403
    assert cast.ada.api.get(cast.ada.url("blocks/")).status_code == 403
    assert len(blocks(cast.accountant)) == 1
    assert blocks(cast.stranger) == blocks(cast.stranger, "q=B") == []
    assert rename(cast.stranger, block, "X").json()["code"] == "block_not_found"
    assert remove(cast.stranger, block).json()["code"] == "block_not_found"
    assert remove_unit(cast.stranger, cast.unit.pk).json()["code"] == "unit_not_found"
    assert cast.stranger.api.get(cast.musa.url("blocks/")).status_code == 404


def test_the_list_costs_the_same_however_long(cast):
    counts = []
    for size in (1, 20):
        while Block.objects.of(cast.estate).count() < size:
            add(cast.musa, f"Block {Block.objects.of(cast.estate).count()}")
        with CaptureQueriesContext(connection) as queries:
            blocks(cast.musa)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_a_unit_made_by_mistake_is_deleted(cast):
    unit = add_unit(cast.musa)
    assert remove_unit(cast.musa, unit).status_code == 204
    assert remove_unit(cast.musa, unit).status_code == 404
    assert not Unit.objects.of(cast.estate).filter(name="C-01").exists()
    entry = AuditEntry.objects.get(action="estates.unit.removed")
    assert entry.changes == {"name": "C-01", "block": "C"}


def test_a_unit_with_a_history_stays(cast):
    lived_in = remove_unit(cast.musa, cast.unit.pk)
    assert (lived_in.status_code, lived_in.json()["code"]) == (409, "unit_in_use")
    unit = add_unit(cast.musa)
    alert = cast.bola.api.post(cast.bola.url("alerts/"), {"category": "fire"}, format="json").json()
    Alert.objects.of(cast.estate).filter(pk=alert["id"]).update(unit_id=unit)
    assert remove_unit(cast.musa, unit).json()["code"] == "unit_in_use"
    assert Unit.objects.of(cast.estate).filter(pk=unit).exists()

"""Pages of a list while rows come and go."""

import random
from typing import ClassVar

import pytest

from core.actors import SYSTEM
from core.http.filters import FilterNotValid, searched
from core.http.pagination import Pages
from estates.models import Unit
from estates.services.people import add_unit


class ByBlock(Pages):
    max_page_size = 3
    page_size = 3
    orders: ClassVar = {"block": ("block__name", "id"), "name": ("name", "id")}
    ordering = "block"


@pytest.fixture
def units(cast):
    """Twelve in three blocks: far more alike than a page is long."""
    for number in range(12):
        add_unit(actor=SYSTEM, estate=cast.estate, block="XYZ"[number % 3], name=f"U{number:02}")
    return lambda: Unit.objects.of(cast.estate).filter(name__startswith="U")


def walk(rows, ordering, way="next", given=None, at_each_page=lambda seen: None):
    """Every name in the order met, and the last page's slice."""
    given, seen = dict(given or {}) | {"ordering": ordering}, []
    for _ in range(50):
        page = ByBlock.take(rows(), given)
        names = [unit.name for unit in page.rows]
        seen += names if way == "next" else names[::-1]
        if (cursor := getattr(page, way)) is None:
            return seen, page
        given["cursor"] = str(cursor)
        at_each_page(seen)
    raise AssertionError("this list has no end")


@pytest.mark.parametrize("ordering", ByBlock.names())
def test_both_ways_give_each_row_once_in_order(units, ordering):
    there, last = walk(units, ordering)
    back, _ = walk(units, ordering, "previous", {"cursor": str(last.previous)})

    field = "block__name" if "block" in ordering else "name"
    by_database = units().order_by(*(("-" if ordering[0] == "-" else "") + f for f in (field, "id")))
    assert there == [unit.name for unit in by_database]
    assert back == there[: len(back)][::-1]
    assert len(back) == len(there) - len(last.rows)


@pytest.mark.parametrize("ordering", ByBlock.names())
@pytest.mark.parametrize("way", ["next", "previous"])
def test_rows_that_come_and_go_leave_no_gap_and_repeat_nothing(cast, units, ordering, way):
    draw, gone, number = random.Random(7), set(), 100
    stays = {unit.name for unit in units()}

    def disturb(seen):
        nonlocal number
        number += 1
        add_unit(actor=SYSTEM, estate=cast.estate, block=draw.choice("XYZ"), name=f"U{number}")
        # Whoever stood at the edge of the page that was just read is the worst to lose.
        gone.add(seen[-1])
        units().filter(name=seen[-1]).delete()

    start = {}
    if way == "previous":
        _, last = walk(units, ordering)
        start = {"cursor": str(last.previous)}
        stays -= {unit.name for unit in last.rows}
    seen, _ = walk(units, ordering, way, start, disturb)

    assert len(seen) == len(set(seen))
    assert stays - gone <= set(seen)


def test_the_way_back_from_an_empty_page_leads_to_where_one_was(units):
    first = ByBlock.take(units(), {"page_size": "3"})
    assert first.next is not None
    kept = [unit.name for unit in first.rows]
    units().exclude(name__in=kept).delete()

    beyond = ByBlock.take(units(), {"cursor": str(first.next)})
    assert (beyond.rows, beyond.next) == ([], None)
    back = ByBlock.take(units(), {"cursor": str(beyond.previous)})

    assert [unit.name for unit in back.rows] == kept


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ordering": "phone"}, "ordering"),
        ({"ordering": ""}, "ordering"),
        ({"ordering": "--name"}, "ordering"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "4"}, "page_size"),
        ({"page_size": "-1"}, "page_size"),
        ({"page_size": "²"}, "page_size"),
        ({"page_size": "9" * 5000}, "page_size"),
        ({"page_size": ""}, "page_size"),
        ({"cursor": "cD0x"}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
    ],
)
def test_what_a_list_does_not_take_is_refused_by_name(units, given, field):
    with pytest.raises(FilterNotValid) as refused:
        ByBlock.take(units(), given)

    assert [problem["field"] for problem in refused.value.fields] == [field]


def test_a_cursor_is_good_for_its_own_order_alone(units):
    page = ByBlock.take(units(), {"ordering": "block"})

    with pytest.raises(FilterNotValid, match="another"):
        ByBlock.take(units(), {"ordering": "-block", "cursor": str(page.next)})


def test_what_is_searched_for_may_stand_in_any_of_the_fields(units):
    assert {unit.name for unit in searched(units(), {"q": " x "}, "name", "block__name")} == {
        "U00",
        "U03",
        "U06",
        "U09",
    }
    assert searched(units(), {"q": "\x00"}, "name").count() == 12, "nothing is left to search for"

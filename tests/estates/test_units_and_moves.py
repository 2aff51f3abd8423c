"""Homes, and who lives in them: people come and go, the unit and its history stay."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.models import AuditEntry
from estates import moves
from estates.models import Block, Membership, Occupancy, Unit
from estates.moves import Move, on_move
from estates.selectors import today, unit_of
from tests.emergency.conftest import in_threads


def units(person, query=""):
    return person.api.get(person.url(f"units/?{query}")).json()["results"]


def add(person, **data):
    return person.api.post(person.url("units/"), {"block": "C", "name": "C-01", **data}, format="json")


def move_in(cast, unit_id, member_id, **data):
    body = {"member_id": str(member_id), "kind": "tenant", **data}
    return cast.musa.api.post(cast.musa.url(f"units/{unit_id}/occupancies/"), body, format="json")


def move_out(cast, occupancy_id, **data):
    return cast.musa.api.post(cast.musa.url(f"occupancies/{occupancy_id}/end/"), data, format="json")


@pytest.fixture
def told(monkeypatch):
    """What a feature hears of moves."""
    found: list[Move] = []
    monkeypatch.setattr(moves, "reactions", [])
    on_move(found.append)
    return found


def test_a_unit_is_added_found_and_changed(cast):
    answer = add(cast.musa, latitude=6.4, longitude=3.4)
    assert answer.status_code == 201, answer.content
    unit = answer.json()
    assert (unit["name"], unit["block"], unit["occupants"], unit["history"]) == ("C-01", "C", [], [])
    assert [one["name"] for one in units(cast.musa)] == ["B-14", "B-15", "C-01"]
    for query, names in (
        ("q=c-0", ["C-01"]),
        ("q=ADA", ["B-14"]),
        ("block=b", ["B-14", "B-15"]),
        ("q=nobody", []),
    ):
        assert [one["name"] for one in units(cast.musa, query)] == names, query

    path = cast.musa.url(f"units/{unit['id']}/")
    changed = cast.musa.api.patch(path, {"name": "C-1", "block": "B", "latitude": None}, format="json").json()
    assert (changed["name"], changed["block"], changed["latitude"], changed["longitude"]) == (
        "C-1",
        "B",
        None,
        3.4,
    )
    entry = AuditEntry.objects.get(action="estates.unit.changed")
    assert entry.changes == {"name": ["C-01", "C-1"], "block": ["C", "B"], "latitude": ["6.4", "None"]}
    cast.musa.api.patch(path, {"name": "C-1"}, format="json")
    assert AuditEntry.objects.filter(action="estates.unit.changed").count() == 1


def test_a_name_is_used_once_and_a_block_is_the_same_however_it_is_written(cast):
    assert add(cast.musa, name=" b-14 ").json()["code"] == "unit_exists"
    add(cast.musa, block="  b ", name="B-16")
    assert Block.objects.of(cast.estate).count() == 1
    other = cast.musa.url(f"units/{cast.unit.pk}/")
    answer = cast.musa.api.patch(other, {"name": "B-15"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "unit_exists")
    assert cast.musa.api.patch(other, {"name": "b-14"}, format="json").json()["name"] == "b-14"


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_unit(cast):
    answers = in_threads(20, lambda _: add(cast.musa).status_code)
    assert sorted(answers) == [201] + [409] * 19
    assert Unit.objects.of(cast.estate).filter(name="C-01").count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \t "}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"block": 5}, "block"),
        ({"latitude": 91}, "latitude"),
        ({"longitude": "east"}, "longitude"),
        ({"floor": 2}, "floor"),
    ],
)
def test_nonsense_about_a_unit_is_refused_by_name(cast, data, field):
    answer = add(cast.musa, **data)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_unit_outlives_its_people(cast, told):
    day = today(cast.estate)
    (home,) = list(units(cast.musa, "q=B-15"))
    (bola,) = home["occupants"]
    ended = move_out(cast, bola["occupancy_id"])
    assert (ended.status_code, ended.json()["ends_on"]) == (200, day.isoformat())
    begun = move_in(cast, home["id"], cast.worker.id, kind="owner")
    assert begun.status_code == 201, begun.content

    unit = cast.musa.api.get(cast.musa.url(f"units/{home['id']}/")).json()
    assert [row["name"] for row in unit["occupants"]] == [cast.worker.name]
    assert [row["name"] for row in unit["history"]] == [cast.worker.name, cast.bola.name]
    assert unit_of(cast.bola.member, cast.estate) is None
    assert [(move.is_in, move.occupancy.membership_id) for move in told] == [
        (False, cast.bola.id),
        (True, cast.worker.id),
    ]
    actions = AuditEntry.objects.filter(action__startswith="estates.occupancy").order_by("-seq")[:2]
    assert [entry.action for entry in actions] == ["estates.occupancy.started", "estates.occupancy.ended"]


def test_who_moves_is_asked_to_come_back_with_what_he_now_may(cast):
    epoch = cast.bola.member.role_epoch
    (home,) = units(cast.musa, "q=B-15")
    move_out(cast, home["occupants"][0]["occupancy_id"])
    assert cast.bola.member.role_epoch > epoch


def test_moving_out_twice_is_moving_out_once(cast, told):
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership)
    first, second = move_out(cast, occupancy.pk), move_out(cast, occupancy.pk)
    assert first.json() == second.json()
    assert len(told) == 1


def test_what_fails_in_a_feature_undoes_the_move(cast, monkeypatch):
    def refuse(move):
        raise LookupError("the gate is away")

    monkeypatch.setattr(moves, "reactions", [refuse])
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership)
    with pytest.raises(LookupError):
        move_out(cast, occupancy.pk)
    occupancy.refresh_from_db()
    assert occupancy.ends_on is None
    assert not AuditEntry.objects.filter(action="estates.occupancy.ended").exists()


def test_one_does_not_move_in_twice_nor_out_before_one_came(cast):
    day = today(cast.estate)
    for data in ({}, {"starts_on": "2019-01-01"}, {"starts_on": str(day + timedelta(days=90))}):
        answer = move_in(cast, cast.unit.pk, cast.ada.id, **data)
        assert (answer.status_code, answer.json()["code"]) == (409, "lives_there"), data
    before = move_in(cast, cast.unit.pk, cast.ada.id, starts_on="2019-01-01", ends_on="2020-01-01")
    assert before.status_code == 201
    same_day = move_in(cast, cast.unit.pk, cast.bola.id, starts_on=str(day), ends_on=str(day))
    assert same_day.json()["code"] == "ends_too_early"
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership)
    assert move_out(cast, occupancy.pk, ends_on="2019-12-31").json()["code"] == "ends_too_early"


def test_a_move_can_be_planned(cast):
    later = today(cast.estate) + timedelta(days=30)
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership)
    move_out(cast, occupancy.pk, ends_on=str(later))
    assert unit_of(cast.bola.member, cast.estate) is not None
    move_in(cast, occupancy.unit_id, cast.worker.id, starts_on=str(later))
    assert unit_of(cast.worker.member, cast.estate) is None
    unit = cast.musa.api.get(cast.musa.url(f"units/{occupancy.unit_id}/")).json()
    assert [row["name"] for row in unit["occupants"]] == [cast.bola.name]
    assert [row["starts_on"] for row in unit["history"]] == [str(later), "2020-01-01"]


def test_who_left_the_estate_lives_nowhere_in_it(cast, told):
    answer = cast.musa.api.delete(cast.musa.url(f"people/{cast.ada.id}/"))
    assert answer.status_code == 204
    assert Membership.objects.of(cast.estate).get(pk=cast.ada.id).status == "ended"
    (home,) = units(cast.musa, "q=B-14")
    assert [row["name"] for row in home["occupants"]] == [cast.kid.name]
    assert [move.is_in for move in told] == [False]
    assert move_in(cast, cast.unit.pk, cast.ada.id).json()["code"] == "member_not_found"


def test_only_a_manager_changes_homes_and_strangers_find_none(cast):
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership)
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert add(person).status_code == 403
        assert person.api.patch(person.url(f"units/{cast.unit.pk}/"), {}, format="json").status_code == 403
        assert person.api.post(person.url(f"occupancies/{occupancy.pk}/end/"), {}).status_code == 403
    assert cast.ada.api.get(cast.ada.url("units/")).status_code == 403
    assert len(units(cast.accountant)) == 2

    stranger = cast.stranger
    assert units(stranger) == units(stranger, "q=B-14") == []
    body = {"member_id": str(cast.ada.id), "kind": "owner"}
    theirs = stranger.api.post(stranger.url("units/"), {"name": "1", "block": "1"}, format="json").json()[
        "id"
    ]
    for method, path, data in (
        ("get", f"units/{cast.unit.pk}/", None),
        ("patch", f"units/{cast.unit.pk}/", {"name": "x"}),
        ("post", f"units/{cast.unit.pk}/occupancies/", body),
        ("post", f"units/{theirs}/occupancies/", body),
        ("post", f"occupancies/{occupancy.pk}/end/", {}),
        ("get", f"units/{uuid4()}/", None),
    ):
        answer = getattr(stranger.api, method)(stranger.url(path), data, format="json")
        assert answer.status_code == 404, (method, path)
    occupancy.refresh_from_db()
    assert occupancy.ends_on is None


def test_the_list_costs_the_same_however_long_it_is(cast, django_assert_num_queries):
    for number in range(12):
        add(cast.musa, name=f"D-{number}")
    for size in (2, 100):
        with django_assert_num_queries(4):
            assert len(units(cast.musa, f"page_size={size}")) == min(size, 14)


def test_dates_that_are_none_are_refused(cast):
    path = cast.musa.url(f"units/{cast.unit.pk}/occupancies/")
    for data in ({"starts_on": "2026-02-30"}, {"starts_on": 5}, {"kind": "king"}, {"member_id": "me"}):
        body = {"member_id": str(cast.worker.id), "kind": "owner"} | data
        answer = cast.musa.api.post(path, body, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(data)))

"""Living somewhere gives a role and leaving takes it: in one act, on its day, with whoever hangs on it."""

from datetime import timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from core.clock import now
from core.models import AuditEntry
from estates import moves
from estates.models import Membership, Occupancy, RoleGrant, Unit
from estates.moves import Move, on_move
from estates.permissions import Permission
from estates.selectors import today
from estates.services.first_days import begin_homes
from estates.services.people import move_in as put_in
from tests.emergency.conftest import in_threads
from tests.estates.test_units_and_moves import move_in, move_out


def home_of(person):
    return Occupancy.objects.of(person.estate).filter(membership=person.membership).latest("starts_on")


def roles(person):
    return set(person.member.role_keys)


def next_door(cast):
    return Unit.objects.of(cast.estate).get(name="B-15")


def hand_over(person, unit, *occupants, **more):
    people = [{"member_id": str(one.id), "kind": kind} for one, kind in occupants]
    path = person.url(f"units/{unit.pk}/handover/")
    return person.api.post(path, {"occupants": people, **more}, format="json")


@pytest.fixture
def told(monkeypatch):
    found: list[Move] = []
    monkeypatch.setattr(moves, "reactions", [*moves.reactions])
    on_move(found.append)
    return found


def test_the_role_comes_and_goes_with_the_home(cast):
    assert move_in(cast, cast.unit.pk, cast.worker.id, kind="family").status_code == 201
    assert roles(cast.worker) == {"domestic_staff", "household_member"}
    move_out(cast, home_of(cast.worker).pk)
    assert roles(cast.worker) == {"domestic_staff"}

    move_out(cast, home_of(cast.bola).pk)
    assert roles(cast.bola) == set()
    assert not cast.bola.member.may(Permission.EXPORT_LISTS)
    assert cast.bola.member.may(Permission.RAISE_ALERT)
    entry = AuditEntry.objects.filter(action="estates.role.revoked").latest("seq")
    assert (entry.changes, entry.actor_name) == ({"role": "tenant"}, cast.musa.name)


def test_the_role_stays_while_another_home_of_the_kind_does(cast):
    move_in(cast, cast.unit.pk, cast.bola.id, kind="tenant")
    move_in(cast, cast.unit.pk, cast.worker.id, kind="owner")
    first = Occupancy.objects.of(cast.estate).get(membership=cast.bola.membership, unit__name="B-15")
    move_out(cast, first.pk)
    assert roles(cast.bola) == {"tenant"}
    assert roles(cast.worker) == {"domestic_staff", "owner"}
    move_out(cast, home_of(cast.bola).pk)
    assert roles(cast.bola) == set()
    assert cast.ada.member.role_keys == {"owner"}, "nobody else's role ends"


def test_a_planned_end_takes_the_role_on_that_day_and_not_before(cast):
    day = today(cast.estate) + timedelta(days=10)
    move_out(cast, home_of(cast.bola).pk, ends_on=str(day))
    assert roles(cast.bola) == {"tenant"}
    grant = RoleGrant.objects.of(cast.estate).get(membership=cast.bola.membership)
    assert grant.expires_at is not None
    # Lagos is one hour ahead of UTC.
    assert grant.expires_at.isoformat() == f"{day - timedelta(days=1)}T23:00:00+00:00"
    with time_machine.travel(grant.expires_at + timedelta(seconds=1)):
        assert roles(cast.bola) == set()


def test_one_home_after_the_other_keeps_the_role_without_a_gap(cast):
    day = today(cast.estate) + timedelta(days=10)
    move_in(cast, cast.unit.pk, cast.bola.id, kind="tenant", starts_on=str(day))
    move_out(cast, home_of_unit(cast.bola, "B-15").pk, ends_on=str(day))
    assert RoleGrant.objects.of(cast.estate).get(membership=cast.bola.membership).expires_at is None


def home_of_unit(person, name):
    return Occupancy.objects.of(person.estate).get(membership=person.membership, unit__name=name)


def test_a_planned_home_gives_its_role_on_its_first_day_and_once(cast):
    day = today(cast.estate) + timedelta(days=3)
    move_in(cast, cast.unit.pk, cast.worker.id, kind="tenant", starts_on=str(day))
    begin_homes()
    assert roles(cast.worker) == {"domestic_staff"}
    with time_machine.travel(now() + timedelta(days=4)):
        assert begin_homes() == 1
        assert roles(cast.worker) == {"domestic_staff", "tenant"}
        cast.musa.api.delete(cast.musa.url(f"people/{cast.worker.id}/roles/tenant/"))
        assert begin_homes() == 0
        assert roles(cast.worker) == {"domestic_staff"}, "what a manager took away stays away"


def test_who_left_meanwhile_gets_no_role_on_that_day(cast):
    day = today(cast.estate) + timedelta(days=3)
    move_in(cast, cast.unit.pk, cast.worker.id, kind="tenant", starts_on=str(day))
    cast.musa.api.delete(cast.musa.url(f"people/{cast.worker.id}/"))
    with time_machine.travel(now() + timedelta(days=4)):
        begin_homes()
        assert not RoleGrant.objects.of(cast.estate).filter(membership=cast.worker.membership).exists()


def test_the_household_that_hangs_on_somebody_leaves_with_him(cast, told):
    day = today(cast.estate)
    guest = put_in(
        actor=SYSTEM,
        unit=next_door(cast),
        membership=cast.worker.membership,
        kind=Occupancy.Kind.FAMILY,
        starts_on=day,
        host=home_of(cast.bola),
    )
    RoleGrant.objects.of(cast.estate).get(membership=cast.worker.membership, role__key="domestic_staff")
    move_in(cast, next_door(cast).pk, cast.accountant.id, kind="family")
    move_out(cast, home_of(cast.bola).pk)
    guest.refresh_from_db()
    assert guest.ends_on == day
    assert home_of(cast.accountant).ends_on is None, "whom the office moved in stays until it says so"
    ended = [move.occupancy.membership_id for move in told if not move.is_in]
    assert ended == [cast.bola.id, cast.worker.id]


def test_who_leaves_the_estate_takes_no_role_along_and_brings_none_back(cast):
    put_in(
        actor=SYSTEM,
        unit=cast.unit,
        membership=cast.worker.membership,
        kind=Occupancy.Kind.FAMILY,
        starts_on=today(cast.estate),
        host=home_of(cast.ada),
    )
    cast.musa.api.delete(cast.musa.url(f"people/{cast.ada.id}/"))
    assert home_of(cast.worker).ends_on == today(cast.estate)
    assert home_of(cast.kid).ends_on is None
    assert not RoleGrant.objects.of(cast.estate).filter(membership=cast.ada.membership).exists()


def test_a_home_changes_hands_in_one_act(cast, told):
    unit, day = next_door(cast), today(cast.estate)
    move_in(cast, unit.pk, cast.accountant.id, kind="family")
    told.clear()
    answer = hand_over(cast.musa, unit, (cast.worker, "owner"), (cast.bola, "family"))
    assert answer.status_code == 200, answer.content
    assert {(row["name"], row["kind"]) for row in answer.json()["occupants"]} == {
        (cast.worker.name, "owner"),
        (cast.bola.name, "family"),
    }
    assert [row["ends_on"] for row in answer.json()["history"]].count(str(day)) == 2
    assert roles(cast.bola) == {"household_member"}
    assert roles(cast.worker) == {"domestic_staff", "owner"}
    assert roles(cast.accountant) == {"accountant"}
    assert sorted(move.is_in for move in told) == [False, False, True, True]
    assert AuditEntry.objects.filter(action="estates.unit.handed_over").count() == 1


def test_a_home_changes_hands_on_a_day_to_come(cast):
    unit, day = next_door(cast), today(cast.estate) + timedelta(days=5)
    answer = hand_over(cast.musa, unit, (cast.worker, "tenant"), on=str(day))
    assert [row["name"] for row in answer.json()["occupants"]] == [cast.bola.name]
    assert roles(cast.bola) == {"tenant"}
    with time_machine.travel(now() + timedelta(days=6)):
        begin_homes()
        assert (roles(cast.bola), roles(cast.worker)) == (set(), {"domestic_staff", "tenant"})


@pytest.mark.parametrize("what", ["stranger", "twice", "ended"])
def test_one_who_cannot_come_keeps_everybody_where_he_is(cast, what):
    unit = next_door(cast)
    others = {
        "stranger": [(cast.worker, "owner"), (cast.stranger, "owner")],
        "twice": [(cast.worker, "owner"), (cast.worker, "family")],
        "ended": [(cast.worker, "owner"), (cast.gate, "owner")],
    }
    Membership.objects.of(cast.estate).filter(pk=cast.gate.id).update(status=Membership.Status.ENDED)
    answer = hand_over(cast.musa, unit, *others[what])
    expected = (409, "lives_there") if what == "twice" else (404, "member_not_found")
    assert (answer.status_code, answer.json()["code"]) == expected
    assert home_of(cast.bola).ends_on is None
    assert not Occupancy.objects.of(cast.estate).filter(membership=cast.worker.membership).exists()
    assert (roles(cast.bola), roles(cast.worker)) == ({"tenant"}, {"domestic_staff"})
    assert not AuditEntry.objects.filter(action="estates.unit.handed_over").exists()


def test_a_feature_that_fails_undoes_the_whole_handover(cast, monkeypatch):
    def fails(move: Move) -> None:
        if move.is_in:
            raise LookupError

    monkeypatch.setattr(moves, "reactions", [fails])
    with pytest.raises(LookupError):
        hand_over(cast.musa, next_door(cast), (cast.worker, "owner"))
    assert home_of(cast.bola).ends_on is None
    assert roles(cast.bola) == {"tenant"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "occupants"),
        ({"occupants": [{"member_id": "x", "kind": "owner"}]}, "occupants[0].member_id"),
        ({"occupants": [], "on": "soon"}, "on"),
    ],
)
def test_nonsense_is_refused_by_name(cast, body, field):
    path = cast.musa.url(f"units/{cast.unit.pk}/handover/")
    answer = cast.musa.api.post(path, body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert home_of(cast.ada).ends_on is None


def test_only_a_manager_hands_over_and_no_strangers_home(cast):
    for person in (cast.ada, cast.chief, cast.accountant):
        assert hand_over(person, cast.unit).status_code == 403
    answer = hand_over(cast.stranger, cast.unit)
    assert (answer.status_code, answer.json()["code"]) == (404, "unit_not_found")
    assert home_of(cast.ada).ends_on is None


def test_nobody_gives_a_home_whose_role_is_above_him(cast):
    """A role of the estate's own that may move people, and nothing else."""
    body = {"name": "Letting desk", "permissions": [Permission.MANAGE_PEOPLE.value]}
    key = cast.musa.api.post(cast.musa.url("roles/"), body, format="json").json()["key"]
    cast.musa.api.post(cast.musa.url(f"people/{cast.sule.id}/roles/"), {"role": key}, format="json")
    answer = cast.sule.api.post(
        cast.sule.url(f"units/{cast.unit.pk}/occupancies/"),
        {"member_id": str(cast.sule.id), "kind": "owner"},
        format="json",
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "above_own")
    assert not Occupancy.objects.of(cast.estate).filter(membership=cast.sule.membership).exists()


@pytest.mark.django_db(transaction=True)
def test_two_handovers_at_once_leave_one_household(cast):
    others = [cast.worker, cast.gate, cast.sule, cast.accountant]
    in_threads(4, lambda n: hand_over(cast.musa, cast.unit, (others[n], "owner")).status_code)
    day = today(cast.estate)
    living = Occupancy.objects.of(cast.estate).filter(unit=cast.unit, ends_on__isnull=True)
    assert living.count() == 1
    assert Occupancy.objects.of(cast.estate).filter(unit=cast.unit, ends_on=day).count() == 5
    held = RoleGrant.objects.of(cast.estate).filter(role__key="owner", expires_at__isnull=True)
    assert list(held.values_list("membership_id", flat=True)) == [living.get().membership_id]

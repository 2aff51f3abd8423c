"""Who belongs where, as what, from when to when."""

from datetime import date, timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from core.clock import now
from core.models import AuditEntry
from estates.errors import EstateNotFound, MemberNotFound, PermissionMissing
from estates.models import Occupancy, Role
from estates.permissions import Permission, RoleKey, require
from estates.selectors import guards_on_duty, member_by_id, member_of, members_with_role, unit_of
from estates.services.people import add_member, add_unit, end_membership, grant_role, move_in, revoke_role


def test_one_login_has_different_roles_in_two_estates(cast):
    add_member(actor=SYSTEM, estate=cast.other_estate, user=cast.ada.user, roles=[RoleKey.MANAGER])

    estate, here = member_of(cast.ada.user, cast.estate.pk)
    _, there = member_of(cast.ada.user, cast.other_estate.pk)

    assert estate == cast.estate
    assert (sorted(here.role_keys), sorted(there.role_keys)) == (["owner"], ["manager"])
    assert not here.may(Permission.READ_ALERTS)
    assert there.may(Permission.READ_ALERTS)
    listed = cast.ada.api.get("/api/v1/me/").json()["memberships"]
    assert [row["estate"]["name"] for row in listed] == ["Palm Court", "Next Door"]


def test_a_stranger_is_told_that_there_is_no_such_estate(cast):
    with pytest.raises(EstateNotFound):
        member_of(cast.stranger.user, cast.estate.pk)
    with pytest.raises(MemberNotFound):
        member_by_id(cast.other_estate.pk, cast.ada.id)
    with pytest.raises(EstateNotFound):
        require(cast.stranger.member, Permission.READ_ESTATE, cast.estate)


def test_require_names_the_permission(cast):
    require(cast.gate.member, Permission.ACKNOWLEDGE_ALERT, cast.estate)
    with pytest.raises(PermissionMissing) as caught:
        require(cast.ada.member, Permission.ACKNOWLEDGE_ALERT, cast.estate)

    assert caught.value.extra == {"permission": "emergency.alert.acknowledge"}


def test_an_ended_member_is_nobody(cast):
    end_membership(actor=SYSTEM, membership=cast.gate.membership)

    with pytest.raises(EstateNotFound):
        member_of(cast.gate.user, cast.estate.pk)
    assert cast.gate.name not in {row.name for row in members_with_role(cast.estate, RoleKey.GUARD)}


def test_a_suspended_estate_is_closed_to_everybody(cast):
    cast.estate.is_suspended = True
    cast.estate.save()

    assert cast.musa.api.get(cast.musa.url("")).status_code == 404


def test_an_estates_own_role_gives_what_it_names_and_nothing_unknown(cast):
    role = Role.objects.create(
        estate=cast.estate, key="warden", name="Warden", permissions=["emergency.alert.read", "no.such.thing"]
    )
    before = cast.ada.member

    grant_role(actor=SYSTEM, membership=cast.ada.membership, role=role)

    assert cast.ada.member.permissions - before.permissions == {Permission.READ_ALERTS}
    assert cast.ada.member.role_epoch == before.role_epoch + 1


def test_a_role_named_like_a_built_in_one_gives_nothing_of_it(cast):
    role = Role.objects.create(estate=cast.estate, key="manager", name="Manager", permissions=[])

    grant_role(actor=SYSTEM, membership=cast.ada.membership, role=role)

    assert not cast.ada.member.may(Permission.MANAGE_POLICIES)


def test_a_role_can_be_lent_for_a_time(cast):
    role = Role.objects.get(estate=None, key="guard")
    grant_role(
        actor=SYSTEM, membership=cast.bola.membership, role=role, expires_at=now() + timedelta(hours=1)
    )
    assert cast.bola.member.may(Permission.ACKNOWLEDGE_ALERT)

    with time_machine.travel(now() + timedelta(hours=2)):
        assert not cast.bola.member.may(Permission.ACKNOWLEDGE_ALERT)
        assert cast.bola.name not in {row.name for row in members_with_role(cast.estate, RoleKey.GUARD)}


def test_a_role_that_was_taken_away_is_gone_and_on_record(cast):
    revoke_role(
        actor=SYSTEM, membership=cast.gate.membership, role=Role.objects.get(estate=None, key="guard")
    )

    assert cast.gate.member.role_keys == frozenset()
    assert not cast.gate.member.may(Permission.ACKNOWLEDGE_ALERT)
    assert cast.gate.member.may(Permission.RAISE_ALERT), "an SOS needs no role"
    assert AuditEntry.objects.filter(action="estates.role.revoked", estate_id=cast.estate.pk).count() == 1


def test_a_unit_has_its_occupants_one_after_the_other(cast):
    unit = add_unit(actor=SYSTEM, estate=cast.estate, block="C", name="C-02")
    move_in(
        actor=SYSTEM,
        unit=unit,
        membership=cast.bola.membership,
        kind=Occupancy.Kind.TENANT,
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 6, 1),
    )

    with time_machine.travel("2025-05-31T12:00:00Z"):
        assert unit_of(cast.bola.member, cast.estate) == unit
    with time_machine.travel("2025-06-01T12:00:00Z"):
        assert str(unit_of(cast.bola.member, cast.estate)) == "B-15"
    assert unit_of(cast.gate.member, cast.estate) is None


def test_today_is_the_estates_day(cast):
    unit = add_unit(actor=SYSTEM, estate=cast.estate, block="C", name="C-03")
    move_in(
        actor=SYSTEM,
        unit=unit,
        membership=cast.kid.membership,
        kind=Occupancy.Kind.CHILD,
        starts_on=date(2026, 1, 2),
    )

    # Lagos is an hour ahead of UTC: there the second of January has begun.
    with time_machine.travel("2026-01-01T23:30:00Z", tick=False):
        assert unit_of(cast.kid.member, cast.estate) == unit
    with time_machine.travel("2026-01-01T22:30:00Z", tick=False):
        assert unit_of(cast.kid.member, cast.estate) != unit


def test_nobody_is_on_duty_until_he_says_so(cast):
    assert guards_on_duty(cast.estate) == []

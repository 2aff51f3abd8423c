"""Who may no longer listen is cut off within five seconds."""

from datetime import timedelta

import pytest
from allauth.account.internal.userkit import user_id_to_str
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session

from accounts.models import User
from core.actors import SYSTEM
from core.clock import now
from estates.models import Estate, Occupancy, Role, RoleGrant
from estates.services.homes import hand_over, move_member_out
from estates.services.people import end_membership, grant_role, revoke_role
from realtime.topics import emergency_lane, guards
from tests.support.wire import Tablet

pytestmark = pytest.mark.socket


async def _cut_off(tablet, act) -> None:
    await sync_to_async(act)()
    assert await tablet.close_code(timeout=5) == 4503


async def test_a_disabled_user(server, cast):
    tablet = await server.tablet(cast.gate)
    await _cut_off(tablet, lambda: User.objects.filter(pk=cast.gate.user.pk).update(is_active=False))


async def test_a_revoked_session(server, cast):
    tablet = await server.tablet(cast.gate)

    def sign_out() -> None:
        for session in Session.objects.all():
            if session.get_decoded().get("_auth_user_id") == user_id_to_str(cast.gate.user):
                session.delete()

    await _cut_off(tablet, sign_out)


async def test_a_removed_role(server, cast):
    tablet = await server.tablet(cast.gate)
    await _cut_off(
        tablet,
        lambda: revoke_role(
            actor=SYSTEM, membership=cast.gate.membership, role=Role.objects.get(key="guard")
        ),
    )


async def test_a_role_that_was_given_for_a_time(server, cast):
    """Nobody takes it away: it ends by itself."""
    until = now() + timedelta(seconds=3)
    grants = RoleGrant.objects.of(cast.estate).filter(membership=cast.gate.membership)
    await grants.aupdate(expires_at=until)
    tablet = await server.tablet(cast.gate)
    assert await tablet.close_code(timeout=3 + 5) == 4503
    assert now() >= until


async def test_an_ended_membership(server, cast):
    tablet = await server.tablet(cast.gate)
    await _cut_off(tablet, lambda: end_membership(actor=SYSTEM, membership=cast.gate.membership))


async def test_a_suspended_estate(server, cast):
    tablet = await server.tablet(cast.gate)
    await _cut_off(tablet, lambda: Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True))


async def test_who_gains_a_role_hears_more_in_the_same_socket(server, cast):
    tablet = await server.tablet(cast.ada)
    lane = emergency_lane(cast.estate.pk).name
    assert lane not in tablet.welcome["topics"]

    def grant() -> None:
        grant_role(actor=SYSTEM, membership=cast.ada.membership, role=Role.objects.get(key="guard"))

    await sync_to_async(grant)()
    frame = await tablet.frame("subscriptions", timeout=5)

    assert set(frame["joined"]) == {lane, guards(cast.estate.pk).name}
    assert frame["left"] == []
    bola = await server.sign_in(cast.bola)
    await bola.post(cast.bola.url("alerts/"), json={"category": "fire"})
    event = await tablet.frame("event")
    assert (event["topic"], event["offset"]) == (lane, frame["joined"][lane]["head"] + 1)
    # And she comes back with the new token, not with the old one.
    await tablet.close()
    again = await Tablet.connect(server.ws, resume_token=frame["resume_token"])
    assert lane in again.welcome["topics"]
    await again.close()


async def test_who_loses_a_role_and_gains_another_is_cut_off(server, cast):
    tablet = await server.tablet(cast.gate)

    def change() -> None:
        grant_role(actor=SYSTEM, membership=cast.gate.membership, role=Role.objects.get(key="owner"))
        revoke_role(actor=SYSTEM, membership=cast.gate.membership, role=Role.objects.get(key="guard"))

    await _cut_off(tablet, change)


async def test_nobody_else_is_cut_off(server, cast):
    stays, goes = await server.tablet(cast.sule), await server.tablet(cast.gate)
    await _cut_off(goes, lambda: end_membership(actor=SYSTEM, membership=cast.gate.membership))

    await stays.send({"type": "ping", "ref": "p"})
    assert await stays.frame("pong")
    await stays.close()


async def test_moving_out(server, cast):
    """The role goes with the last home, and the socket with it; who comes back hears what is left."""
    phone = await server.tablet(cast.bola)
    home = await Occupancy.objects.of(cast.estate).aget(membership=cast.bola.membership)

    def leave() -> None:
        move_member_out(actor=cast.musa.member, estate=cast.estate, occupancy_id=home.pk)

    await _cut_off(phone, leave)
    assert not await RoleGrant.objects.of(cast.estate).filter(membership=cast.bola.membership).aexists()


async def test_a_home_that_changes_hands(server, cast):
    stays, goes = await server.tablet(cast.bola), await server.tablet(cast.ada)

    def change() -> None:
        hand_over(actor=cast.musa.member, estate=cast.estate, unit_id=cast.unit.pk, occupants=[])

    await _cut_off(goes, change)
    await stays.send({"type": "ping", "ref": "p"})
    assert await stays.frame("pong")
    await stays.close()

"""Support access and the socket: what he hears, and that it closes within five seconds of its end."""

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from accounts.platform_admins import set_platform_admin
from estates.models import Estate, Membership, SupportAccess
from estates.services.support import end_support, start_support
from estates.supporters import platform_admin_at
from realtime.models import Device, DeviceLease, ReceiptPosition
from realtime.topics import managers
from tests.support.authenticator import give_second_factor
from tests.support.cast import PASSWORD, Person

pytestmark = pytest.mark.socket


def make_admin(cast):
    user = User.objects.create_user(name="Pat Reed", email="pat@example.test", password=PASSWORD)
    set_platform_admin(user=user, is_admin=True)
    return Person(user=user, membership=Membership(estate=cast.estate, user=user), estate=cast.estate)


def let_in(admin):
    give_second_factor(admin)
    estate, actor = platform_admin_at(admin.user, admin.estate.pk)
    return start_support(actor=actor, estate=estate, reason="Looking", hours=1)


@pytest.fixture
async def supporter(server, cast):
    """Signed in before he had a second factor: what is under test is the access, not the sign-in."""
    admin = await sync_to_async(make_admin)(cast)
    client = await server.sign_in(admin)
    access = await sync_to_async(let_in)(admin)
    return await server.tablet(admin, token=await server.token(admin, client=client)), access


async def test_he_hears_managers_news_and_no_alert(server, cast, supporter):
    tablet, access = supporter
    assert set(tablet.welcome["topics"]) == {f"member.{access.pk}", managers(cast.estate.pk).name}
    assert tablet.welcome["open_alerts"] == []
    ada = await server.sign_in(cast.ada)
    assert (await ada.post(cast.ada.url("alerts/"), json={"category": "fire"})).status_code == 201
    await tablet.send({"type": "received", "topics": {managers(cast.estate.pk).name: 1}})
    await tablet.send({"type": "ping", "ref": "p"})
    assert await tablet.frame("pong")
    assert await tablet.silent(1)
    await tablet.close()
    for rows in (Device, DeviceLease, ReceiptPosition):
        assert not await rows.objects.of(cast.estate).filter(membership__pk=access.pk).aexists()


@pytest.mark.parametrize("end", ["ended", "ran out", "no admin any more", "estate suspended"])
async def test_his_socket_closes_within_five_seconds_of_the_end(cast, supporter, end):
    tablet, access = supporter

    def act() -> None:
        match end:
            case "ended":
                end_support(actor=cast.musa.member, estate=cast.estate, access_id=access.pk)
            case "ran out":
                SupportAccess.objects.of(cast.estate).update(expires_at=access.started_at)
            case "no admin any more":
                set_platform_admin(user=User.objects.get(name="Pat Reed"), is_admin=False)
            case "estate suspended":
                Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True)

    await sync_to_async(act)()
    assert await tablet.close_code(timeout=5) == 4503

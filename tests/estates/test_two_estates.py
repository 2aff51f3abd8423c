"""One login in two estates: an owner here and the manager there, and neither lends the other anything."""

import pytest

from core.actors import SYSTEM
from estates.permissions import RoleKey
from estates.services.people import add_member
from realtime.topics import emergency_lane, everyone, inbox, managers
from tests.support.cast import Person


@pytest.fixture
def there(cast) -> Person:
    """Ada, who manages next door."""
    membership = add_member(
        actor=SYSTEM, estate=cast.other_estate, user=cast.ada.user, roles=[RoleKey.MANAGER]
    )
    return Person(user=cast.ada.user, membership=membership, estate=cast.other_estate)


def test_by_rest_each_estate_knows_its_own_roles(cast, there):
    me = cast.ada.api.get("/api/v1/me/").json()
    roles = {row["estate"]["name"]: row["roles"] for row in me["memberships"]}
    assert roles == {"Palm Court": ["owner"], "Next Door": ["manager"]}
    assert there.api.get(there.url("people/")).status_code == 200
    assert cast.ada.api.get(cast.ada.url("people/")).status_code == 403
    assert cast.ada.api.get(cast.ada.url("household/")).json()["homes"] != []
    assert there.api.get(there.url("household/")).json()["homes"] == []
    # What is of one estate is not found through the other, though he belongs to both.
    assert there.api.get(there.url(f"units/{cast.unit.pk}/")).status_code == 404
    assert there.api.get(there.url(f"people/{cast.ada.id}/")).status_code == 404


def test_the_pages_are_those_of_each_estate_and_the_menu_leads_across(cast, there, client):
    client.force_login(cast.ada.user)
    start = client.get("/").content.decode()
    assert "Which estate?" in start
    home = client.get(f"/estates/{cast.estate.pk}/home/").content.decode()
    desk = f"/estates/{cast.other_estate.pk}/desk/alerts/"
    assert "Your other estates" in home
    assert f'href="{desk}"' in home
    page = client.get(desk).content.decode()
    assert f'href="/estates/{cast.estate.pk}/home/"' in page
    assert client.get(f"/estates/{cast.estate.pk}/desk/people/").status_code == 403
    assert client.get(f"/estates/{cast.other_estate.pk}/desk/people/").status_code == 200


def test_who_belongs_to_one_estate_is_offered_no_other(cast, client):
    client.force_login(cast.bola.user)
    assert "Your other estates" not in client.get(f"/estates/{cast.estate.pk}/home/").content.decode()


@pytest.mark.socket
async def test_each_socket_hears_its_own_estate(server, cast, there):
    here, elsewhere = await server.tablet(cast.ada), await server.tablet(there)
    assert set(here.welcome["topics"]) == {
        everyone(cast.estate.pk).name,
        inbox(cast.ada.id, cast.estate.pk).name,
    }
    theirs = set(elsewhere.welcome["topics"])
    assert {
        managers(cast.other_estate.pk).name,
        emergency_lane(cast.other_estate.pk).name,
        inbox(there.id, cast.other_estate.pk).name,
    } <= theirs
    assert not theirs & set(here.welcome["topics"])
    bola = await server.sign_in(cast.bola)
    await bola.post(cast.bola.url("alerts/"), json={"category": "fire"})
    stranger = await server.sign_in(cast.stranger)
    await stranger.post(cast.stranger.url("alerts/"), json={"category": "medical"})
    event = await elsewhere.frame("event")
    assert event["topic"] == emergency_lane(cast.other_estate.pk).name
    assert event["data"]["alert"]["category"] == "medical"
    for tablet in (here, elsewhere):
        await tablet.close()

"""Starting an estate of one's own."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from core.clock import now
from core.ids import new_id
from core.models import AuditEntry
from emergency.events import Category
from emergency.policies import DEFAULT
from emergency.selectors.ladder import policy_for
from estates.models import Estate

GIVEN = {"name": "Acacia Park", "time_zone": "Africa/Lagos", "country": "NG"}


def api_client(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def founder(transactional_db):
    return User.objects.create_user(name="Efe Eze", email="efe@example.test", is_email_verified=True)


@pytest.fixture
def api(founder):
    return api_client(founder)


@pytest.fixture
def found(api):
    def found(**changes):
        return api.post("/api/v1/estates/", GIVEN | changes, format="json")

    return found


def test_who_starts_an_estate_is_its_manager_and_it_can_raise_an_alert(api, found):
    answer = found()

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["name"], made["slug"], made["time_zone"]) == ("Acacia Park", "acacia-park", "Africa/Lagos")
    (mine,) = api.get("/api/v1/me/").json()["memberships"]
    assert (mine["estate"]["id"], mine["roles"]) == (made["id"], ["manager"])
    estate = Estate.objects.get()
    assert policy_for(estate, Category.FIRE) == DEFAULT
    alerts = f"/api/v1/estates/{made['id']}/alerts/"
    assert api.post(alerts, {"category": "fire", "drill": True}, format="json").status_code == 201
    entries = AuditEntry.objects.filter(estate_id=estate.pk).values_list("action", "actor_name")
    assert {("estates.estate.founded", "Efe Eze"), ("estates.member.added", "Efe Eze")} <= set(entries)


def test_sent_again_with_its_id_it_is_one_estate(founder, found):
    made = new_id()

    answers = [found(id=str(made)), found(id=str(made), name="Another name")]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert Estate.objects.get().pk == made


def test_anothers_id_and_anothers_short_name_are_taken(cast, founder, found):
    assert found(id=str(cast.estate.pk)).json()["code"] == "estate_id_taken"
    answer = found(slug=cast.estate.slug)
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    assert not Estate.objects.filter(founded_by=founder).exists()


def test_two_estates_may_be_called_alike(founder, found):
    slugs = {found().json()["slug"] for _ in range(2)}

    assert len(slugs) == 2
    assert all(slug.startswith("acacia-park") for slug in slugs)
    assert found(name="小区", slug=None).json()["slug"].startswith("estate")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": ""}, "malformed"),
        ({"name": "x" * 201}, "malformed"),
        ({"time_zone": "Africa/Nowhere"}, "time_zone_unknown"),
        ({"time_zone": "../etc/passwd"}, "time_zone_unknown"),
        ({"country": "XX"}, "country_unknown"),
        ({"country": "ng"}, "country_unknown"),
        ({"country": "NGA"}, "malformed"),
        ({"slug": "Not a slug"}, "malformed"),
        ({"id": "nonsense"}, "malformed"),
        ({"is_suspended": True}, "malformed"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(founder, found, change, code):
    answer = found(**change)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    if code != "malformed" or "is_suspended" not in change:
        assert answer.json()["errors"][0]["field"] == next(iter(change))
    assert not Estate.objects.exists()


def test_who_has_proved_no_address_proves_one_first(founder, found):
    User.objects.update(is_email_verified=False)
    founder.refresh_from_db()
    answer = found()
    assert (answer.status_code, answer.json()["code"]) == (403, "address_not_proved")
    assert not Estate.objects.exists()

    User.objects.update(phone="+447700900777", is_phone_verified=True)
    founder.refresh_from_db()
    assert found().status_code == 201


def test_five_a_day_are_enough(founder, found):
    answers = [found() for _ in range(6)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [429]
    assert (answers[-1].json()["code"], answers[-1]["Retry-After"]) == ("too_many_estates", "86400")
    with time_machine.travel(now() + timedelta(hours=25)):
        assert found().status_code == 201


def test_nobody_starts_one_without_signing_in(client):
    assert client.post("/api/v1/estates/", GIVEN, content_type="application/json").status_code in (401, 403)


def test_a_new_estate_is_nobody_elses(cast, api, found):
    made = found().json()["id"]

    for person in (cast.musa, cast.stranger):
        assert person.api.get(f"/api/v1/estates/{made}/").status_code == 404
    assert api.get(f"/api/v1/estates/{cast.estate.pk}/").status_code == 404


def test_the_page_makes_an_id_of_its_own_and_says_what_is_missing(founder, client):
    client.force_login(founder)
    page = client.get("/estates/new/").content.decode()
    assert '<option value="NG" selected>Nigeria</option>' in page
    assert "<option selected>Africa/Lagos</option>" in page
    assert client.get("/").content.decode().count('href="/estates/new/"') == 1

    User.objects.update(is_email_verified=False)
    assert "Prove first" in client.get("/estates/new/").content.decode()
    client.logout()
    assert client.get("/estates/new/")["Location"].startswith("/sign-in/")

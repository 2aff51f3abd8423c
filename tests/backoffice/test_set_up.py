"""How far a new estate has come."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from backoffice.setting_up import set_up_of
from core.actors import SYSTEM
from core.models import AuditEntry
from estates.models import Estate, Membership
from estates.permissions import RoleKey
from estates.services.people import add_member, add_unit
from tests.support.authenticator import give_second_factor
from tests.support.cast import Person


@pytest.fixture
def founder(transactional_db):
    return User.objects.create_user(name="Efe Eze", email="efe@example.test", is_email_verified=True)


@pytest.fixture
def api(founder):
    client = APIClient()
    client.force_authenticate(founder)
    return client


@pytest.fixture
def estate(api):
    given = {"name": "Acacia Park", "time_zone": "Africa/Lagos", "country": "NG"}
    return Estate.objects.get(pk=api.post("/api/v1/estates/", given, format="json").json()["id"])


@pytest.fixture
def set_up(api, estate):
    def set_up():
        return api.get(f"/api/v1/estates/{estate.pk}/setup/").json()

    return set_up


def founder_of(estate):
    membership = Membership.objects.of(estate).select_related("user").get(user__email="efe@example.test")
    return Person(membership.user, membership, estate)


def done(answer):
    return [step["key"] for step in answer["steps"] if step["is_done"]]


def test_each_step_is_found_out_from_what_is_there(api, estate, set_up):
    base = f"/api/v1/estates/{estate.pk}"
    assert (done(set_up()), set_up()["is_shown_first"]) == ([], True)

    add_unit(actor=SYSTEM, estate=estate, block="A", name="A-1")
    assert done(set_up()) == ["units"]
    guard = User.objects.create_user(name="Guard", phone="+447700900555")
    add_member(actor=SYSTEM, estate=estate, user=guard, roles=[RoleKey.GUARD])
    assert done(set_up()) == ["units", "people"]
    api.put(f"{base}/policies/preset/", {"preset": "guards_first"}, format="json")
    assert done(set_up()) == ["units", "people", "ladder"]
    alert = api.post(f"{base}/alerts/", {"category": "other", "drill": True}, format="json").json()
    assert done(set_up()) == ["units", "people", "ladder", "drill"]
    assert set_up()["steps"][3]["alert_id"] == alert["id"]
    Estate.objects.filter(pk=estate.pk).update(is_second_factor_required=True)
    give_second_factor(founder_of(estate))
    assert (set_up()["is_done"], set_up()["is_shown_first"]) == (True, False)


def test_a_real_alert_and_one_that_was_taken_back_are_no_drill(api, estate, set_up):
    alerts = f"/api/v1/estates/{estate.pk}/alerts/"
    api.post(alerts, {"category": "fire"}, format="json")
    api.post(alerts, {"category": "other", "drill": True, "countdown_s": 5}, format="json")

    assert "drill" not in done(set_up())


def test_all_managers_with_a_second_step_are_as_good_as_the_rule(estate, set_up):
    step = set_up()["steps"][4]
    assert (step["is_done"], step["count"]) == (False, 1)

    give_second_factor(founder_of(estate))

    assert set_up()["steps"][4]["is_done"]


def test_the_manager_starts_there_until_he_says_that_it_is_enough(api, founder, estate, set_up, client):
    client.force_login(founder)
    start = f"/estates/{estate.pk}/desk/start/"
    assert client.get("/")["Location"] == start
    page = client.get(start).content.decode()
    assert ("0 of 5" in page, 'data-path="setup/"' in page) == (True, True)

    address = f"/api/v1/estates/{estate.pk}/setup/"
    for _ in range(2):
        answer = api.put(address, {"is_shown_first": False}, format="json")
        assert (answer.status_code, answer.json()["is_shown_first"]) == (200, False)

    assert client.get("/")["Location"] == f"/estates/{estate.pk}/desk/alerts/"
    page = client.get(start).content.decode()
    assert 'data-path="setup/"' not in page
    assert start in client.get(f"/estates/{estate.pk}/desk/alerts/").content.decode(), "the menu keeps it"
    assert AuditEntry.objects.filter(action="estates.set_up.hidden", estate_id=estate.pk).count() == 1
    assert api.put(address, {"is_shown_first": True}, format="json").json()["is_shown_first"]
    assert client.get("/")["Location"] == start


def test_an_estate_that_is_there_already_does_not_begin_anew(cast, client):
    client.force_login(cast.musa.user)
    assert client.get("/")["Location"] == f"/estates/{cast.estate.pk}/desk/alerts/"


def test_the_page_says_whom_the_drill_reached(api, founder, estate, client):
    client.force_login(founder)
    alerts, start = f"/api/v1/estates/{estate.pk}/alerts/", f"/estates/{estate.pk}/desk/start/"
    api.post(alerts, {"category": "other", "drill": True}, format="json")
    assert "reached nobody yet" in client.get(start).content.decode()

    guard = User.objects.create_user(name="Guard <b>One</b>", phone="+447700900555")
    add_member(actor=SYSTEM, estate=estate, user=guard, roles=[RoleKey.GUARD])
    second = User.objects.create_user(name="Second manager", phone="+447700900556")
    add_member(actor=SYSTEM, estate=estate, user=second, roles=[RoleKey.MANAGER])
    other = APIClient()
    other.force_authenticate(second)
    other.post(alerts, {"category": "other", "drill": True}, format="json")

    page = client.get(start).content.decode()
    assert "Guard &lt;b&gt;One&lt;/b&gt;" in page


def test_only_who_manages_people_sees_it_and_strangers_find_nothing(cast, client):
    address = cast.ada.url("setup/")
    for person in (cast.ada, cast.gate, cast.chief):
        assert person.api.get(address).status_code == 403
        assert person.api.put(address, {"is_shown_first": False}, format="json").status_code == 403
    assert cast.stranger.api.get(address).status_code == 404
    client.force_login(cast.gate.user)
    assert client.get(f"/estates/{cast.estate.pk}/desk/start/").status_code == 403


@pytest.mark.parametrize("body", [{}, {"is_shown_first": None}, {"is_shown_first": "false"}, {"other": 1}])
def test_nonsense_is_refused(api, estate, set_up, body):
    answer = api.put(f"/api/v1/estates/{estate.pk}/setup/", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert set_up()["is_shown_first"]


def test_it_asks_as_much_of_a_large_estate_as_of_a_small_one(api, estate, django_assert_num_queries):
    for number in range(30):
        add_unit(actor=SYSTEM, estate=estate, block="A", name=f"A-{number}")
    with django_assert_num_queries(6):
        set_up_of(estate)

"""Roles of an estate's own, and who is given which: nobody gives or takes what he may not do himself."""

from datetime import timedelta

import pytest

from core.actors import SYSTEM
from core.clock import now
from core.models import AuditEntry
from estates.models import Membership, Role
from estates.permissions import Permission, RoleKey
from estates.services.people import add_member, grant_role
from estates.services.roles import permissions_in
from tests.emergency.conftest import in_threads

ALERTS = ["emergency.alert.read", "emergency.alert.acknowledge"]


def roles(person):
    return {row["key"]: row for row in person.api.get(person.url("roles/")).json()["results"]}


def make(person, name="Night desk", permissions=ALERTS):
    body = {"name": name, "permissions": list(permissions)}
    return person.api.post(person.url("roles/"), body, format="json")


def give(giver, member, key, **data):
    return giver.api.post(giver.url(f"people/{member.id}/roles/"), {"role": str(key), **data}, format="json")


def take(taker, member, key):
    return taker.api.delete(taker.url(f"people/{member.id}/roles/{key}/"))


def people(person, query=""):
    return [row["name"] for row in person.api.get(person.url(f"people/?{query}")).json()["results"]]


@pytest.fixture
def deputy(cast):
    """The worker, with a role that may give roles, and little else."""
    key = make(cast.musa, "Deputy", ["estates.role.manage", "estates.member.manage", *ALERTS]).json()["key"]
    give(cast.musa, cast.worker, key)
    return cast.worker


# --- an estate's own roles --------------------------------------------------------------------------------------------


def test_a_role_of_its_own_allows_what_was_chosen_until_it_is_taken_away(cast):
    answer = make(cast.musa)
    assert answer.status_code == 201, answer.content
    role = answer.json()
    assert role == {
        "key": "own-night-desk",
        "name": "Night desk",
        "is_built_in": False,
        "permissions": sorted(ALERTS),
    }
    assert not cast.worker.member.may(Permission.READ_ALERTS)
    held = give(cast.musa, cast.worker, role["key"])
    assert [one["key"] for one in held.json()["roles"]] == ["domestic_staff", "own-night-desk"]
    assert cast.worker.member.may(Permission.READ_ALERTS)
    assert cast.worker.api.get(cast.worker.url("alerts/")).status_code == 200

    path = cast.musa.url(f"roles/{role['key']}/")
    epoch = cast.worker.member.role_epoch
    changed = cast.musa.api.patch(path, {"permissions": [ALERTS[0]]}, format="json").json()
    assert changed["permissions"] == [ALERTS[0]]
    assert not cast.worker.member.may(Permission.ACKNOWLEDGE_ALERT)
    assert cast.musa.api.delete(path).status_code == 204
    assert not cast.worker.member.may(Permission.READ_ALERTS)
    assert cast.worker.member.role_epoch == epoch + 2
    done = AuditEntry.objects.filter(estate_id=cast.estate.pk, action__startswith="estates.role.")
    assert list(done.order_by("-seq").values_list("action", flat=True)[:4]) == [
        "estates.role.removed",
        "estates.role.changed",
        "estates.role.granted",
        "estates.role.created",
    ]


def test_the_built_in_roles_are_listed_and_cannot_be_touched(cast):
    listed = roles(cast.musa)
    assert set(listed) == {key.value for key in RoleKey}
    assert "emergency.alert.acknowledge" in listed["guard"]["permissions"]
    for method, data in (("patch", {"name": "Boss"}), ("delete", None)):
        answer = getattr(cast.musa.api, method)(cast.musa.url("roles/guard/"), data, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "role_built_in")


def test_no_role_of_its_own_passes_for_a_built_in_one(cast):
    assert make(cast.musa, "Guard").json()["code"] == "role_exists"
    assert make(cast.musa, "  gUARD ").json()["code"] == "role_exists"
    key = make(cast.musa, "Guard!").json()["key"]
    assert key == "own-guard"
    give(cast.musa, cast.worker, key)
    assert RoleKey.GUARD not in cast.worker.member.role_keys


def test_names_are_used_once_and_keys_stay_apart(cast):
    assert make(cast.musa, "Night desk").status_code == 201
    assert make(cast.musa, "night  desk").json()["code"] == "role_exists"
    assert make(cast.musa, "Night desk?").json()["key"] == "own-night-desk-2"
    assert make(cast.musa, "夜").json()["key"].startswith("own")
    assert make(cast.musa, "昼").status_code == 201
    renamed = cast.musa.api.patch(
        cast.musa.url("roles/own-night-desk/"), {"name": "Evening desk"}, format="json"
    ).json()
    assert (renamed["key"], renamed["name"]) == ("own-night-desk", "Evening desk")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"name": "", "permissions": []}, "malformed"),
        ({"name": " \n", "permissions": []}, "name_missing"),
        ({"name": "x", "permissions": ["rule.the.world"]}, "malformed"),
        ({"name": "x", "permissions": "all"}, "malformed"),
        ({"name": "x"}, "malformed"),
    ],
)
def test_nonsense_is_refused(cast, data, code):
    answer = cast.musa.api.post(cast.musa.url("roles/"), data, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_an_estate_has_so_many_roles_and_no_more(cast):
    for number in range(50):
        Role.objects.create(estate=cast.estate, key=f"own-{number}", name=f"Role {number}")
    assert make(cast.musa).json()["code"] == "too_many_roles"


# --- giving and taking ------------------------------------------------------------------------------------------------


def test_a_manager_appoints_guards_without_being_one(cast):
    assert give(cast.musa, cast.bola, RoleKey.GUARD).status_code == 201
    assert cast.bola.member.may(Permission.TAKE_DUTY)
    assert take(cast.musa, cast.bola, RoleKey.GUARD).status_code == 204
    assert take(cast.musa, cast.bola, RoleKey.GUARD).status_code == 204
    assert not cast.bola.member.may(Permission.TAKE_DUTY)


def test_nobody_gives_takes_or_makes_what_is_above_him(cast, deputy):
    assert give(deputy, deputy, RoleKey.MANAGER).json()["code"] == "above_own"
    assert give(deputy, cast.bola, RoleKey.GUARD).json()["code"] == "above_own"
    assert take(deputy, cast.musa, RoleKey.MANAGER).json()["code"] == "above_own"
    assert make(deputy, "Boss", ["core.audit.read"]).json()["code"] == "above_own"
    own = make(deputy, "Night desk", ALERTS).json()["key"]
    assert give(deputy, cast.bola, own).status_code == 201
    raised = deputy.api.patch(
        deputy.url(f"roles/{own}/"), {"permissions": ["core.audit.read"]}, format="json"
    )
    assert raised.json()["code"] == "above_own"
    theirs = make(cast.musa, "Readers", ["core.audit.read"]).json()["key"]
    for method, data in (("patch", {"name": "x"}), ("delete", None)):
        answer = getattr(deputy.api, method)(deputy.url(f"roles/{theirs}/"), data, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "above_own"), method
    assert deputy.api.delete(deputy.url(f"people/{cast.musa.id}/")).json()["code"] == "above_own"


def test_an_estate_never_loses_its_last_manager(cast):
    assert take(cast.musa, cast.musa, RoleKey.MANAGER).json()["code"] == "last_manager"
    assert cast.musa.api.delete(cast.musa.url(f"people/{cast.musa.id}/")).json()["code"] == "last_manager"
    until = (now() + timedelta(days=1)).isoformat()
    assert give(cast.musa, cast.musa, RoleKey.MANAGER, expires_at=until).json()["code"] == "last_manager"
    assert cast.musa.member.may(Permission.MANAGE_ROLES)

    give(cast.musa, cast.chief, RoleKey.MANAGER)
    assert take(cast.chief, cast.musa, RoleKey.MANAGER).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_dismiss_each_other_at_once_leave_one(cast):
    give(cast.musa, cast.chief, RoleKey.MANAGER)
    pairs = [(cast.musa, cast.chief), (cast.chief, cast.musa)]
    answers = in_threads(2, lambda index: take(pairs[index][0], pairs[index][1], RoleKey.MANAGER).status_code)
    assert 204 in answers
    managers = Membership.objects.of(cast.estate).filter(role_grants__role__key=RoleKey.MANAGER)
    assert managers.count() == 1, answers


def test_a_role_for_a_time_says_until_when(cast):
    until = now() + timedelta(hours=4)
    held = give(cast.musa, cast.bola, RoleKey.GUARD, expires_at=until.isoformat()).json()
    assert held["roles"][0]["expires_at"].startswith(until.isoformat()[:19])
    past = give(cast.musa, cast.bola, RoleKey.GUARD, expires_at=(now() - timedelta(seconds=1)).isoformat())
    assert (past.status_code, past.json()["code"]) == (400, "expiry_past")
    naive = give(cast.musa, cast.bola, RoleKey.GUARD, expires_at="2027-01-01T00:00:00")
    assert (naive.status_code, naive.json()["errors"][0]["field"]) == (400, "expires_at")


def test_only_who_may_gives_and_strangers_find_nobody(cast):
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert give(person, cast.bola, RoleKey.GUARD).status_code == 403
        assert take(person, cast.bola, RoleKey.TENANT).status_code == 403
        assert make(person).status_code == 403
        assert person.api.delete(person.url(f"people/{cast.bola.id}/")).status_code == 403
    key = make(cast.musa).json()["key"]
    stranger = cast.stranger
    assert key not in roles(stranger)
    assert give(stranger, cast.bola, RoleKey.GUARD).json()["code"] == "member_not_found"
    assert give(stranger, stranger, key).json()["code"] == "role_not_found"
    assert take(stranger, cast.bola, RoleKey.TENANT).json()["code"] == "member_not_found"
    for method, path in (
        ("patch", f"roles/{key}/"),
        ("delete", f"roles/{key}/"),
        ("get", f"people/{cast.bola.id}/"),
        ("delete", f"people/{cast.bola.id}/"),
    ):
        assert getattr(stranger.api, method)(stranger.url(path), {}, format="json").status_code == 404, path
    assert people(stranger, "status=all") == [stranger.name]
    assert people(stranger, "q=Ada") == people(stranger, "unit=B-14") == []


def test_a_permission_that_the_code_does_not_know_any_more_is_nothing(cast):
    role = Role.objects.create(estate=cast.estate, key="own-old", name="Old", permissions=["gone", *ALERTS])
    assert {permission.value for permission in permissions_in(role)} == set(ALERTS)


# --- finding people ---------------------------------------------------------------------------------------------------


def test_people_are_found_by_name_contact_unit_role_and_status(cast):
    assert people(cast.musa)[:3] == ["Accountant Uche", "Ada Obi", "Bola Ade"]
    for query, names in (
        ("q=obi", ["Ada Obi", "Kid Obi"]),
        (f"q={cast.bola.email}", ["Bola Ade"]),
        ("q=%2B44 7700 900001", ["Ada Obi"]),
        ("q=b-15", ["Bola Ade"]),
        ("unit=B-14", ["Ada Obi", "Kid Obi"]),
        ("role=guard", ["Gate Musa", "Sule Bello"]),
        ("role=guard&q=sule", ["Sule Bello"]),
        ("status=ended", []),
        ("q=%25", []),
    ):
        assert people(cast.musa, query) == names, query
    answer = cast.musa.api.get(cast.musa.url("people/?status=dead"))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "status")

    cast.musa.api.delete(cast.musa.url(f"people/{cast.bola.id}/"))
    assert people(cast.musa, "q=bola") == []
    assert people(cast.musa, "q=bola&status=ended") == ["Bola Ade"]


def test_a_person_is_shown_with_roles_and_homes(cast):
    person = cast.musa.api.get(cast.musa.url(f"people/{cast.ada.id}/")).json()
    assert (person["name"], person["phone"], person["status"]) == ("Ada Obi", cast.ada.phone, "active")
    assert [(role["key"], role["expires_at"]) for role in person["roles"]] == [("owner", None)]
    assert [(home["unit"], home["block"], home["kind"]) for home in person["homes"]] == [
        ("B-14", "B", "owner")
    ]


def test_the_list_costs_the_same_however_long_it_is(cast, django_assert_num_queries):
    for size in (2, 100):
        with django_assert_num_queries(5):
            assert len(people(cast.musa, f"page_size={size}")) == min(size, 9)


def test_pages_go_through_everybody_once(cast):
    url, found = cast.musa.url("people/?page_size=2"), []
    while url:
        page = cast.musa.api.get(url).json()
        found += [row["name"] for row in page["results"]]
        url = page["next"]
    assert found == sorted(people(cast.musa, "page_size=200"))
    assert len(found) == 9


def test_one_login_in_two_estates_is_two_people(cast):
    there = add_member(actor=SYSTEM, estate=cast.other_estate, user=cast.ada.user, roles=[RoleKey.OWNER])
    role = Role.objects.get(estate__isnull=True, key="guard")
    grant_role(actor=SYSTEM, membership=there, role=role)
    assert "Ada Obi" in people(cast.stranger, "role=guard")
    assert "Ada Obi" not in people(cast.musa, "role=guard")
    person = cast.stranger.api.get(cast.stranger.url(f"people/{there.pk}/")).json()
    assert (person["homes"], len(person["roles"])) == ([], 2)

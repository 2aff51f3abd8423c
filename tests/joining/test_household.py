"""An owner or tenant says who lives in his own home, with fewer rights than he has and no longer than he does."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.clock import now
from core.models import AuditEntry
from estates.models import Membership, Occupancy, Unit
from estates.permissions import Permission, RoleKey, permissions_of
from estates.selectors import member_of, today
from estates.services.people import ROLE_OF
from joining.models import Invitation
from joining.selectors import ADDED_BY
from tests.emergency.conftest import in_threads
from tests.estates.test_units_and_moves import move_in, move_out
from tests.joining.conftest import NEW_PHONE, accept, as_user, open_letter
from tests.joining.test_invite import NEW, is_over


def add(person, unit, kind="family", **more):
    body = {"unit_id": str(unit.pk), "kind": kind, "name": "Ife Ojo", "phone": NEW_PHONE, **more}
    body = {name: value for name, value in body.items() if value is not None}
    return person.api.post(person.url("household/"), body, format="json")


def add_child(person, unit, name="Tiny"):
    return add(person, unit, "child", name=name, phone=None)


def homes(person):
    return person.api.get(person.url("household/")).json()["homes"]


def end(person, occupancy_id):
    return person.api.delete(person.url(f"household/people/{occupancy_id}/"))


def home_of(person):
    return Occupancy.objects.of(person.estate).get(membership=person.membership)


@pytest.fixture
def next_door(cast):
    """Bola's."""
    return Unit.objects.of(cast.estate).get(name="B-15")


def test_an_owner_invites_family_who_accepts_and_lives_there(cast, post):
    answer = add(cast.ada, cast.unit)
    assert answer.status_code == 201, answer.content
    ((to, body),) = post.sent
    assert (to, body.startswith("Ada Obi invites you to Palm Court.")) == (NEW_PHONE, True)
    letter = open_letter(post.token()).json()
    assert (letter["invited_by"], letter["unit"], letter["kind"]) == ("Ada Obi", "B-14", "family")
    (home,) = homes(cast.ada)
    assert (home["unit"], home["kind"], home["kinds"]) == ("B-14", "owner", ["tenant", "family", "child"])
    assert [(row["name"], row["state"]) for row in home["invitations"]] == [("Ife Ojo", "open")]
    assert home["people"] == [], "whom the office moved in is not hers to end"

    assert accept(post.token(), **NEW).status_code == 200
    _, member = member_of(User.objects.get(phone=NEW_PHONE), cast.estate.pk)
    assert member.role_keys == {"household_member"}
    (home,) = homes(cast.ada)
    assert [(row["name"], row["kind"], row["has_sign_in"]) for row in home["people"]] == [
        ("Ife Ojo", "family", True)
    ]
    assert home["invitations"] == []
    assert cast.musa.api.get(cast.musa.url("invitations/")).json()["results"] == []


def test_a_child_without_a_phone_is_there_at_once_and_signs_in_nowhere(cast, post):
    answer = add_child(cast.ada, cast.unit)
    assert answer.status_code == 201, answer.content
    person = answer.json()["person"]
    assert (person["name"], person["kind"], person["has_sign_in"]) == ("Tiny", "child", False)
    assert post.sent == []
    user = User.objects.get(name="Tiny")
    assert (user.email, user.phone, user.has_usable_password()) == (None, None, False)
    _, member = member_of(user, cast.estate.pk)
    assert member.role_keys == {"child"}
    (row,) = cast.musa.api.get(cast.musa.url("people/?q=tiny")).json()["results"]
    assert [home["unit"] for home in row["homes"]] == ["B-14"]


def test_each_has_fewer_rights_than_who_adds_him():
    for kind, kinds in ADDED_BY.items():
        own = permissions_of([ROLE_OF[kind]])
        for added in kinds:
            assert permissions_of([ROLE_OF[added]]) <= own
        assert kind not in kinds
    for role in (RoleKey.HOUSEHOLD_MEMBER, RoleKey.CHILD):
        assert Permission.KEEP_HOUSEHOLD not in permissions_of([role])


@pytest.mark.parametrize("kind", ["owner", "tenant"])
def test_a_tenant_adds_no_tenant_and_nobody_an_owner(cast, post, next_door, kind):
    refused = add(cast.bola, next_door, kind)
    assert (refused.status_code, refused.json()["code"]) == (403, "kind_not_yours")
    assert add(cast.ada, cast.unit, "owner").json()["code"] == "kind_not_yours"
    assert add(cast.bola, next_door, "family").status_code == 201
    assert len(post.sent) == 1


def test_an_owner_lets_to_a_tenant_who_keeps_his_own_household(cast, post):
    add(cast.ada, cast.unit, "tenant")
    accept(post.token(), **NEW)
    tenant = as_user(User.objects.get(phone=NEW_PHONE))
    body = {"unit_id": str(cast.unit.pk), "kind": "child", "name": "Tiny"}
    assert tenant.post(cast.ada.url("household/"), body, format="json").status_code == 201
    (theirs,) = tenant.get(cast.ada.url("household/")).json()["homes"]
    assert [row["name"] for row in theirs["people"]] == ["Tiny"]
    (hers,) = homes(cast.ada)
    assert [row["name"] for row in hers["people"]] == ["Ife Ojo"], "of his household she sees nothing"
    assert end(cast.ada, theirs["people"][0]["occupancy_id"]).status_code == 404

    assert end(cast.ada, hers["people"][0]["occupancy_id"]).status_code == 204
    assert homes(cast.ada)[0]["people"] == []
    living = Occupancy.objects.of(cast.estate).filter(unit=cast.unit, ends_on__isnull=True)
    assert {row.membership.user.name for row in living} == {"Ada Obi", "Kid Obi"}, "his child left with him"


def test_another_home_is_never_his(cast, post, next_door):
    for unit in (next_door.pk, uuid4()):
        refused = cast.ada.api.post(
            cast.ada.url("household/"),
            {"unit_id": str(unit), "kind": "child", "name": "Tiny"},
            format="json",
        )
        assert (refused.status_code, refused.json()["code"]) == (404, "unit_not_found")
    added = add_child(cast.bola, next_door).json()["person"]["occupancy_id"]
    sent = add(cast.bola, next_door).json()["invitation"]["id"]
    expected = 404
    for person in (cast.ada, cast.stranger):
        assert end(person, added).status_code == expected
        for method, path in (
            ("post", f"household/invitations/{sent}/send/"),
            ("delete", f"household/invitations/{sent}/"),
        ):
            assert getattr(person.api, method)(person.url(path)).status_code == expected
    assert end(cast.ada, home_of(cast.kid).pk).status_code == 404, "whom the office moved in"
    assert end(cast.ada, home_of(cast.ada).pk).status_code == 404
    assert Occupancy.objects.of(cast.estate).get(pk=added).ends_on is None
    assert Invitation.objects.of(cast.estate).get(pk=sent).state == "open"


def test_the_office_does_not_see_a_households_letters_nor_the_household_the_offices(cast, post, next_door):
    sent = add(cast.bola, next_door).json()["invitation"]["id"]
    assert cast.musa.api.delete(cast.musa.url(f"invitations/{sent}/")).status_code == 404
    office = cast.musa.api.post(
        cast.musa.url("invitations/"),
        {"name": "X", "phone": "+447700900778", "unit": "B-15", "kind": "family"},
        format="json",
    ).json()["id"]
    assert cast.bola.api.delete(cast.bola.url(f"household/invitations/{office}/")).status_code == 404


def test_who_may_not_keep_a_household(cast, post):
    for person in (cast.kid, cast.gate, cast.chief, cast.worker, cast.accountant):
        assert person.api.get(person.url("household/")).status_code == 403
        assert add_child(person, cast.unit).status_code == 403
    assert cast.stranger.api.get(cast.ada.url("household/")).status_code == 404
    assert homes(cast.musa) == []
    assert add_child(cast.musa, cast.unit).json()["code"] == "unit_not_found", "it is not his home"
    # An owner by role alone, who lives nowhere.
    cast.musa.api.post(cast.musa.url(f"people/{cast.worker.id}/roles/"), {"role": "owner"}, format="json")
    assert homes(cast.worker) == []
    assert add_child(cast.worker, cast.unit).json()["code"] == "unit_not_found"


def test_a_letter_is_sent_again_and_withdrawn(cast, post):
    sent = add(cast.ada, cast.unit).json()["invitation"]["id"]
    path = cast.ada.url(f"household/invitations/{sent}/")
    assert cast.ada.api.post(f"{path}send/").status_code == 200
    assert is_over(open_letter(post.token(0)))
    assert cast.ada.api.delete(path).status_code == 204
    assert is_over(accept(post.token(), **NEW))
    assert cast.ada.api.delete(path).json()["code"] == "invitation_decided"


def test_the_household_and_its_letters_end_with_the_host(cast, post, next_door):
    added = add_child(cast.bola, next_door).json()["person"]
    add(cast.bola, next_door)
    move_out(cast, home_of(cast.bola).pk)
    assert Occupancy.objects.of(cast.estate).get(pk=added["occupancy_id"]).ends_on == today(cast.estate)
    assert Invitation.objects.of(cast.estate).get().state == "withdrawn"
    assert is_over(accept(post.token(), **NEW))
    child = Membership.objects.of(cast.estate).get(pk=added["member_id"])
    assert child.status == "ended", "who belonged by the household alone belongs no longer"
    assert AuditEntry.objects.filter(action="estates.member.ended").count() == 1
    assert cast.bola.member.role_keys == frozenset()


def test_a_handover_ends_the_household_and_leaves_the_next_ones_letters(cast, post, next_door):
    add(cast.bola, next_door)
    theirs = post.token()
    cast.musa.api.post(
        cast.musa.url("invitations/"),
        {"name": "Next", "phone": "+447700900778", "unit": "B-15", "kind": "owner"},
        format="json",
    )
    people = [{"member_id": str(cast.worker.id), "kind": "tenant"}]
    path = cast.musa.url(f"units/{next_door.pk}/handover/")
    assert cast.musa.api.post(path, {"occupants": people}, format="json").status_code == 200
    assert is_over(open_letter(theirs))
    assert open_letter(post.token()).json()["unit"] == "B-15", "the office invited whom it expects"


def test_a_planned_end_holds_for_who_comes_before_it(cast, post, next_door):
    day = today(cast.estate) + timedelta(days=3)
    move_out(cast, home_of(cast.bola).pk, ends_on=str(day))
    add(cast.bola, next_door)
    accept(post.token(), **NEW)
    person = Occupancy.objects.of(cast.estate).get(membership__user__phone=NEW_PHONE)
    assert person.ends_on == day
    add(cast.bola, next_door, phone="+447700900778")
    with time_machine.travel(now() + timedelta(days=4)):
        assert is_over(open_letter(post.token()))


def test_one_of_a_household_who_leaves_the_estate_leaves_once(cast, post):
    add(cast.ada, cast.unit)
    accept(post.token(), **NEW)
    _, member = member_of(User.objects.get(phone=NEW_PHONE), cast.estate.pk)
    assert cast.musa.api.delete(cast.musa.url(f"people/{member.id}/")).status_code == 204
    assert AuditEntry.objects.filter(action="estates.member.ended").count() == 1


def test_who_works_here_too_stays_when_the_household_ends(cast, post):
    add(cast.ada, cast.unit, phone=cast.worker.phone)
    accept(post.token(), cast.worker.api)
    (home,) = homes(cast.ada)
    end(cast.ada, home["people"][0]["occupancy_id"])
    assert cast.worker.member.role_keys == {"domestic_staff"}


def test_thirty_is_a_household(cast, post):
    for number in range(30):
        assert add_child(cast.ada, cast.unit, f"Child {number}").status_code == 201
    refused = add_child(cast.ada, cast.unit)
    assert (refused.status_code, refused.json()["code"]) == (409, "household_full")


def test_an_owner_floods_nobody(cast, post):
    answers = [add(cast.ada, cast.unit).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "12"}, "phone"),
        ({"phone": None}, "phone"),
        ({"phone": None, "email": "x"}, "email"),
        ({"kind": "guest"}, "kind"),
        ({"unit_id": "x"}, "unit_id"),
        ({"host": "x"}, "host"),
    ],
)
def test_nonsense_is_refused_by_name(cast, post, more, field):
    answer = add(cast.ada, cast.unit, **more)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert post.sent == []


def test_ten_removals_at_once_are_one(cast, post):
    added = add_child(cast.ada, cast.unit).json()["person"]["occupancy_id"]
    answers = in_threads(8, lambda _: end(cast.ada, added).status_code)
    assert sorted(answers) == [204] + [404] * 7
    assert AuditEntry.objects.filter(action="estates.occupancy.ended").count() == 1


def test_it_costs_the_same_however_many_there_are(cast, post):
    counts = []
    for size in (1, 8):
        for number in range(size):
            add_child(cast.ada, cast.unit, f"Child {number}")
        with CaptureQueriesContext(connection) as queries:
            homes(cast.ada)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
    move_in(cast, cast.unit.pk, cast.bola.id, kind="owner")
    assert len(homes(cast.bola)) == 2

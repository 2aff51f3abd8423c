"""A letter goes to an address, and whoever holds its link answers it, once. Who sent it learns nothing else."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from core.clock import now
from core.models import AuditEntry
from estates.models import Estate, Membership, Occupancy, RoleGrant
from estates.selectors import member_of
from joining.models import Invitation
from joining.services.sending import send_due_invitations
from realtime.models import Event
from tests.emergency.conftest import in_threads
from tests.joining.conftest import NEW_PHONE, accept, as_user, decline, invite, membership, open_letter
from tests.joining.test_ask_to_join import give_own_role
from tests.support.cast import PASSWORD

NEW = {"name": "Ife Ojo", "password": "Seven-quiet-herons-1"}


def listed(person, query=""):
    return person.api.get(person.url(f"invitations/?{query}")).json()["results"]


def again(person, invitation_id):
    return person.api.post(person.url(f"invitations/{invitation_id}/send/"))


def withdraw(person, invitation_id):
    return person.api.delete(person.url(f"invitations/{invitation_id}/"))


def is_over(answer):
    return (answer.status_code, answer.json()["code"]) == (409, "invitation_over")


# --- somebody new -----------------------------------------------------------------------------------------------------


def test_somebody_new_is_texted_sets_a_password_and_belongs(cast, post):
    sent = invite(cast.musa, roles=["guard"])
    assert sent.status_code == 201, sent.content
    ((to, body),) = post.sent
    assert to == NEW_PHONE
    assert body.startswith("Palm Court invites you.")
    assert len(body) <= 160, "one text"
    letter = open_letter(post.token()).json()
    assert (letter["estate"], letter["unit"], letter["kind"], letter["roles"]) == (
        "Palm Court",
        "B-15",
        "tenant",
        ["Guard"],
    )
    assert (letter["name"], letter["has_account"], letter["login"]) == ("Ife Ojo", False, NEW_PHONE)

    done = accept(post.token(), **NEW)
    assert done.json() == {"estate_id": str(cast.estate.pk), "login": NEW_PHONE}
    user = User.objects.get(phone=NEW_PHONE)
    assert (user.name, user.is_phone_verified, user.check_password(NEW["password"])) == (
        "Ife Ojo",
        True,
        True,
    )
    _, member = member_of(user, cast.estate.pk)
    assert member.role_keys == {"tenant", "guard"}
    (row,) = listed(cast.musa)
    assert (row["state"], row["sending"], row["member_id"]) == ("accepted", "sent", str(member.id))
    event = Event.objects.get(type="joining.invitation.answered")
    assert event.stream.name == f"member.{cast.musa.id}"
    signed_in = APIClient().post(
        "/_allauth/app/v1/auth/login", {"phone": NEW_PHONE, "password": NEW["password"]}, format="json"
    )
    assert signed_in.status_code == 200, signed_in.content


def test_somebody_new_is_mailed(cast, post):
    invite(cast.musa, phone=None, email="Ife@example.test")
    ((to, body),) = post.sent
    assert to == "Ife@example.test"
    assert body.startswith("Palm Court invites you\nHello Ife Ojo,")
    accept(post.token(), **NEW)
    user = User.objects.get(email__iexact="ife@example.test")
    assert (user.phone, user.is_phone_verified, user.is_email_verified) == (None, False, True)


def test_a_letter_is_answered_once(cast, post, newcomer):
    invite(cast.musa)
    assert accept(post.token(), **NEW).status_code == 200
    for answer in (
        accept(post.token(), **NEW),
        accept(post.token(), as_user(newcomer)),
        decline(post.token()),
        open_letter(post.token()),
    ):
        assert is_over(answer), answer.content
    assert membership(cast.estate, newcomer) is None


def test_one_link_used_by_many_at_once_makes_one_member(cast, post):
    invite(cast.musa)
    token, before = post.token(), Membership.objects.of(cast.estate).count()
    people = [User.objects.create_user(name=f"N {n}", email=f"n{n}@example.test") for n in range(3)]

    def answer(number):
        if number % 2:
            return accept(token, **NEW).status_code
        return accept(token, as_user(people[number // 2])).status_code

    answers = in_threads(6, answer)
    assert sorted(answers) == [200] + [409] * 5
    assert Membership.objects.of(cast.estate).count() == before + 1
    assert Occupancy.objects.of(cast.estate).filter(unit__name="B-15").count() == 2
    assert User.objects.filter(phone=NEW_PHONE).count() <= 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "password": NEW["password"]}, "name"),
        ({"name": "Ife Ojo", "password": ""}, "password"),
        ({"name": "Ife Ojo", "password": "short"}, "password"),
        ({"name": "Ife Ojo", "password": "password123"}, "password"),
        ({"name": "Ife Ojo", "password": NEW_PHONE}, "password"),
        ({"name": "x" * 201, "password": NEW["password"]}, "name"),
    ],
)
def test_a_bad_name_or_password_leaves_the_letter_open(cast, post, body, field):
    invite(cast.musa)
    answer = accept(post.token(), **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not User.objects.filter(phone=NEW_PHONE).exists()
    assert accept(post.token(), **NEW).status_code == 200


# --- somebody with an account -----------------------------------------------------------------------------------------


def test_who_has_an_account_signs_in_and_accepts(cast, post, newcomer):
    User.objects.filter(pk=newcomer.pk).update(is_phone_verified=True)
    invite(cast.musa, phone=newcomer.phone)
    letter = open_letter(post.token()).json()
    assert letter["has_account"]
    refused = accept(post.token(), **NEW)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_exists")
    newcomer.refresh_from_db()
    assert newcomer.check_password(PASSWORD)
    done = accept(post.token(), as_user(newcomer))
    assert done.json()["login"] == ""
    _, member = member_of(newcomer, cast.estate.pk)
    assert member.role_keys == {"tenant"}


def test_an_address_that_somebody_elses_account_names_opens_it_to_nobody(cast, post, newcomer):
    """He has proved his email; the number beside it an office mistyped, and its true owner holds the link."""
    User.objects.filter(pk=newcomer.pk).update(is_email_verified=True, password="!")
    invite(cast.musa, phone=newcomer.phone)
    assert accept(post.token(), **NEW).json()["code"] == "account_exists"
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_an_account_that_an_office_wrote_down_becomes_his_who_proves_the_number(cast, post):
    other = User.objects.create_user(name="I. Ojo", phone=NEW_PHONE)
    invite(cast.musa)
    assert not open_letter(post.token()).json()["has_account"]
    assert accept(post.token(), **NEW).status_code == 200
    other.refresh_from_db()
    assert (other.name, other.is_phone_verified) == ("Ife Ojo", True)
    assert other.check_password(NEW["password"])


def test_who_is_a_member_already_only_gets_the_home(cast, post):
    invite(cast.musa, phone=cast.worker.phone)
    assert accept(post.token(), cast.worker.api).status_code == 200
    assert cast.worker.member.role_keys == {"domestic_staff", "tenant"}
    assert Membership.objects.of(cast.estate).filter(user=cast.worker.user).count() == 1
    invite(cast.musa, phone=cast.bola.phone, kind="owner")
    assert accept(post.token(), cast.bola.api).status_code == 200
    homes = Occupancy.objects.of(cast.estate).filter(membership=cast.bola.membership)
    assert [home.kind for home in homes] == ["tenant"], "he lives there already, and stays what he is"


def test_the_office_learns_nothing_of_an_address(cast, post, newcomer):
    """The same answers, bytes apart from ids and times, for an account, a stranger's, and none."""
    told = []
    for phone in (newcomer.phone, cast.stranger.phone, "+447700900778"):
        answer = invite(cast.musa, phone=phone)
        said = answer.json()
        told.append(
            {name: said[name] for name in said if name not in ("id", "created_at", "expires_at", "phone")}
        )
        assert answer.status_code == 201
    assert told[0] == told[1] == told[2]
    rows = listed(cast.musa)
    assert {(row["name"], row["state"], row["member_id"]) for row in rows} == {("Ife Ojo", "open", None)}
    everything = str(rows) + str(list(AuditEntry.objects.values_list("changes", "actor_name")))
    assert newcomer.name not in everything
    assert cast.stranger.name not in everything


def test_declined_nobody_asks_who_he_is(cast, post, newcomer):
    invite(cast.musa, phone=newcomer.phone)
    assert decline(post.token(), as_user(newcomer)).status_code == 204
    (row,) = listed(cast.musa)
    assert (row["state"], row["member_id"]) == ("declined", None)
    entry = AuditEntry.objects.get(action="joining.invitation.declined")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("link", None, "Ife Ojo")
    assert membership(cast.estate, newcomer) is None


# --- what a link is good for ------------------------------------------------------------------------------------------


def test_it_expires_after_a_week_and_can_be_sent_again(cast, post):
    sent = invite(cast.musa).json()
    with time_machine.travel(now() + timedelta(days=7, seconds=1)):
        assert is_over(accept(post.token(), **NEW))
        assert [row["state"] for row in listed(cast.musa)] == ["expired"]
        assert listed(cast.musa, "state=open") == []
        renewed = again(cast.musa, sent["id"])
        assert (renewed.status_code, renewed.json()["state"]) == (200, "open")
        assert len(post.sent) == 2
        assert is_over(open_letter(post.token(0))), "the older letter opens nothing any more"
        assert accept(post.token(), **NEW).status_code == 200
        assert again(cast.musa, sent["id"]).json()["code"] == "invitation_decided"


def test_withdrawn_it_opens_nothing(cast, post):
    sent = invite(cast.musa).json()
    assert withdraw(cast.musa, sent["id"]).status_code == 204
    assert is_over(accept(post.token(), **NEW))
    assert withdraw(cast.musa, sent["id"]).json()["code"] == "invitation_decided"
    assert again(cast.musa, sent["id"]).status_code == 409


@pytest.mark.parametrize("what", ["", "x", "x" * 100, "changed", "longer", "é"])
def test_what_we_did_not_sign_is_no_invitation(cast, post, what):
    invite(cast.musa)
    token = post.token()
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    given = {"changed": changed, "longer": token + "AAAA"}.get(what, what)
    for answer in (open_letter(given), accept(given, **NEW), decline(given)):
        expected = (404, "invitation_not_found") if what else (400, "malformed")
        assert (answer.status_code, answer.json()["code"]) == expected


def test_a_dismissed_managers_letters_are_worth_nothing(cast, post):
    """Else he could leave himself a door."""
    chief = cast.musa.api.post(
        cast.musa.url(f"people/{cast.chief.id}/roles/"), {"role": "manager"}, format="json"
    )
    assert chief.status_code == 201
    sent = invite(cast.musa, roles=["manager"]).json()
    assert cast.chief.api.delete(cast.chief.url(f"people/{cast.musa.id}/roles/manager/")).status_code == 204
    assert is_over(open_letter(post.token()))
    assert is_over(accept(post.token(), **NEW))
    assert not User.objects.filter(phone=NEW_PHONE).exists()
    assert again(cast.chief, sent["id"]).status_code == 200
    assert accept(post.token(), **NEW).status_code == 200


def test_a_suspended_estates_letters_are_worth_nothing(cast, post):
    invite(cast.musa)
    Estate.objects.filter(pk=cast.estate.pk).update(is_suspended=True)
    assert open_letter(post.token()).status_code == 404
    assert accept(post.token(), **NEW).status_code == 404


# --- sending ----------------------------------------------------------------------------------------------------------


def test_one_that_was_refused_is_tried_again_and_then_shown_as_failed(cast, post):
    post.works = False
    invite(cast.musa)
    assert [row["sending"] for row in listed(cast.musa)] == ["waiting"]
    for tries in range(2, 6):
        with time_machine.travel(now() + timedelta(minutes=3 * tries)):
            assert send_due_invitations() == 1
            assert len(post.sent) == tries
    with time_machine.travel(now() + timedelta(minutes=60)):
        assert send_due_invitations() == 0
    assert [row["sending"] for row in listed(cast.musa)] == ["failed"]


def test_one_whose_task_was_lost_is_found(cast, post, background, monkeypatch):
    monkeypatch.setattr(background, "send", lambda *_: None)
    invite(cast.musa)
    Invitation.objects.of(cast.estate).update(sent_at=None, claimed_until=None, tries=0)
    post.sent.clear()
    send_due_invitations()
    send_due_invitations()
    assert len(post.sent) == 1


def test_nobody_is_flooded(cast, post):
    for _ in range(5):
        assert invite(cast.musa).status_code == 201
    refused = invite(cast.musa)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_invitations")
    assert int(refused.headers["Retry-After"]) > 0
    assert invite(cast.musa, phone="+447700900778").status_code == 201


def test_a_name_smuggles_no_link_into_a_text(cast, post):
    Estate.objects.filter(pk=cast.estate.pk).update(name="Win at https://evil.example/x\nnow")
    invite(cast.musa)
    body = post.sent[-1][1]
    assert body.count("://") == 1
    assert "\n" not in body


# --- who may, and what is nonsense ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"name": " "}, 400, "name"),
        ({"phone": None}, 400, "phone"),
        ({"email": "a@example.test"}, 400, "phone"),
        ({"phone": "12"}, 400, "phone"),
        ({"phone": None, "email": "nobody"}, 400, "email"),
        ({"unit": None}, 400, "unit"),
        ({"kind": None}, 400, "kind"),
        ({"unit": None, "kind": None}, 400, "unit"),
        ({"unit": "Z-1"}, 404, "unit"),
        ({"kind": "guest"}, 400, "kind"),
        ({"roles": ["king"]}, 404, "roles"),
        ({"expires_at": "2030-01-01"}, 400, "expires_at"),
    ],
)
def test_nonsense_is_refused_by_name(cast, post, more, status, field):
    answer = invite(cast.musa, **more)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert post.sent == []
    assert not Invitation.objects.of(cast.estate).exists()


def test_a_role_without_a_home(cast, post):
    assert invite(cast.musa, unit=None, kind=None, roles=["guard"]).status_code == 201
    accept(post.token(), **NEW)
    _, member = member_of(User.objects.get(phone=NEW_PHONE), cast.estate.pk)
    assert member.role_keys == {"guard"}


def test_nobody_invites_above_himself(cast, post):
    give_own_role(cast, ["estates.member.manage"])
    assert invite(cast.sule, kind="owner").json()["code"] == "above_own"
    assert invite(cast.sule, kind="child", roles=["guard"]).json()["code"] == "permission_missing"
    assert invite(cast.sule, kind="child").status_code == 201
    sent = invite(cast.musa, kind="owner").json()
    assert again(cast.sule, sent["id"]).json()["code"] == "above_own"
    assert len(post.sent) == 2


def test_only_who_may_let_people_in_invites_and_a_stranger_finds_nothing(cast, post):
    sent = invite(cast.musa).json()
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert person.api.get(person.url("invitations/")).status_code == 403
        assert invite(person).status_code == 403
        assert again(person, sent["id"]).status_code == 403
        assert withdraw(person, sent["id"]).status_code == 403
    stranger = cast.stranger
    assert listed(stranger) == listed(stranger, "q=ife") == []
    assert again(stranger, sent["id"]).json()["code"] == "invitation_not_found"
    assert withdraw(stranger, sent["id"]).json()["code"] == "invitation_not_found"
    assert invite(stranger).json()["code"] == "unit_not_found", "B-15 is another estate's"
    key = cast.musa.api.post(
        cast.musa.url("roles/"), {"name": "Own", "permissions": []}, format="json"
    ).json()["key"]
    refused = invite(stranger, unit=None, kind=None, roles=[key])
    assert refused.json()["code"] == "role_not_found"
    assert len(post.sent) == 1


def test_the_list_is_searched_ordered_and_costs_the_same_however_long(cast, post):
    counts = []
    for size in (1, 12):
        for number in range(Invitation.objects.of(cast.estate).count(), size):
            invite(cast.musa, name=f"Guest {number:02}", phone=f"+4477009006{number:02}")
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(cast.musa)) == size
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
    assert [row["name"] for row in listed(cast.musa, "q=guest+03")] == ["Guest 03"]
    assert [row["name"] for row in listed(cast.musa, "ordering=-name&page_size=2")] == [
        "Guest 11",
        "Guest 10",
    ]
    assert listed(cast.musa, "state=declined") == []
    assert cast.musa.api.get(cast.musa.url("invitations/?state=x")).json()["code"] == "filter_not_valid"


def test_roles_that_were_given_are_those_that_were_promised(cast, post):
    invite(cast.musa, unit=None, kind=None, roles=["guard", "guard"])
    accept(post.token(), **NEW)
    user = User.objects.get(phone=NEW_PHONE)
    assert RoleGrant.objects.of(cast.estate).filter(membership__user=user).count() == 1

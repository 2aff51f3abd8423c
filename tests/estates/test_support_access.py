"""A platform admin is in an estate for a time, announced and on record; and never hears of an alert."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.platform_admins import set_platform_admin
from core.actors import SYSTEM
from core.background import functions
from core.clock import now
from core.models import AuditEntry
from estates.models import Membership, SupportAccess
from estates.permissions import RoleKey
from estates.selectors import member_of
from estates.services.people import add_member, create_estate
from notifications.models import Delivery
from realtime.models import Event
from realtime.topics import topics_of
from tests.emergency.conftest import in_threads
from tests.support.authenticator import give_second_factor
from tests.support.cast import Person


@pytest.fixture
def admin(cast):
    """A platform admin with two factors, who belongs to no estate; `url` is Palm Court's."""
    user = User.objects.create_user(name="Pat Reed", email="pat@example.test")
    set_platform_admin(user=user, is_admin=True)
    person = Person(user=user, membership=Membership(estate=cast.estate, user=user), estate=cast.estate)
    give_second_factor(person)
    return person


def enter(person, reason="Import of units fails", hours=1.0, **data):
    return person.api.post(person.url("support/"), {"reason": reason, "hours": hours, **data}, format="json")


def entries(cast, prefix):
    found = AuditEntry.objects.filter(estate_id=cast.estate.pk, action__startswith=prefix)
    return list(found.order_by("seq"))


def told(cast):
    found = Event.objects.filter(
        stream__name=f"estate.{cast.estate.pk}.managers", type__startswith="estates.support"
    )
    return [(event.type, event.data["access"]) for event in found.order_by("offset")]


def test_he_is_in_from_his_reason_until_his_time_and_its_managers_know(cast, admin):
    assert admin.api.get(admin.url("people/")).status_code == 404
    answer = enter(admin, hours=1.5)
    assert answer.status_code == 201, answer.content
    access = answer.json()
    assert (access["name"], access["reason"], access["is_open"]) == (
        "Pat Reed",
        "Import of units fails",
        True,
    )

    assert admin.api.get(admin.url("people/")).status_code == 200
    assert cast.musa.api.get(cast.musa.url("support/")).json()["results"] == [access]
    ((event, data),) = told(cast)
    assert (event, data["reason"]) == ("estates.support.started", "Import of units fails")
    texts = Delivery.objects.of(cast.estate).filter(subject="estates.support")
    assert [text.member_id for text in texts] == [cast.musa.id]
    assert "Pat Reed of ClustR support has entered until" in texts[0].body
    (entry,) = entries(cast, "estates.support.started")
    assert (entry.action, entry.actor_kind, entry.actor_name) == (
        "estates.support.started",
        "support",
        "Pat Reed",
    )
    assert entry.changes["reason"] == "Import of units fails"


def test_what_he_does_stands_on_the_record_as_support(cast, admin):
    enter(admin)
    body = {"role": "guard"}
    assert admin.api.post(admin.url(f"people/{cast.bola.id}/roles/"), body, format="json").status_code == 201
    entry = entries(cast, "estates.role.granted")[-1]
    assert (entry.actor_kind, entry.actor_name) == ("support", "Pat Reed")
    made = cast.musa.api.get(cast.musa.url("audit/?q=Pat")).json()["results"]
    assert {row["actor"]["kind"] for row in made} == {"support"}
    assert admin.api.get(admin.url("people/?q=Ada")).status_code == 200
    signed_in(admin).get(f"/estates/{cast.estate.pk}/desk/units/")
    looks = [entry.changes["at"] for entry in entries(cast, "estates.support.looked")]
    assert looks == [admin.url("people/?q=Ada"), f"/estates/{cast.estate.pk}/desk/units/"]
    assert admin.api.get(admin.url("audit/check/")).json()["holds"]


def test_he_appoints_a_manager_where_there_is_none_but_enters_by_no_other_door(cast, admin):
    enter(admin)
    body = {"role": "manager"}
    assert admin.api.post(admin.url(f"people/{cast.ada.id}/roles/"), body, format="json").status_code == 201
    for method, path, data in (
        (
            "post",
            "keys/",
            {"name": "x", "permissions": ["estates.estate.read"], "expires_at": "2027-01-01T00:00:00Z"},
        ),
        ("delete", f"people/{cast.ada.id}/", None),
        ("post", "units/", {"name": "B-99", "block": "B"}),
        ("post", "alerts/", {"category": "fire"}),
        ("get", "alerts/", None),
        ("get", "contacts/", None),
        ("get", "duty/", None),
        ("get", "policies/", None),
        ("get", "exports/", None),
    ):
        answer = getattr(admin.api, method)(admin.url(path), data, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), (method, path)
    role = {"name": "Platform", "permissions": ["platform.estate.manage"]}
    for person in (admin, cast.musa):
        assert person.api.post(person.url("roles/"), role, format="json").json()["code"] == "above_own"


def test_no_alert_reaches_him(cast, admin):
    enter(admin)
    _, member = member_of(admin.user, cast.estate.pk)
    assert {topic.name for topic in topics_of(member)} == {
        f"member.{member.id}",
        f"estate.{cast.estate.pk}.managers",
    }
    raised = cast.ada.api.post(
        cast.ada.url("alerts/"),
        {"category": "fire", "position": {"lat": 6.44, "lon": 3.47, "accuracy_m": 5}},
        format="json",
    ).json()
    for path in (
        f"alerts/{raised['id']}/",
        f"alerts/{raised['id']}/timeline/",
        f"alerts/{raised['id']}/messages/",
    ):
        assert admin.api.get(admin.url(path)).status_code == 403


@pytest.mark.parametrize("by", ["admin", "musa"])
def test_it_is_ended_early_by_him_or_by_a_manager(cast, admin, by):
    access = enter(admin).json()
    person = admin if by == "admin" else cast.musa
    path = person.url(f"support/{access['id']}/")
    assert person.api.delete(path).status_code == 204
    assert admin.api.get(admin.url("people/")).status_code == 404
    # Again: for him there is nothing any more, for a manager nothing to do.
    assert person.api.delete(path).status_code == (404 if by == "admin" else 204)

    (row,) = cast.musa.api.get(cast.musa.url("support/?state=ended")).json()["results"]
    assert (row["is_open"], row["ended_by"]) == (False, person.name)
    assert [event for event, _ in told(cast)] == ["estates.support.started", "estates.support.ended"]
    assert [entry.action for entry in entries(cast, "estates.support.")] == [
        "estates.support.started",
        "estates.support.ended",
    ]
    assert enter(admin).status_code == 201, "he can come again"


def test_it_runs_out_by_itself(cast, admin, time_machine):
    access = enter(admin, hours=4).json()
    time_machine.move_to(now() + timedelta(hours=4, seconds=1), tick=True)
    assert admin.api.get(admin.url("people/")).status_code == 404
    functions["estates.end_support"]()
    functions["estates.end_support"]()

    row = SupportAccess.objects.of(cast.estate).get(pk=access["id"])
    assert (row.ended_by, row.ended_at) == ("ClustR", row.expires_at)
    assert [event for event, _ in told(cast)] == ["estates.support.started", "estates.support.ended"]


@pytest.mark.parametrize(
    "loss", ["no admin any more", "switched off", "no second factor", "estate suspended"]
)
def test_it_ends_with_what_it_stands_on(cast, admin, loss):
    enter(admin)
    match loss:
        case "no admin any more":
            set_platform_admin(user=admin.user, is_admin=False)
        case "switched off":
            User.objects.filter(pk=admin.user.pk).update(is_active=False)
        case "no second factor":
            admin.user.authenticator_set.all().delete()
        case "estate suspended":
            cast.estate.is_suspended = True
            cast.estate.save()
    assert admin.api.get(admin.url("people/")).status_code in (401, 404)
    functions["estates.end_support"]()
    assert SupportAccess.objects.of(cast.estate).get().ended_by == "ClustR"


def test_two_who_end_it_at_once_end_it_once(cast, admin):
    access = enter(admin).json()
    answers = in_threads(
        3, lambda _: cast.musa.api.delete(cast.musa.url(f"support/{access['id']}/")).status_code
    )
    assert set(answers) == {204}
    assert [event for event, _ in told(cast)].count("estates.support.ended") == 1


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        ({"reason": ""}, "malformed", "reason"),
        ({"reason": " \n "}, "reason_missing", "reason"),
        ({"reason": "x" * 501}, "malformed", "reason"),
        ({"hours": 0}, "malformed", "hours"),
        ({"hours": 4.1}, "malformed", "hours"),
        ({"hours": "2"}, "malformed", "hours"),
        ({"more": 1}, "malformed", "more"),
    ],
)
def test_nonsense_lets_nobody_in(cast, admin, data, code, field):
    answer = enter(admin, **data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == field
    assert not SupportAccess.objects.of(cast.estate).exists()
    assert told(cast) == []


def test_who_is_no_platform_admin_gets_none(cast, admin):
    foreign = cast.stranger.api.post(cast.ada.url("support/"), {"reason": "x", "hours": 1}, format="json")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "estate_not_found")
    for person in (cast.musa, cast.ada, cast.gate):
        answer = enter(person)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    for person in (cast.ada, cast.gate, cast.chief, cast.accountant):
        assert person.api.get(person.url("support/")).status_code == 403
    access = enter(admin).json()
    for person in (cast.ada, cast.chief):
        assert person.api.delete(person.url(f"support/{access['id']}/")).status_code == 403
    answer = cast.stranger.api.delete(cast.stranger.url(f"support/{access['id']}/"))
    assert (answer.status_code, answer.json()["code"]) == (404, "support_not_found")
    assert cast.stranger.api.get(cast.stranger.url("support/")).json()["results"] == []


def test_without_a_second_factor_he_is_told_to_set_one_up(cast, admin):
    admin.user.authenticator_set.all().delete()
    answer = enter(admin)
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_missing")
    assert admin.api.get("/api/v1/platform/estates/").json()["code"] == "second_factor_missing"


def test_he_is_in_once_and_in_his_own_estate_as_its_member(cast, admin):
    assert enter(admin).status_code == 201
    again = enter(admin)
    assert (again.status_code, again.json()["code"]) == (409, "support_open")
    home = create_estate(actor=SYSTEM, name="Home", slug="home", time_zone="UTC", country="GB")
    add_member(actor=SYSTEM, estate=home, user=admin.user, roles=[RoleKey.OWNER])
    answer = admin.api.post(f"/api/v1/estates/{home.pk}/support/", {"reason": "x", "hours": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "belongs_there")


def test_one_admin_does_not_end_anothers(cast, admin):
    other = User.objects.create_user(name="Kim Lee", email="kim@example.test")
    set_platform_admin(user=other, is_admin=True)
    kim = Person(user=other, membership=Membership(estate=cast.estate, user=other), estate=cast.estate)
    give_second_factor(kim)
    theirs = enter(kim).json()
    enter(admin)
    assert admin.api.delete(admin.url(f"support/{theirs['id']}/")).status_code == 404
    rows = admin.api.get(admin.url("support/?ordering=name")).json()["results"]
    assert [row["name"] for row in rows] == ["Kim Lee", "Pat Reed"]
    assert len(admin.api.get(admin.url("support/?q=kim")).json()["results"]) == 1
    assert admin.api.get(admin.url("support/?state=lost")).status_code == 400


def test_the_history_costs_the_same_however_long_it_is(cast, django_assert_num_queries):
    for number in range(30):
        SupportAccess.objects.create(
            estate=cast.estate, name=f"Admin {number}", reason="x", expires_at=now() - timedelta(hours=1)
        )
    for size in (2, 30):
        with django_assert_num_queries(3):
            answer = cast.musa.api.get(cast.musa.url(f"support/?page_size={size}"))
            assert len(answer.json()["results"]) == size


def test_managers_without_a_phone_are_mailed(cast, admin, monkeypatch):
    User.objects.filter(pk=cast.musa.user.pk).update(phone=None)
    mails = []
    monkeypatch.setattr("notifications.support_access.send_mail", lambda *mail: mails.append(mail))
    enter(admin)
    ((to, subject, text),) = mails
    assert (to, subject) == (cast.musa.email, "Support access to Palm Court")
    assert "Import of units fails" in text


def signed_in(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_the_desk_says_on_every_page_who_is_in(cast, admin):
    enter(admin, reason="Why <b>not</b>")
    for page in ("desk/people/", "desk/support/", "board/"):
        shown = signed_in(cast.musa).get(f"/estates/{cast.estate.pk}/{page}").content.decode()
        assert "Pat Reed of ClustR support is in this estate" in shown, page
        assert "Why &lt;b&gt;not&lt;/b&gt;" in shown
        assert "data-end-support" in shown
    for person in (cast.chief, cast.gate):
        shown = signed_in(person).get(f"/estates/{cast.estate.pk}/board/").content.decode()
        assert "Pat Reed" not in shown


def test_he_has_the_desks_pages_and_no_others(cast, admin):
    client = signed_in(admin)
    assert client.get(f"/estates/{cast.estate.pk}/desk/people/").status_code == 404
    assert client.get("/")["Location"] == "/platform/"
    assert "Palm Court" in client.get("/platform/").content.decode()
    assert client.get("/platform/?q=next").content.decode().count("<h2") == 1
    enter(admin)
    for page, status in (
        ("desk/people/", 200),
        (f"desk/people/{cast.ada.id}/", 200),
        ("desk/units/", 200),
        ("desk/record/", 200),
        ("desk/roles/", 200),
        ("desk/support/", 200),
        ("desk/alerts/", 403),
        ("desk/keys/", 403),
        ("board/", 403),
        ("home/", 403),
    ):
        assert client.get(f"/estates/{cast.estate.pk}/{page}").status_code == status, page
    for person in (cast.musa, cast.stranger):
        assert signed_in(person).get("/platform/").status_code == 404
    assert Client().get("/platform/").status_code == 302

"""Lists come in: tried first, all or nothing, every bad row named, and nobody's account taken from him."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import User
from backoffice.models import Import, ImportFile
from backoffice.services import imports
from core.actors import SYSTEM
from core.audit import breaks_in
from core.clock import now
from core.models import AuditEntry
from estates.models import Membership, Occupancy, Unit
from estates.permissions import RoleKey
from estates.services.invitations import accept_invitation
from estates.services.people import add_member, end_membership
from tests.support.background import run_task
from tests.support.tables import PEOPLE, UNITS, bring_in, csv_of, hand_in, residents, through, xlsx_of


def outcome(job) -> tuple:
    return job["state"], job["created"], job["updated"], job["unchanged"], job["bad_rows"]


def problems(job) -> list[tuple[int, str]]:
    return [(one["row"], one["field"]) for one in job["problems"]]


def acts(cast) -> list[str]:
    entries = AuditEntry.objects.filter(estate_id=cast.estate.pk, actor_id=cast.musa.id).order_by("seq")
    return list(entries.values_list("action", flat=True))


# --- units ------------------------------------------------------------------------------------------------------------


def test_a_trial_writes_nothing_and_the_import_does_it(cast):
    file = csv_of(UNITS, ("B", "b-14", "6.5", "3.5"), ("C", "C-01", "", ""), ("C", "C-02", "6.4", "3.4"))
    tried = hand_in(cast.musa, "units", file).json()
    assert outcome(tried) == ("checked", 2, 1, 0, 0)
    assert Unit.objects.of(cast.estate).count() == 2
    done = bring_in(cast.musa, tried["id"]).json()
    assert outcome(done) == ("done", 2, 1, 0, 0)
    assert {unit.name: unit.latitude for unit in Unit.objects.of(cast.estate)} == {
        "B-14": 6.5,
        "B-15": 6.4413,
        "C-01": None,
        "C-02": 6.4,
    }
    assert acts(cast) == [
        "backoffice.import.started",
        "estates.unit.changed",
        "estates.unit.created",
        "estates.unit.created",
        "backoffice.import.done",
    ]
    assert not list(breaks_in(cast.estate.pk))
    assert not ImportFile.objects.of(cast.estate).exists()
    assert outcome(through(cast.musa, "units", file)) == ("done", 0, 0, 3, 0)
    assert not Unit.objects.of(cast.other_estate).exists()


def test_bad_units_are_named_by_row_and_column(cast):
    file = csv_of(
        UNITS,
        ("C", "C-01", "91", "x"),
        ("", "C-02", "", ""),
        ("C", "C-03", "nan", "1e999"),
        ("C", "C-04", "", ""),
        ("C", "c-04", "", ""),
        ("C", "=1+1", "", ""),
        ("C", "x" * 51, "", ""),
    )
    job = hand_in(cast.musa, "units", file).json()
    assert problems(job) == [
        (2, "latitude"),
        (2, "longitude"),
        (3, "block"),
        (4, "latitude"),
        (4, "longitude"),
        (6, "name"),
        (7, "name"),
        (8, "name"),
    ]
    assert (job["bad_rows"], job["created"]) == (6, 1)


# --- people -----------------------------------------------------------------------------------------------------------


def test_residents_come_in_with_their_homes_and_roles(cast):
    file = csv_of(
        PEOPLE,
        ("Chi Eze", "+447700900601", "Chi@example.test", "b-14; B-15", "Owner"),
        ("Dayo Eze", "07700 900602", "", "B-14", "family"),
        ("Efe Eze", "", "efe@example.test", "B-14", "child"),
    ).replace(b"07700 900602", b"0802 345 6789")
    assert outcome(through(cast.musa, "people", file)) == ("done", 3, 0, 0, 0)
    people = {m.user.name: m for m in Membership.objects.of(cast.estate).select_related("user")}
    assert people["Dayo Eze"].user.phone == "+2348023456789", "a number of the estate's country"
    roles = {
        name: list(people[name].role_grants.values_list("role__key", flat=True))
        for name in ("Chi Eze", "Dayo Eze", "Efe Eze")
    }
    assert roles == {"Chi Eze": ["owner"], "Dayo Eze": ["household_member"], "Efe Eze": ["child"]}
    homes = Occupancy.objects.of(cast.estate).filter(membership=people["Chi Eze"])
    assert sorted(homes.values_list("unit__name", "kind")) == [("B-14", "owner"), ("B-15", "owner")]
    user = people["Chi Eze"].user
    assert (user.has_usable_password(), user.is_phone_verified) == (False, False)
    assert acts(cast).count("estates.member.added") == 3
    assert acts(cast).count("estates.occupancy.started") == 4
    assert outcome(through(cast.musa, "people", file)) == ("done", 0, 0, 3, 0)


def test_what_goes_out_comes_in_again_and_changes_nothing(cast):
    for kind in ("csv", "xlsx"):
        file = cast.musa.api.get(cast.musa.url(f"exports/people/?format={kind}")).content
        assert outcome(hand_in(cast.musa, "people", file).json()) == ("checked", 0, 0, 3, 0), kind
        file = cast.musa.api.get(cast.musa.url(f"exports/units/?format={kind}")).content
        assert outcome(hand_in(cast.musa, "units", file).json()) == ("checked", 0, 0, 2, 0), kind


def test_a_second_file_brings_people_up_to_date(cast):
    through(cast.musa, "people", csv_of(PEOPLE, ("Chi", "", "chi@example.test", "B-14", "tenant")))
    file = csv_of(PEOPLE, ("Chi Eze", "+447700900601", "CHI@example.test", "B-14", "owner"))
    member = Membership.objects.of(cast.estate).get(user__email="chi@example.test")
    assert outcome(through(cast.musa, "people", file)) == ("done", 0, 1, 0, 0)
    user = User.objects.get(pk=member.user_id)
    assert (user.name, user.phone) == ("Chi Eze", "+447700900601")
    assert list(member.role_grants.values_list("role__key", flat=True)) == ["owner"]
    current = Occupancy.objects.of(cast.estate).get(membership=member, ends_on=None)
    assert current.kind == "owner"
    assert Membership.objects.of(cast.estate).get(pk=member.pk).role_epoch == member.role_epoch + 1


def test_who_has_left_is_asked_back(cast):
    end_membership(actor=SYSTEM, membership=cast.bola.membership)
    file = csv_of(PEOPLE, (cast.bola.name, cast.bola.phone, "", "B-15", "tenant"))
    assert outcome(through(cast.musa, "people", file)) == ("done", 0, 1, 0, 0)
    assert Membership.objects.of(cast.estate).get(pk=cast.bola.id).status == "pending"
    accept_invitation(user=cast.bola.user, member_id=cast.bola.id)
    assert cast.bola.member.role_keys == {"tenant"}


def test_whose_account_is_still_the_offices_comes_back_at_once(cast):
    row = ("New", "+447700900601", "", "B-14", "owner")
    through(cast.musa, "people", csv_of(PEOPLE, row))
    member = Membership.objects.of(cast.estate).get(user__phone="+447700900601")
    end_membership(actor=SYSTEM, membership=member)
    through(cast.musa, "people", csv_of(PEOPLE, row))
    member.refresh_from_db()
    assert member.status == "active"


def test_a_verified_number_is_never_overwritten_nor_anything_of_an_account_in_use(cast):
    before = User.objects.filter(pk=cast.ada.user.pk).values()[0]
    file = csv_of(
        PEOPLE,
        ("Not Ada", "+447700900601", cast.ada.email, "B-14", "owner"),
        ("Not Bola", cast.bola.phone, "evil@example.test", "B-15", "tenant"),
    )
    job = hand_in(cast.musa, "people", file).json()
    assert problems(job) == [(2, "phone"), (3, "email")]
    assert cast.ada.phone not in str(job), "what it is is not said"
    through(cast.musa, "people", csv_of(PEOPLE, ("Not Ada", "", cast.ada.email, "B-14", "owner")))
    assert User.objects.filter(pk=cast.ada.user.pk).values()[0] == before


def test_nobody_learns_of_or_changes_an_account_of_another_estate(cast):
    stranger = cast.stranger
    before = User.objects.filter(pk=stranger.user.pk).values()[0]
    rows = [
        ("New", "+447700900601", stranger.email, "B-14", "owner"),
        ("Newer", "+447700900602", "newer@example.test", "B-14", "owner"),
    ]
    job = hand_in(cast.musa, "people", csv_of(PEOPLE, *rows)).json()
    assert outcome(job) == ("checked", 2, 0, 0, 0), "as if there were no such account"
    bring_in(cast.musa, job["id"])
    assert User.objects.filter(pk=stranger.user.pk).values()[0] == before
    assert Membership.objects.of(cast.other_estate).get(user=stranger.user).role_epoch == 1

    through(cast.musa, "people", csv_of(PEOPLE, ("Odd", "+447700900603", "", "B-14", "owner")))
    add_member(actor=SYSTEM, estate=cast.other_estate, user=User.objects.get(name="Odd"), roles=[])
    far = User.objects.create_user(name="Far", email="far@example.test")
    add_member(actor=SYSTEM, estate=cast.other_estate, user=far, roles=[])
    odd = csv_of(PEOPLE, ("Even", "+447700900603", far.email, "B-14", "owner"))
    assert outcome(through(cast.musa, "people", odd)) == ("done", 0, 0, 1, 0)
    assert User.objects.get(phone="+447700900603").name == "Odd"


def test_bad_people_are_named_by_row_and_column(cast):
    file = csv_of(
        PEOPLE,
        ("A", "", "", "B-14", "owner"),
        ("B", "12", "", "B-14", "owner"),
        ("C", "", "nobody", "B-14", "owner"),
        ("D", "", "d@example.test", "Z-99", "owner"),
        ("E", "", "e@example.test", "B-14", "guard"),
        ("", "", "f@example.test", "B-14", "owner"),
        ("G", "", "g@example.test", "", "owner"),
        ("H", "", "h@example.test", "B-14", "owner"),
        ("H", "", "H@example.test", "B-14", "owner"),
        ("=cmd|' /C calc'!A0", "", "i@example.test", "B-14", "owner"),
    )
    job = hand_in(cast.musa, "people", file).json()
    assert problems(job) == [
        (2, "phone"),
        (3, "phone"),
        (4, "email"),
        (5, "unit"),
        (6, "kind"),
        (7, "name"),
        (8, "unit"),
        (10, "email"),
        (11, "name"),
    ]
    refused = bring_in(cast.musa, job["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import_has_problems")
    assert not User.objects.filter(name="H").exists()
    done = bring_in(cast.musa, job["id"], partial=True).json()
    assert outcome(done) == ("done", 1, 0, 0, 9)
    assert User.objects.filter(name="H").count() == 1


def test_a_workbook_says_the_same_and_a_formula_in_it_is_refused(cast):
    file = xlsx_of(
        PEOPLE,
        ("Chi", 8023456789.0, None, "B-14", "owner"),
        (),
        ("=1+1", None, "d@example.test", "B-14", "owner"),
    )
    job = hand_in(cast.musa, "people", file, file_name="anything.pdf").json()
    assert (problems(job), job["created"], job["rows"]) == ([(4, "name")], 1, 2)


# --- who, and when ----------------------------------------------------------------------------------------------------


def test_only_a_manager_brings_in_and_a_stranger_finds_nothing(cast):
    file = csv_of(UNITS, ("C", "C-01", "", ""))
    for person in (cast.chief, cast.accountant, cast.ada, cast.gate):
        assert hand_in(person, "units", file).status_code == 403
    mine = hand_in(cast.musa, "units", file).json()["id"]
    assert hand_in(cast.musa, "alerts", file).json()["code"] == "list_not_found"
    assert bring_in(cast.stranger, mine).json()["code"] == "import_not_found"
    assert cast.stranger.api.get(cast.stranger.url("imports/")).json()["results"] == []
    listed = cast.musa.api.get(cast.musa.url("imports/")).json()["results"]
    assert [(job["id"], job["started_by"]) for job in listed] == [(mine, cast.musa.name)]
    theirs = csv_of(PEOPLE, ("Chi", "", "chi@example.test", "B-14", "owner"))
    assert problems(hand_in(cast.stranger, "people", theirs).json()) == [(2, "unit")]


def test_an_import_is_done_once_or_discarded(cast):
    job = hand_in(cast.musa, "units", csv_of(UNITS, ("C", "C-01", "", ""))).json()
    assert bring_in(cast.musa, job["id"]).status_code == 200
    assert bring_in(cast.musa, job["id"]).json()["code"] == "import_not_ready"
    job = hand_in(cast.musa, "units", csv_of(UNITS, ("C", "C-02", "", ""))).json()
    path = cast.musa.url(f"imports/{job['id']}/")
    assert cast.musa.api.delete(path).status_code == 204
    assert cast.musa.api.get(path).json()["state"] == "discarded"
    assert bring_in(cast.musa, job["id"]).json()["code"] == "import_not_ready"
    assert not ImportFile.objects.of(cast.estate).exists()


def test_files_that_nobody_comes_back_for_are_forgotten_and_not_heaped_up(cast, monkeypatch):
    file = csv_of(UNITS, ("C", "C-01", "", ""))
    monkeypatch.setattr(imports, "MOST_OPEN", 1)
    hand_in(cast.musa, "units", file)
    assert hand_in(cast.musa, "units", file).json()["code"] == "too_many_imports"
    with time_machine.travel(now() + timedelta(hours=25)):
        run_task("backoffice.sweep")
    assert Import.objects.of(cast.estate).get().state == "discarded"
    assert not ImportFile.objects.of(cast.estate).exists()


def test_what_became_untrue_since_the_trial_stops_the_whole(cast):
    rows = residents(range(3))
    job = hand_in(
        cast.musa, "people", csv_of(PEOPLE, *rows, ("Z", "", "z@example.test", "B-15", "owner"))
    ).json()
    Unit.objects.of(cast.estate).filter(name="B-15").update(name="B-16")
    late = bring_in(cast.musa, job["id"]).json()
    assert (late["state"], problems(late)) == ("checked", [(5, "unit")])
    assert not User.objects.filter(name__startswith="Resident").exists()
    assert RoleKey.MANAGER in cast.musa.member.role_keys


@pytest.mark.parametrize("body", [{}, {"list": "units"}, {"file": "text"}])
def test_what_is_missing_is_named(cast, body):
    answer = cast.musa.api.post(cast.musa.url("imports/"), body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")

"""Who did what: each reads as much of it as concerns him, finds it, takes it home, and sees whether it is whole."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from core.actors import SYSTEM
from core.audit import record
from core.clock import now
from core.models import AuditChain, AuditEntry
from core.unit_of_work import unit_of_work
from estates import audit_log
from tests.support.cast import Cast, Person

READERS = {"musa", "chief", "ada", "accountant"}


def read(person: Person, query: str = "", path: str = "audit/"):
    return person.api.get(person.url(f"{path}?{query}"))


def acts(person: Person, query: str = "") -> list[str]:
    return [entry["action"] for entry in read(person, query).json()["results"]]


@pytest.fixture
def deeds(cast: Cast) -> list[str]:
    """One of each area, by Ada where nothing else is said."""
    with unit_of_work():
        record(cast.ada.member, "emergency.alert.raised", cast.unit)
        record(cast.gate.member, "gate.pass.used", cast.unit)
        record(cast.ada.member, "finance.invoice.paid", cast.unit, {"amount": "=1+1"})
        record(SYSTEM, "staff.post.darkened", cast.unit)
        record(cast.bola.member, "community.poll.opened", cast.unit)
    return list(
        AuditEntry.objects.filter(estate_id=cast.estate.pk).order_by("-seq").values_list("action", flat=True)
    )


# --- who reads what ---------------------------------------------------------------------------------------------------


def test_a_manager_reads_everything_newest_first(cast, deeds):
    page = read(cast.musa, "page_size=200").json()
    assert [entry["action"] for entry in page["results"]] == deeds
    newest = page["results"][0]
    entry = AuditEntry.objects.get(estate_id=cast.estate.pk, seq=newest["number"])
    assert newest == {
        "number": entry.seq,
        "at": newest["at"],
        "actor": {"kind": "member", "id": str(cast.bola.id), "name": cast.bola.name},
        "action": "community.poll.opened",
        "object_type": "estates.unit",
        "object_id": str(cast.unit.pk),
        "changes": {},
        "hash": entry.hash,
    }


def test_the_others_read_what_concerns_them(cast, deeds):
    security = {"emergency.alert.raised", "gate.pass.used", "staff.post.darkened"}
    assert set(acts(cast.chief)) >= security
    assert not {one for one in acts(cast.chief) if one.split(".")[0] in ("finance", "community", "estates")}
    assert acts(cast.accountant) == ["finance.invoice.paid"]
    assert acts(cast.ada) == ["finance.invoice.paid", "emergency.alert.raised"]


def test_everybody_else_is_refused(cast, deeds):
    for name in ("gate", "sule", "kid", "worker"):
        for path in ("audit/", "audit/file/", "audit/check/"):
            assert read(getattr(cast, name), path=path).status_code == 403, (name, path)
    for name in READERS - {"musa"}:
        assert read(getattr(cast, name), path="audit/check/").status_code == 403, name


def test_what_one_did_as_a_user_before_being_a_member_is_ones_own_too(cast):
    with unit_of_work():
        record(
            SYSTEM.__class__(kind="user", id=cast.ada.user.pk, name=cast.ada.name),
            "accounts.password.changed",
            cast.unit,
        )
    assert acts(cast.ada) == ["accounts.password.changed"]
    assert "accounts.password.changed" in acts(cast.chief)


def test_strangers_see_nothing_and_find_nothing_of_it_at_home(cast, deeds):
    for path in ("audit/", "audit/file/", "audit/check/"):
        assert cast.stranger.api.get(cast.ada.url(path)).status_code == 404
    assert not {"emergency.alert.raised", "gate.pass.used"} & set(acts(cast.stranger, "page_size=200"))
    for query in (f"actor={cast.ada.id}", f"object_id={cast.unit.pk}", "q=Ada"):
        assert acts(cast.stranger, query) == [], query


# --- finding ----------------------------------------------------------------------------------------------------------


def test_it_is_searched_by_actor_action_object_and_words(cast, deeds):
    assert acts(cast.musa, f"actor={cast.gate.id}") == ["gate.pass.used"]
    assert acts(cast.musa, "action=gate.pass.used") == acts(cast.musa, "action=gate.") == ["gate.pass.used"]
    assert acts(cast.musa, "action=gate.pass.us") == []
    assert len(acts(cast.musa, f"object_type=estates.unit&object_id={cast.unit.pk}&action=gate")) == 1
    assert acts(cast.musa, "q=DARKENED") == ["staff.post.darkened"]
    assert "community.poll.opened" in acts(cast.musa, f"q={cast.bola.name.split()[0]}")
    assert acts(cast.musa, "q=nothing+like+it") == []
    assert acts(cast.musa, "q=100%25") == acts(cast.musa, "q=_") == []


def test_days_are_days_at_the_estate_and_until_is_to_the_end_of_one(cast):
    cast.estate.time_zone = "Africa/Lagos"
    cast.estate.save(update_fields=["time_zone"])
    with unit_of_work():
        record(SYSTEM, "test.thing.done", cast.unit)
    entry = AuditEntry.objects.filter(action="test.thing.done")
    # 00:30 in Lagos is still the evening before in Greenwich.
    entry.update(at="2026-03-01T23:30:00Z")
    assert acts(cast.musa, "since=2026-03-02&until=2026-03-02") == ["test.thing.done"]
    assert acts(cast.musa, "since=2026-03-01&until=2026-03-01") == []
    assert acts(cast.musa, "since=2026-03-01T23:30:00Z&until=2026-03-01T23:30:01Z") == ["test.thing.done"]
    assert acts(cast.musa, "until=2026-03-01T23:30:00Z") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("actor=me", "actor"),
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("until=2026-03-01T10:00:00", "until"),
        ("until=9999-12-31", "until"),
        ("q=%00", "q"),
        ("action=%00", "action"),
    ],
)
@pytest.mark.parametrize("path", ["audit/", "audit/file/"])
def test_a_filter_that_means_nothing_is_refused_by_name(cast, query, field, path):
    answer = read(cast.musa, query, path)
    assert answer.status_code == 400, answer.content
    assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == ("filter_not_valid", field)


def test_pages_hold_while_it_grows(cast, deeds, django_assert_num_queries):
    first = read(cast.musa, "page_size=2").json()
    with unit_of_work():
        record(SYSTEM, "test.thing.done", cast.unit)
    second = cast.musa.api.get(first["next"]).json()
    assert [entry["action"] for entry in first["results"] + second["results"]] == deeds[:4]
    with django_assert_num_queries(3):
        read(cast.musa, "page_size=1")
    with django_assert_num_queries(3):
        read(cast.musa, "page_size=200")


# --- taking it home ---------------------------------------------------------------------------------------------------


def test_the_file_has_the_same_entries_oldest_first_and_harms_no_spreadsheet(cast, deeds):
    answer = read(cast.ada, path="audit/file/")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["action"] for row in rows] == ["emergency.alert.raised", "finance.invoice.paid"]
    assert rows[1]["changes"] == '{"amount":"=1+1"}'
    assert rows[1]["hash"] == AuditEntry.objects.get(action="finance.invoice.paid").hash

    User.objects.filter(pk=cast.ada.user.pk).update(name='=HYPERLINK("http://evil")')
    with unit_of_work():
        record(cast.ada.member, "finance.invoice.paid", cast.unit)
    last = list(csv.DictReader(StringIO(read(cast.ada, path="audit/file/").content.decode("utf-8-sig"))))[-1]
    assert last["actor"] == '\'=HYPERLINK("http://evil")'


def test_that_it_was_taken_stands_on_the_record_with_whose_hand(cast, deeds):
    read(cast.accountant, path="audit/file/")
    entry = AuditEntry.objects.get(action="core.audit.exported")
    assert (entry.actor_id, entry.changes) == (cast.accountant.id, {"entries": 1})


def test_a_file_that_would_be_too_long_is_refused_in_words(cast, deeds, monkeypatch):
    monkeypatch.setattr(audit_log, "MOST_ROWS", 1)
    answer = read(cast.musa, path="audit/file/")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_to_export")
    assert read(cast.accountant, path="audit/file/").status_code == 200
    assert AuditEntry.objects.filter(action="core.audit.exported").count() == 1


# --- whole or not -----------------------------------------------------------------------------------------------------


def test_the_check_says_that_it_is_whole_and_where_it_is_not(cast, deeds):
    chain = AuditChain.objects.get(estate_id=cast.estate.pk)
    assert read(cast.musa, path="audit/check/").json() == {
        "entries": chain.seq,
        "head": chain.hash,
        "holds": True,
        "breaks": [],
    }
    AuditEntry.objects.filter(estate_id=cast.estate.pk, seq=2).update(actor_name="Nobody")
    found = read(cast.musa, path="audit/check/").json()
    assert (found["holds"], found["breaks"]) == (False, ["entry 2 was changed"])
    assert read(cast.stranger, path="audit/check/").json()["holds"]


def test_the_command_walks_every_chain_and_fails_where_one_is_broken(cast, deeds, capsys):
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert f"{cast.estate.pk}: holds, " in said
    assert f"{cast.other_estate.pk}: holds, " in said

    AuditEntry.objects.filter(estate_id=cast.estate.pk, seq=3).delete()
    with pytest.raises(CommandError, match="1 of 2 chains"):
        call_command("verify_audit")
    assert "entries 3 to 3 are missing" in capsys.readouterr().out
    call_command("verify_audit", estate=cast.other_estate.pk)


def test_the_command_misses_no_chain_whose_head_was_taken_away(cast, deeds, capsys):
    AuditChain.objects.filter(estate_id=cast.estate.pk).delete()
    with pytest.raises(CommandError):
        call_command("verify_audit")
    assert f"{cast.estate.pk}: BROKEN" in capsys.readouterr().out


def test_an_estate_without_entries_is_whole(cast):
    call_command("verify_audit", estate=uuid4())


# --- on the desk ------------------------------------------------------------------------------------------------------


def test_the_desk_shows_it_finds_in_it_and_offers_the_file(cast, deeds, client):
    client.force_login(cast.musa.user)
    path = f"/estates/{cast.estate.pk}/desk/record/"
    page = client.get(path).content.decode()
    assert "gate.pass.used" in page
    assert "Check that the record is whole" in page
    today = now().date()
    page = client.get(
        f"{path}?action=emergency.alert&since={today - timedelta(days=2)}&until={today + timedelta(days=2)}"
    ).content.decode()
    assert "emergency.alert.raised" in page
    assert "gate.pass.used" not in page
    assert "/audit/file/?action=emergency.alert&amp;since=" in page
    assert "Nothing like this on the record" in client.get(f"{path}?q=nothing").content.decode()
    assert "Use a day" in client.get(f"{path}?since=soon").content.decode()
    assert "The record is whole" in client.get(f"{path}?check=1").content.decode()
    AuditEntry.objects.filter(estate_id=cast.estate.pk, seq=2).update(actor_name="Nobody")
    assert "tampered with" in client.get(f"{path}?check=1").content.decode()


def test_the_desk_offers_an_owner_his_own_and_no_check(cast, deeds, client):
    client.force_login(cast.ada.user)
    page = client.get(f"/estates/{cast.estate.pk}/desk/record/?check=1").content.decode()
    assert "emergency.alert.raised" in page
    assert "gate.pass.used" not in page
    assert "The record is whole" not in page
    assert "Check that" not in page

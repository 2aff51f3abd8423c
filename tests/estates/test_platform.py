"""The platform's admins find, suspend and reinstate estates; for everybody else there is nothing to find."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.audit import PLATFORM
from core.models import AuditEntry
from estates.models import Estate
from tests.estates.test_support_access import admin, enter, entries
from tests.support.authenticator import give_second_factor

__all__ = ["admin"]

ESTATES = "/api/v1/platform/estates/"


def names(person, query=""):
    return [row["name"] for row in person.api.get(f"{ESTATES}?{query}").json()["results"]]


def set_state(person, estate, verb, reason="Contract ended"):
    return person.api.post(f"{ESTATES}{estate.pk}/{verb}/", {"reason": reason}, format="json")


def test_estates_are_searched_narrowed_ordered_and_paged(cast, admin, django_assert_num_queries):
    assert names(admin) == ["Next Door", "Palm Court"]
    assert names(admin, "q=PALM") == ["Palm Court"]
    assert names(admin, "ordering=-name") == ["Palm Court", "Next Door"]
    assert names(admin, "state=suspended") == []
    page = admin.api.get(f"{ESTATES}?page_size=1").json()
    assert [row["name"] for row in admin.api.get(page["next"]).json()["results"]] == ["Palm Court"]
    assert admin.api.get(f"{ESTATES}?state=lost").json()["errors"][0]["field"] == "state"
    for size in (1, 50):
        with django_assert_num_queries(2):
            names(admin, f"page_size={size}")


def test_nobody_else_finds_anything(cast):
    for person in (cast.musa, cast.stranger, cast.ada):
        assert person.api.get(ESTATES).status_code == 404
        for verb in ("suspend", "reinstate"):
            answer = set_state(person, cast.estate, verb)
            assert (answer.status_code, answer.json()["code"]) == (404, "estate_not_found")
    assert not Estate.objects.get(pk=cast.estate.pk).is_suspended


def test_a_suspended_estate_is_closed_until_it_is_reinstated(cast, admin):
    enter(admin)
    for _ in range(2):
        assert set_state(admin, cast.estate, "suspend").status_code == 204
    assert names(admin, "state=suspended") == ["Palm Court"]
    for person in (cast.musa, cast.ada, admin):
        assert person.api.get(person.url("")).status_code == 404
    assert cast.ada.api.post(cast.ada.url("alerts/"), {"category": "fire"}, format="json").status_code == 404
    refused = enter(admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "estate_suspended")
    assert cast.stranger.api.get(cast.stranger.url("")).status_code == 200

    assert set_state(admin, cast.estate, "reinstate", "Paid").status_code == 204
    assert cast.musa.api.get(cast.musa.url("")).status_code == 200
    done = [entry for entry in entries(cast, "estates.estate.") if entry.action != "estates.estate.created"]
    assert [(entry.action, entry.actor_kind, entry.changes) for entry in done] == [
        ("estates.estate.suspended", "support", {"reason": "Contract ended"}),
        ("estates.estate.reinstated", "support", {"reason": "Paid"}),
    ]


@pytest.mark.parametrize(
    ("body", "code"), [({}, "malformed"), ({"reason": " "}, "reason_missing"), ([], "malformed")]
)
def test_without_a_reason_nothing_happens(cast, admin, body, code):
    answer = admin.api.post(f"{ESTATES}{cast.estate.pk}/suspend/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Estate.objects.get(pk=cast.estate.pk).is_suspended


def test_an_admin_is_made_on_the_server_and_on_the_platforms_record(cast):
    def run(*arguments):
        out = StringIO()
        call_command("platform_admin", *arguments, stdout=out)
        cast.ada.user.refresh_from_db()
        return out.getvalue()

    assert "Ada Obi is a platform admin." in (said := run(cast.ada.email))
    assert "second step" in said
    give_second_factor(cast.ada)
    assert names(cast.ada) == ["Next Door", "Palm Court"]
    assert run(cast.ada.phone) == "Ada Obi is a platform admin, as before.\n"
    assert run(cast.ada.phone, "--remove") == "Ada Obi is no platform admin.\n"
    assert cast.ada.api.get(ESTATES).status_code == 404
    found = AuditEntry.objects.filter(estate_id=PLATFORM, action__startswith="accounts.platform_admin.")
    assert [entry.action.rsplit(".", 1)[-1] for entry in found.order_by("seq")] == ["appointed", "dismissed"]
    for nobody in ("nobody@example.test", "+447700900998", "nonsense"):
        with pytest.raises(CommandError):
            run(nobody)

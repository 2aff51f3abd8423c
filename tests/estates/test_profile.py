"""One's own profile: name and language, the same in every estate."""

import pytest

from accounts.models import User
from core.models import AuditEntry
from estates.models import Membership
from tests.support.cast import Cast

ME = "/api/v1/me/profile/"


def test_a_name_and_a_language_are_changed_and_every_estate_reads_them(cast: Cast) -> None:
    Membership.objects.create(estate=cast.other_estate, user=cast.ada.user)
    before = cast.ada.member.role_epoch
    answer = cast.ada.api.patch(ME, {"name": "  Ada   Obi-Eze ", "language": "fr"}, format="json")

    assert answer.status_code == 200, answer.content
    assert (answer.json()["name"], answer.json()["language"]) == ("Ada Obi-Eze", "fr")
    assert {"code": "fr", "title": "Français"} in answer.json()["languages"]
    cast.ada.user.refresh_from_db()
    assert cast.ada.api.get(ME).json() == answer.json()
    people = cast.musa.api.get(cast.musa.url("people/?q=obi-eze")).json()["results"]
    assert [one["member_id"] for one in people] == [str(cast.ada.id)]
    entries = AuditEntry.objects.filter(action="accounts.profile.changed")
    assert {entry.estate_id for entry in entries} == {cast.estate.pk, cast.other_estate.pk}
    assert entries[0].changes == {"name": ["Ada Obi", "Ada Obi-Eze"], "language": ["en", "fr"]}
    assert cast.ada.member.role_epoch == before + 1, "an open socket learns who he is now"


def test_the_same_again_changes_nothing(cast: Cast) -> None:
    before = cast.ada.member.role_epoch
    for body in ({}, {"name": "Ada Obi"}, {"language": "en"}, {"name": None}):
        assert cast.ada.api.patch(ME, body, format="json").status_code == 200
    assert not AuditEntry.objects.filter(action="accounts.profile.changed").exists()
    assert cast.ada.member.role_epoch == before


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "  "}, "name_missing", "name"),
        ({"name": "12345"}, "name_not_valid", "name"),
        ({"name": "x" * 201}, "name_not_valid", "name"),
        ({"name": "Ada\u202eibO"}, "name_not_valid", "name"),
        ({"name": "Ada", "language": "tlh"}, "language_unknown", "language"),
        ({"name": 7}, "malformed", "name"),
        ({"nmae": "Ada"}, "malformed", "nmae"),
        ({"language": "fr", "email": "a@b.test"}, "malformed", "email"),
    ],
)
def test_what_is_no_name_or_language_is_refused_whole(cast: Cast, body, code, field) -> None:
    answer = cast.ada.api.patch(ME, body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    user = User.objects.get(pk=cast.ada.user.pk)
    assert (user.name, user.language) == ("Ada Obi", "en")


def test_names_of_every_script_are_names(cast: Cast) -> None:
    for name in ("Chukwuemeka Ọ̀nwụ", "Ngũgĩ wa Thiong'o", "أحمد", "李小龍", "O'Brien Jr."):
        assert cast.ada.api.patch(ME, {"name": name}, format="json").json()["name"] == name


def test_it_is_for_who_is_signed_in(cast: Cast, client) -> None:
    assert client.get(ME).status_code == 401
    assert client.patch(ME, {}, content_type="application/json").status_code == 401

"""Whoever has an account of his own is invited by a file, and is nobody in the estate until he accepts."""

import pytest

from core.models import AuditEntry
from estates.models import Membership, Occupancy
from estates.people import INVITED
from tests.support.tables import PEOPLE, csv_of, through


@pytest.fixture
def invitation(cast) -> Membership:
    """Palm Court's manager brings the manager of next door in, by his number alone."""
    row = ("Somebody", cast.stranger.phone, "", "B-14", "tenant")
    through(cast.musa, "people", csv_of(PEOPLE, row))
    return Membership.objects.of(cast.estate).get(user=cast.stranger.user)


def answer(person, invitation, word):
    return person.api.post(f"/api/v1/me/invitations/{invitation.pk}/{word}/")


def test_he_is_nobody_there_and_nothing_of_him_is_told(cast, invitation):
    assert invitation.status == "pending"
    nothing_is_told_of(cast, invitation)
    listed = cast.musa.api.get(cast.musa.url("people/?status=pending")).json()["results"]
    assert [(row["name"], row["email"], row["phone"]) for row in listed] == [(INVITED, None, None)]


def nothing_is_told_of(cast, invitation):
    assert cast.stranger.api.get(cast.musa.url("")).status_code == 404
    secrets = (cast.stranger.name, cast.stranger.phone, cast.stranger.email)
    for path in (
        "people/?status=all&page_size=200",
        "people/?status=ended",
        f"people/{invitation.pk}/",
        "units/?page_size=200",
        f"units/{cast.unit.pk}/",
        "audit/?page_size=200",
        "exports/people/",
    ):
        told = cast.musa.api.get(cast.musa.url(path)).content.decode()
        assert not [one for one in secrets if one in told], path
    for query in (cast.stranger.name, cast.stranger.phone.replace("+", "%2B"), cast.stranger.email):
        found = cast.musa.api.get(cast.musa.url(f"people/?status=all&q={query}")).json()["results"]
        assert found == [], query


def test_a_second_file_tells_no_more(cast, invitation):
    rows = csv_of(PEOPLE, ("Somebody", cast.stranger.phone, "other@example.test", "B-14", "tenant"))
    assert through(cast.musa, "people", rows)["problems"] == []
    invitation.refresh_from_db()
    assert invitation.status == "pending"


def test_he_sees_it_accepts_it_and_belongs(cast, invitation, client):
    me = cast.stranger.api.get("/api/v1/me/").json()
    assert me["invitations"] == [{"member_id": str(invitation.pk), "estate": "Palm Court"}]
    assert len(me["memberships"]) == 1
    client.force_login(cast.stranger.user)
    page = client.get("/").content.decode()
    assert "Palm Court invites you" in page
    assert "Next Door" in page

    for _ in range(2):
        assert answer(cast.stranger, invitation, "accept").status_code == 204
    me = cast.stranger.api.get("/api/v1/me/").json()
    assert (me["invitations"], len(me["memberships"])) == ([], 2)
    home = cast.stranger.api.get(cast.musa.url("")).json()
    assert home["name"] == "Palm Court"
    people = cast.musa.api.get(cast.musa.url("people/?q=stranger")).json()["results"]
    assert [(row["name"], [role["key"] for role in row["roles"]]) for row in people] == [
        (cast.stranger.name, ["tenant"])
    ]
    entry = AuditEntry.objects.get(action="estates.member.accepted")
    assert (entry.estate_id, entry.actor_kind, entry.actor_id) == (
        cast.estate.pk,
        "user",
        cast.stranger.user.pk,
    )


def test_he_declines_and_lives_nowhere_there(cast, invitation):
    assert answer(cast.stranger, invitation, "decline").status_code == 204
    invitation.refresh_from_db()
    assert invitation.status == "ended"
    assert not Occupancy.objects.of(cast.estate).filter(membership=invitation, ends_on__isnull=True).exists()
    assert answer(cast.stranger, invitation, "accept").status_code == 404
    assert cast.stranger.api.get("/api/v1/me/").json()["invitations"] == []
    nothing_is_told_of(cast, invitation)


def test_the_manager_withdraws_it_and_learns_nothing(cast, invitation):
    assert cast.ada.api.delete(cast.ada.url(f"people/{invitation.pk}/")).status_code == 403
    assert cast.musa.api.delete(cast.musa.url(f"people/{invitation.pk}/")).status_code == 204
    nothing_is_told_of(cast, invitation)
    assert answer(cast.stranger, invitation, "accept").status_code == 404
    assert cast.stranger.api.get("/api/v1/me/").json()["invitations"] == []


def test_an_invitation_is_its_own_persons(cast, invitation):
    for person in (cast.ada, cast.musa):
        for word in ("accept", "decline"):
            reply = answer(person, invitation, word)
            assert (reply.status_code, reply.json()["code"]) == (404, "member_not_found")
    assert answer(cast.ada, cast.ada.membership, "decline").status_code == 404
    invitation.refresh_from_db()
    assert invitation.status == "pending"


def test_nobody_answers_without_signing_in(cast, invitation, client):
    for word in ("accept", "decline"):
        assert client.post(f"/api/v1/me/invitations/{invitation.pk}/{word}/").status_code in (401, 403)

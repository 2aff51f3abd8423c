"""The directory of neighbours: each shows what he chose, and nothing finds, orders or counts what he did not."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from community.models import DirectoryEntry
from core.actors import SYSTEM
from core.models import AuditEntry
from estates.models import Membership, Occupancy, Unit
from estates.permissions import RoleKey
from estates.selectors import today
from estates.services.people import add_member, end_membership, move_in
from tests.support.cast import Cast, Person

FIELDS = ("name", "unit", "phone", "email")
ALL = dict.fromkeys(FIELDS, "neighbours")


def choose(person: Person, **fields: str):
    return person.api.put(person.url("me/privacy/"), fields, format="json")


def show(person: Person, *fields: str) -> None:
    assert choose(person, **dict.fromkeys(fields, "neighbours")).status_code == 200


def seen_by(person: Person, query: str = "") -> list[dict]:
    answer = person.api.get(person.url(f"directory/?{query}"))
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_nobody_is_seen_until_he_chooses_and_then_as_far_as_he_does(cast: Cast) -> None:
    assert cast.ada.api.get(cast.ada.url("me/privacy/")).json() == dict.fromkeys(FIELDS, "nobody")
    assert seen_by(cast.bola) == []

    answer = choose(cast.ada, name="neighbours", phone="neighbours")

    assert answer.json() == {"name": "neighbours", "unit": "nobody", "phone": "neighbours", "email": "nobody"}
    shown: dict[str, object] = {"name": "Ada Obi", "units": [], "phone": cast.ada.phone, "email": None}
    assert seen_by(cast.bola) == [shown]
    assert seen_by(cast.ada) == [shown]
    choose(cast.ada, unit="neighbours", phone="nobody")
    assert seen_by(cast.bola) == [shown | {"units": ["B-14"], "phone": None}]
    entries = AuditEntry.objects.filter(action="community.privacy.changed").order_by("seq")
    assert [entry.changes for entry in entries] == [
        {"name": [False, True], "phone": [False, True]},
        {"unit": [False, True], "phone": [True, False]},
    ]
    choose(cast.ada, unit="neighbours")
    assert entries.count() == 2, "the same again changes nothing"


def test_whoever_shows_anything_shows_his_name(cast: Cast) -> None:
    for choice in ({"phone": "neighbours"}, {"unit": "neighbours", "email": "neighbours"}):
        answer = choose(cast.ada, **choice)
        assert (answer.status_code, answer.json()["code"]) == (400, "name_hidden")
        assert answer.json()["errors"][0]["field"] == "name"
    show(cast.ada, *FIELDS)
    assert choose(cast.ada, name="nobody").json()["code"] == "name_hidden"
    assert len(seen_by(cast.bola)) == 1
    assert choose(cast.ada, **dict.fromkeys(FIELDS, "nobody")).status_code == 200
    assert seen_by(cast.bola) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({"name": "everybody"}, "name"), ({"photo": "neighbours"}, "photo"), ({"name": True}, "name")],
)
def test_what_is_no_choice_is_refused_by_name(cast: Cast, body, field) -> None:
    answer = cast.ada.api.put(cast.ada.url("me/privacy/"), {"phone": "nobody"} | body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not DirectoryEntry.objects.of(cast.estate).exists()


def test_it_is_for_residents_of_today_and_of_this_estate(cast: Cast) -> None:
    show(cast.ada, "name")
    for person in (cast.gate, cast.chief, cast.musa, cast.kid, cast.worker, cast.accountant):
        assert person.api.get(person.url("directory/")).json()["code"] == "permission_missing"
        assert choose(person, name="neighbours").json()["code"] == "permission_missing"
    for path in ("directory/", "me/privacy/"):
        assert cast.stranger.api.get(cast.ada.url(path)).json()["code"] == "estate_not_found"
    # A role without a home.
    Occupancy.objects.of(cast.estate).filter(membership=cast.bola.membership).update(
        ends_on=today(cast.estate)
    )
    answer = cast.bola.api.get(cast.bola.url("directory/"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_resident")


def test_children_are_never_listed_whatever_stands_in_the_database(cast: Cast) -> None:
    DirectoryEntry.objects.create(estate=cast.estate, membership=cast.kid.membership, shows_name=True)
    # As a child in one home he is one in all of them.
    move_in(
        actor=SYSTEM,
        unit=Unit.objects.of(cast.estate).get(name="B-15"),
        membership=cast.kid.membership,
        kind=Occupancy.Kind.FAMILY,
        starts_on=date(2021, 1, 1),
    )
    assert seen_by(cast.ada) == []
    Occupancy.objects.of(cast.estate).filter(membership=cast.kid.membership, kind="child").delete()
    assert seen_by(cast.ada) == [], "his role says so, too"


def test_whoever_moves_out_is_gone_and_asked_anew(cast: Cast) -> None:
    show(cast.ada, *FIELDS)
    occupancy = Occupancy.objects.of(cast.estate).get(membership=cast.ada.membership)
    tomorrow = today(cast.estate) + timedelta(days=1)
    path = cast.musa.url(f"occupancies/{occupancy.pk}/end/")
    assert cast.musa.api.post(path, {"ends_on": tomorrow.isoformat()}, format="json").status_code == 200
    assert seen_by(cast.bola) == []
    assert not DirectoryEntry.objects.of(cast.estate).exists()


def test_whoever_has_left_is_switched_off_or_not_known_is_not_listed(cast: Cast) -> None:
    show(cast.ada, "name")
    for model, pk, hidden in (
        (User, cast.ada.user.pk, {"is_active": False}),
        (Membership, cast.ada.id, {"status": "ended"}),
        (Membership, cast.ada.id, {"is_known": False}),
    ):
        rows = model.objects.all() if model is User else Membership.objects.of(cast.estate)
        before = rows.filter(pk=pk).values(*hidden)[0]
        rows.filter(pk=pk).update(**hidden)
        assert seen_by(cast.bola) == []
        rows.filter(pk=pk).update(**before)
    assert len(seen_by(cast.bola)) == 1
    end_membership(actor=SYSTEM, membership=cast.ada.membership)
    assert not DirectoryEntry.objects.of(cast.estate).exists()


# --- many -------------------------------------------------------------------------------------------------------------


Neighbour = tuple[User, str, frozenset[str]]


def neighbourhood(cast: Cast, choices: list[frozenset[str]], *, first: int = 0) -> list[Neighbour]:
    """A neighbour for each of `choices`, who shows that, with words that nobody else has anywhere."""
    return [_neighbour(cast, f"{number:03d}", shown) for number, shown in enumerate(choices, start=first)]


def _neighbour(cast: Cast, words: str, shown: frozenset[str]) -> Neighbour:
    user = User.objects.create_user(
        name=f"Nm{words}n", phone=f"+4477009{words}00", email=f"em{words}m@example.test"
    )
    unit = Unit.objects.create(estate=cast.estate, block=cast.unit.block, name=f"Un{words}u")
    member = add_member(actor=SYSTEM, estate=cast.estate, user=user, roles=[RoleKey.OWNER])
    move_in(actor=SYSTEM, unit=unit, membership=member, kind=Occupancy.Kind.OWNER, starts_on=date(2020, 1, 1))
    if shown:
        choice = {f"shows_{field}": True for field in shown}
        DirectoryEntry(estate=cast.estate, membership=member, **choice).save()
    return user, unit.name, shown


@pytest.mark.parametrize("seed", range(6))
def test_no_answer_hit_order_or_page_depends_on_what_is_hidden(cast: Cast, seed: int) -> None:
    draw = random.Random(seed)
    choices = [
        frozenset({"name"} | {field for field in FIELDS if draw.random() < 0.5})
        if draw.random() < 0.8
        else frozenset()
        for _ in range(12)
    ]
    people = neighbourhood(cast, choices)
    before = everything(cast)
    shown_words = repr([page[0] for page in before])

    for user, unit, shown in people:
        words = {"name": user.name, "unit": unit, "phone": user.phone or "", "email": user.email or ""}
        for field, word in words.items():
            assert (word in shown_words) == (field in shown), (field, word)
            query = word.replace("+", "%2B")
            hits = [row["name"] for row in seen_by(cast.bola, f"q={query}")]
            assert hits == ([user.name] if field in shown else []), (field, word)

    # Other words in every hidden field: not a byte of any answer is another one.
    for number, (user, unit, shown) in enumerate(people):
        other = f"{500 + draw.randrange(400)}{number:02d}"
        hidden = {
            field: value
            for field, value in {
                "name": f"Zz{other}",
                "phone": f"+2348{other}00",
                "email": f"aa{other}@x.test",
            }.items()
            if field not in shown
        }
        User.objects.filter(pk=user.pk).update(**hidden)
        if "unit" not in shown:
            Unit.objects.of(cast.estate).filter(name=unit).update(name=f"{draw.choice('AZ')}{other}")
    assert everything(cast) == before


def everything(cast: Cast) -> list:
    """Every page of every order, and some searches."""
    found: list = []
    for ordering in ("name", "-name", "unit", "-unit"):
        path = cast.bola.url(f"directory/?ordering={ordering}&page_size=3")
        while path:
            page = cast.bola.api.get(path).json()
            # A cursor says where it stands, then when it was signed.
            found.append([page["results"], *(str(page[way]).split("%3A")[0] for way in ("next", "previous"))])
            path = page["next"]
    return [*found, [seen_by(cast.bola, f"q={word}") for word in ("n", "u", "00", "example", "4477")]]


def test_it_is_ordered_paged_and_read_in_as_many_queries_for_few_as_for_many(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            seen_by(cast.bola, "q=Nm&page_size=200")
        return len(captured)

    neighbourhood(cast, [frozenset(FIELDS)] * 3)
    few = queries()
    more = [frozenset({"name", *random.Random(number).sample(FIELDS, 2)}) for number in range(37)]
    neighbourhood(cast, more, first=3)
    assert queries() == few
    names = [row["name"] for row in seen_by(cast.bola, "page_size=200")]
    assert all(one <= other for one, other in pairwise(names))
    assert seen_by(cast.bola, "ordering=unit")[0]["units"] == [], "those without a home to be seen come first"
    answer = cast.bola.api.get(cast.bola.url("directory/?ordering=phone"))
    assert answer.json()["code"] == "filter_not_valid"

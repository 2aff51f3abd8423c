"""Guard posts: who may keep them, and which tablet stands where."""

from functools import partial
from typing import Any

import pytest

from core.errors import NotFound
from core.models import AuditEntry
from estates.errors import EstateNotFound
from realtime.models import Event
from realtime.presence import renew_leases
from realtime.roster import read_rosters
from staff import services
from staff.models import Post
from staff.services import posts
from tests.support.cast import Cast, Person


def call(person: Person, method: str, path: str, body: Any = None) -> Any:
    return getattr(person.api, method)(person.url(path), body or {}, format="json")


def add(cast: Cast, name: str = "North gate", **more: Any) -> dict[str, Any]:
    answer = call(cast.musa, "post", "posts/", {"name": name, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def begin_shift(cast: Cast) -> None:
    assert call(cast.gate, "post", "duty/", {"on": True}).status_code == 200


def test_a_post_is_added_changed_and_archived_each_told_and_recorded(cast):
    post = add(cast, "  North \n gate ")
    changed = call(cast.chief, "patch", f"posts/{post['id']}/", {"name": "Main gate", "dark_after_s": 30})
    listed = call(cast.gate, "get", "posts/").json()["results"]
    archived = call(cast.musa, "delete", f"posts/{post['id']}/")

    assert (post["name"], post["dark_after_s"], post["dark_sms_after_s"]) == ("North gate", 60, 60)
    assert listed == [changed.json()] == [post | {"name": "Main gate", "dark_after_s": 30}]
    assert archived.status_code == 204
    assert call(cast.gate, "get", "posts/").json()["results"] == []
    told = ["staff.post.added", "staff.post.changed", "staff.post.archived"]
    events = list(Event.objects.order_by("offset"))
    assert [event.type for event in events] == told
    assert events[1].data["post"] == changed.json()
    assert {event.stream.name for event in events} == {f"estate.{cast.estate.pk}.guards"}
    entries = AuditEntry.objects.filter(action__startswith="staff.post").order_by("seq")
    assert [entry.action for entry in entries] == told
    assert entries[1].changes == {"name": ["North gate", "Main gate"], "dark_after_s": [60, 30]}


def test_a_change_that_changes_nothing_is_not_told(cast):
    post = add(cast)

    assert call(cast.musa, "patch", f"posts/{post['id']}/", {"name": "North gate"}).json() == post
    assert Event.objects.count() == 1


def test_a_guard_says_during_his_shift_which_tablet_stands_there(cast):
    post = add(cast)
    off_duty = call(cast.gate, "post", f"posts/{post['id']}/device/", {"device": "tablet-1"})
    begin_shift(cast)
    paired = call(cast.gate, "post", f"posts/{post['id']}/device/", {"device": "tablet-1"})
    again = call(cast.gate, "post", f"posts/{post['id']}/device/", {"device": "tablet-1"})
    unpaired = call(cast.gate, "delete", f"posts/{post['id']}/device/")

    assert (off_duty.status_code, off_duty.json()["code"]) == (403, "not_on_duty")
    assert paired.json() == again.json() == post | {"device": "tablet-1"}
    assert unpaired.json() == post
    types = [event.type for event in Event.objects.order_by("offset")]
    assert types == ["staff.post.added", "staff.duty.started", "staff.post.paired", "staff.post.unpaired"]


def test_a_tablet_stands_at_one_post_and_another_one_takes_its_place(cast):
    north, south = add(cast), add(cast, "South gate")
    for device in ("old", "new"):
        call(cast.musa, "post", f"posts/{north['id']}/device/", {"device": device})

    refused = call(cast.musa, "post", f"posts/{south['id']}/device/", {"device": "new"})
    taken = call(cast.musa, "post", f"posts/{south['id']}/device/", {"device": "old"})

    assert (refused.status_code, refused.json()["code"]) == (409, "device_taken")
    assert "North gate" in refused.json()["detail"]
    assert taken.json()["device"] == "old"
    call(cast.musa, "delete", f"posts/{north['id']}/")
    assert call(cast.musa, "post", f"posts/{south['id']}/device/", {"device": "new"}).status_code == 200


def test_presence_says_at_which_post_a_device_stands_in_the_same_query(cast, django_assert_num_queries):
    post = add(cast)
    call(cast.musa, "post", f"posts/{post['id']}/device/", {"device": "tablet-1"})
    services.add_post(actor=cast.stranger.member, estate=cast.other_estate, name="Theirs")
    theirs = Post.objects.of(cast.other_estate)
    theirs.update(device="tablet-1")
    renew_leases([(cast.estate.pk, cast.gate.id, device) for device in ("tablet-1", "phone")])

    # Django asks the database once in a process's life what JSON it knows.
    read_rosters([cast.estate.pk])
    with django_assert_num_queries(1):
        roster = read_rosters([cast.estate.pk])[cast.estate.pk]

    assert {one.device: one.post and one.post[1] for one in roster.devices} == {
        "tablet-1": "North gate",
        "phone": None,
    }
    assert str(next(one.post[0] for one in roster.devices if one.post)) == post["id"]


def test_names_are_unique_among_those_in_use(cast):
    post = add(cast)
    other = add(cast, "South gate")

    for answer in (
        call(cast.musa, "post", "posts/", {"name": "NORTH gate"}),
        call(cast.musa, "patch", f"posts/{other['id']}/", {"name": "North gate"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "post_exists")
    call(cast.musa, "delete", f"posts/{post['id']}/")
    add(cast)


def test_there_is_an_end_to_posts(cast, monkeypatch):
    monkeypatch.setattr(posts, "MOST_POSTS", 1)
    add(cast)

    answer = call(cast.musa, "post", "posts/", {"name": "South gate"})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_posts")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "malformed", "name"),
        ({"name": ""}, "malformed", "name"),
        ({"name": " \x00 "}, "post_name_missing", "name"),
        ({"name": "x" * 101}, "malformed", "name"),
        ({"name": 7}, "malformed", "name"),
        ({"name": "x", "dark_after_s": 29}, "malformed", "dark_after_s"),
        ({"name": "x", "dark_after_s": 3601}, "malformed", "dark_after_s"),
        ({"name": "x", "dark_sms_after_s": -1}, "malformed", "dark_sms_after_s"),
        ({"name": "x", "dark_sms_after_s": 1.5}, "malformed", "dark_sms_after_s"),
        ({"name": "x", "device": "d"}, "malformed", "device"),
    ],
)
def test_what_is_no_post_is_refused_by_the_member(cast, body, code, field):
    answer = call(cast.musa, "post", "posts/", body)

    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content
    assert answer.json()["errors"][0]["field"] == field
    assert not Post.objects.of(cast.estate).exists()


@pytest.mark.parametrize(
    ("device", "code"),
    [
        ("", "malformed"),
        ("x" * 65, "malformed"),
        (None, "malformed"),
        (" ", "device_not_valid"),
        ("a\x00", "device_not_valid"),
    ],
)
def test_what_is_no_device_is_refused(cast, device, code):
    post = add(cast)

    answer = call(cast.musa, "post", f"posts/{post['id']}/device/", {"device": device})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == "device"


def test_a_guard_keeps_no_posts_and_a_resident_does_not_even_see_them(cast):
    post = add(cast)
    begin_shift(cast)

    for person, method, path, body in (
        (cast.gate, "post", "posts/", {"name": "x"}),
        (cast.gate, "patch", f"posts/{post['id']}/", {"name": "x"}),
        (cast.gate, "delete", f"posts/{post['id']}/", None),
        (cast.ada, "get", "posts/", None),
        (cast.ada, "post", f"posts/{post['id']}/device/", {"device": "d"}),
        (cast.ada, "delete", f"posts/{post['id']}/device/", None),
    ):
        answer = call(person, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing"), path


def test_a_stranger_finds_no_post_by_any_door(cast):
    post = add(cast)
    post_id = Post.objects.of(cast.estate).get().pk

    for method, path, body in (
        ("patch", f"posts/{post['id']}/", {"name": "x"}),
        ("delete", f"posts/{post['id']}/", None),
        ("post", f"posts/{post['id']}/device/", {"device": "d"}),
        ("delete", f"posts/{post['id']}/device/", None),
    ):
        answer = call(cast.stranger, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "post_not_found")
    assert call(cast.stranger, "get", "posts/").json()["results"] == []
    asked: dict[str, Any] = {"actor": cast.stranger.member, "estate": cast.estate, "post_id": post_id}
    for service in (
        partial(services.change_post, name="x"),
        services.archive_post,
        partial(services.pair_device, device="d"),
        services.unpair_device,
    ):
        with pytest.raises(EstateNotFound):
            service(**asked)
    with pytest.raises(NotFound):
        services.add_post(actor=cast.stranger.member, estate=cast.estate, name="x")


def test_the_list_comes_in_pages(cast):
    names = [f"Post {number}" for number in range(3)]
    for name in names:
        add(cast, name)

    first = call(cast.musa, "get", "posts/?page_size=2").json()
    second = cast.musa.api.get(first["next"]).json()

    assert [post["name"] for post in first["results"] + second["results"]] == names
    assert second["next"] is None

"""A guard post whose tablet is missing: told once, texted once, and never by a fault of ours."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.background import queues
from core.clock import now
from core.models import AuditEntry
from estates.models import Estate, RoleGrant
from notifications.models import Delivery
from realtime.models import Event, Pulse
from staff.models import Post
from staff.services import add_post, archive_post, change_post, pair_device, unpair_device, watching
from staff.services.watching import watch_posts
from tests.emergency.conftest import in_threads
from tests.staff.conftest import TABLET, Gate
from tests.support.background import run_task


def test_a_missing_tablet_is_told_then_texted_once_and_is_over_when_it_comes_back(gate: Gate) -> None:
    gate.go()
    gate.forward(58)
    assert gate.told == []
    gate.forward(4)
    assert (gate.told, gate.texts) == (["darkened"], [])
    gate.forward(56)
    assert gate.texts == []
    gate.forward(150)

    assert gate.told == ["darkened", "escalated"]
    (text,) = Delivery.objects.across_estates()
    assert (text.recipient_name, text.subject, text.is_emergency) == (
        gate.cast.chief.name,
        "staff.post",
        True,
    )
    assert text.body.startswith("Palm Court: the tablet of North gate is dark since 13:01. ")
    assert text.state != "intended"
    gate.come()
    gate.forward(4)
    assert gate.told == ["darkened", "escalated", "lit"]
    post = gate.post
    assert (post.away_since, post.dark_since, post.texted_at) == (None, None, None)
    actions = AuditEntry.objects.filter(action__startswith="staff.post").order_by("seq")
    assert [entry.action for entry in actions][2:] == [
        "staff.post.darkened",
        "staff.post.escalated",
        "staff.post.lit",
    ]


def test_another_darkness_is_another_alarm(gate: Gate) -> None:
    for _ in range(2):
        gate.go()
        gate.forward(130)
        gate.come()
        gate.forward(4)

    assert gate.told == ["darkened", "escalated", "lit"] * 2
    assert [name for name, _ in gate.texts] == [gate.cast.chief.name] * 2


def test_a_tablet_that_is_back_in_time_was_never_missed(gate: Gate) -> None:
    for _ in range(3):
        gate.go()
        gate.forward(50)
        gate.come()
        gate.forward(4)

    assert gate.told == []


def test_the_events_carry_the_post_as_it_is_listed(gate: Gate) -> None:
    gate.go()
    for seconds, kind in ((62, "darkened"), (62, "escalated")):
        gate.forward(seconds)
        event = Event.objects.get(type=f"staff.post.{kind}")
        (listed,) = gate.cast.gate.api.get(gate.cast.gate.url("posts/")).json()["results"]
        assert event.data["post"] == listed
        assert event.stream.name == f"estate.{gate.cast.estate.pk}.guards"
    assert event.data["told"] == [gate.cast.chief.name]
    gate.come()
    gate.forward(2)
    (listed,) = gate.cast.gate.api.get(gate.cast.gate.url("posts/")).json()["results"]
    assert Event.objects.get(type="staff.post.lit").data["post"] == listed


def test_each_post_has_its_own_delays(gate: Gate) -> None:
    change_post(
        actor=gate.cast.musa.member,
        estate=gate.cast.estate,
        post_id=gate.post_id,
        dark_after_s=30,
        dark_sms_after_s=0,
    )
    gate.go()
    gate.forward(36)

    assert gate.told == ["darkened", "escalated"]


def test_managers_are_texted_where_no_security_head_can_be(gate: Gate) -> None:
    RoleGrant.objects.of(gate.cast.estate).filter(membership=gate.cast.chief.membership).delete()
    gate.go()
    gate.forward(130)

    assert [name for name, _ in gate.texts] == [gate.cast.musa.name]


def test_a_text_that_was_not_sent_is_taken_back_when_the_tablet_comes(gate: Gate, background) -> None:
    background.hold()
    gate.go()
    gate.forward(132)
    assert gate.texts == [(gate.cast.chief.name, "intended")]
    gate.come()
    gate.forward(2)

    assert gate.texts == [(gate.cast.chief.name, "expired")]


@pytest.mark.parametrize("who", ["ada", "stranger"])
def test_only_a_guards_lease_counts_whatever_others_call_their_device(gate: Gate, who: str) -> None:
    gate.go()
    gate.come(getattr(gate.cast, who))
    gate.forward(64)

    assert gate.told == ["darkened"]


def test_two_watches_at_once_raise_and_text_once(gate: Gate) -> None:
    gate.go()
    gate.forward(2)
    for seconds in (64, 64):
        gate.forward(seconds, watching_too=False)
        Pulse.objects.update(beat_at=now())
        answers = in_threads(3, lambda _: watch_posts())
        assert answers == [None] * 3
        watch_posts()

    assert gate.told == ["darkened", "escalated"]
    assert len(gate.texts) == 1
    gate.come()
    in_threads(3, lambda _: watch_posts())
    assert gate.told == ["darkened", "escalated", "lit"]


# --- what is no fault of the tablet's ---------------------------------------------------------------------------------


def test_after_all_of_us_were_down_the_tablet_has_its_whole_time(gate: Gate) -> None:
    gate.go()
    gate.forward(30)
    gate.forward(3600, watching_too=False)
    gate.forward(58)
    assert gate.told == []

    gate.forward(6)
    assert gate.told == ["darkened"]


def test_a_darkness_before_the_break_is_texted_its_whole_time_after_it(gate: Gate) -> None:
    gate.go()
    gate.forward(64)
    gate.forward(3600, watching_too=False)
    gate.forward(58)
    assert (gate.told, gate.texts) == (["darkened"], [])

    gate.forward(6)
    assert gate.told == ["darkened", "escalated"]


def test_nothing_is_concluded_while_nobody_serves_sockets(gate: Gate) -> None:
    gate.is_served = False
    gate.go()
    gate.forward(150)
    assert gate.told == []

    gate.is_served = True
    gate.forward(58)
    assert gate.told == []
    gate.forward(6)
    assert gate.told == ["darkened"]


def test_a_short_hiccup_costs_nothing(gate: Gate) -> None:
    gate.go()
    gate.forward(30)
    gate.forward(8, watching_too=False)
    gate.forward(26)

    assert gate.told == ["darkened"]


def test_a_suspended_estate_raises_nothing_and_begins_anew(gate: Gate) -> None:
    gate.go()
    gate.forward(64)
    Estate.objects.filter(pk=gate.cast.estate.pk).update(is_suspended=True)
    gate.forward(150)
    assert (gate.told, gate.texts) == (["darkened"], [])

    Estate.objects.filter(pk=gate.cast.estate.pk).update(is_suspended=False)
    gate.forward(58)
    assert gate.post.dark_since is None
    gate.forward(6)
    assert gate.told == ["darkened", "darkened"]


# --- posts change meanwhile -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [archive_post, unpair_device])
def test_a_post_without_its_tablet_is_dark_no_more(gate: Gate, end) -> None:
    gate.go()
    gate.forward(64)
    end(actor=gate.cast.musa.member, estate=gate.cast.estate, post_id=gate.post_id)
    gate.forward(150)

    assert (gate.post.dark_since, gate.told, gate.texts) == (None, ["darkened"], [])


def test_another_tablet_ends_the_darkness_by_being_here(gate: Gate) -> None:
    gate.go()
    gate.forward(64)
    pair = partial(pair_device, actor=gate.cast.musa.member, estate=gate.cast.estate, post_id=gate.post_id)
    pair(device="new")
    gate.forward(4)
    assert gate.told == ["darkened"]

    gate.come(device="new")
    gate.forward(4)
    assert gate.told == ["darkened", "lit"]


def test_what_changed_since_it_was_read_is_left_alone(gate: Gate) -> None:
    gate.go()
    gate.forward(2)
    gate.forward(100, watching_too=False)
    stale = Post.objects.of(gate.cast.estate).select_related("estate").get()
    Post.objects.of(gate.cast.estate).update(device="new", away_since=None)

    watching._look(stale, is_here=False, trusted_since=now() - timedelta(hours=1))

    assert gate.told == []


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_without_a_tablet_to_watch_it_is_one_query(cast) -> None:
    add_post(actor=cast.musa.member, estate=cast.estate, name="North gate")

    with CaptureQueriesContext(connection) as queries:
        watch_posts()

    assert len(queries) == 1


def test_any_number_of_posts_is_a_handful(gate: Gate) -> None:
    for number in range(10):
        post = add_post(actor=gate.cast.musa.member, estate=gate.cast.estate, name=f"Post {number}")
        Post.objects.of(gate.cast.estate).filter(pk=post.id).update(device=f"d{number}", away_since=now())

    with CaptureQueriesContext(connection) as queries:
        watch_posts()

    assert len(queries) == 4


def test_one_that_fails_holds_up_no_other(gate: Gate, monkeypatch, caplog) -> None:
    gate.go()
    add_post(actor=gate.cast.stranger.member, estate=gate.cast.other_estate, name="Theirs")
    Post.objects.of(gate.cast.other_estate).update(device=TABLET)
    honest = watching._darken

    def broken(post, at):
        if post.name == "North gate":
            raise RuntimeError("planted")
        honest(post, at)

    monkeypatch.setattr(watching, "_darken", broken)
    gate.forward(66)

    assert gate.post.dark_since is None
    assert gate.told == ["darkened"]
    assert "could not be watched" in caplog.text


def test_the_tick_is_a_task_of_the_emergency_queue(gate: Gate) -> None:
    assert queues["staff.watch"] == "emergency"
    run_task("staff.watch")


def test_who_wants_it_is_texted_that_the_tablet_is_back(gate: Gate) -> None:
    chief = gate.cast.chief
    choice = {"kind": "staff.post.lit", "channel": "sms", "is_on": True}
    path = chief.url("notifications/preferences/")
    assert chief.api.put(path, {"choices": [choice]}, format="json").status_code == 200
    gate.go()
    gate.forward(130)
    gate.come()
    gate.forward(4)

    dark, lit = Delivery.objects.of(gate.cast.estate).order_by("intended_at")
    assert (dark.kind, lit.kind, lit.is_emergency) == ("staff.post.dark", "staff.post.lit", False)
    assert lit.body == "Palm Court: the tablet of North gate is back since 13:02."


def test_that_it_is_back_is_withdrawn_where_it_is_dark_again_before_anybody_read_it(gate: Gate) -> None:
    chief = gate.cast.chief
    body = {
        "choices": [{"kind": "staff.post.lit", "channel": "sms", "is_on": True}],
        "quiet_hours": {"begins": "13:00", "ends": "20:00"},
    }
    assert chief.api.put(chief.url("notifications/preferences/"), body, format="json").status_code == 200
    gate.go()
    gate.forward(130)
    gate.come()
    gate.forward(4)
    lit = Delivery.objects.of(gate.cast.estate).get(kind="staff.post.lit")
    assert lit.state == "intended"
    gate.go()
    gate.forward(130)

    lit.refresh_from_db()
    assert (lit.state, lit.error_code) == ("expired", "withdrawn")
    dark = Delivery.objects.of(gate.cast.estate).filter(kind="staff.post.dark")
    assert [row.state for row in dark] == ["sent", "sent"], "quiet hours hold no emergency back"

"""What people choose to be told: by REST, and as ordinary deliveries then go out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import now
from core.models import AuditEntry
from estates.models import Membership
from notifications.kinds import kinds, notification_kind
from notifications.models import Delivery, NotificationChoice, QuietHours
from notifications.quiet import is_quiet, quiet_until
from notifications.selectors import summary_of, unreached
from notifications.services import Recipient
from notifications.states import Channel, State
from tests.notifications.conftest import GATE, NOTICE, SULE, Post
from tests.support.cast import Cast, Person
from tests.support.twilio import FakeTwilio

PATH = "notifications/preferences/"


def table(person: Person) -> dict:
    answer = person.api.get(person.url(PATH))
    assert answer.status_code == 200, answer.content
    return answer.json()


def put(person: Person, **body):
    return person.api.put(person.url(PATH), body, format="json")


def switch(person: Person, kind: str, channel: str = "sms") -> dict:
    (row,) = [row for row in table(person)["kinds"] if row["kind"] == kind]
    return next(one for one in row["channels"] if one["channel"] == channel)


# --- by REST ----------------------------------------------------------------------------------------------------------


def test_the_whole_table_is_read_and_a_switch_turned(cast: Cast) -> None:
    before = table(cast.ada)
    assert before["quiet_hours"] is None
    assert before["time_zone"] == "Africa/Lagos"
    assert switch(cast.ada, NOTICE) == {"channel": "sms", "is_on": True, "is_locked": False}
    assert switch(cast.ada, NOTICE, "websocket")["is_locked"], "what is on the screen disturbs nobody"
    assert before["kinds"][0]["is_mandatory"]
    assert switch(cast.ada, "emergency.alert") == {"channel": "sms", "is_on": True, "is_locked": True}

    hours = {"begins": "22:00", "ends": "06:30", "time_zone": "Europe/London"}
    answer = put(cast.ada, choices=[{"kind": NOTICE, "channel": "sms", "is_on": False}], quiet_hours=hours)

    assert answer.status_code == 200, answer.content
    assert answer.json() == table(cast.ada)
    assert not switch(cast.ada, NOTICE)["is_on"]
    assert answer.json()["quiet_hours"] == hours
    entry = AuditEntry.objects.get(action="notifications.preferences.changed")
    assert entry.changes == {
        f"{NOTICE} by sms": [True, False],
        "quiet_hours": [None, "22:00 to 06:30 Europe/London"],
    }
    put(cast.ada, choices=[{"kind": NOTICE, "channel": "sms", "is_on": False}], quiet_hours=hours)
    assert AuditEntry.objects.filter(action="notifications.preferences.changed").count() == 1
    assert put(cast.ada, quiet_hours=None).json()["quiet_hours"] is None
    assert not switch(cast.ada, NOTICE)["is_on"], "what is absent stays"
    assert switch(cast.bola, NOTICE)["is_on"], "everybody has his own"


def test_only_what_concerns_him_is_in_anybodys_table(cast: Cast) -> None:
    assert "staff.post.lit" in {row["kind"] for row in table(cast.musa)["kinds"]}
    assert "staff.post.lit" not in {row["kind"] for row in table(cast.ada)["kinds"]}
    answer = put(cast.ada, choices=[{"kind": "staff.post.lit", "channel": "sms", "is_on": True}])
    assert answer.json()["code"] == "kind_unknown"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (
            {"choices": [{"kind": "no.such", "channel": "sms", "is_on": True}]},
            "kind_unknown",
            "choices[1].kind",
        ),
        (
            {"choices": [{"kind": NOTICE, "channel": "pigeon", "is_on": True}]},
            "channel_unknown",
            "choices[1].channel",
        ),
        (
            {"choices": [{"kind": "emergency.alert", "channel": "sms", "is_on": False}]},
            "choice_locked",
            "choices[1].is_on",
        ),
        (
            {"choices": [{"kind": NOTICE, "channel": "websocket", "is_on": False}]},
            "choice_locked",
            "choices[1].is_on",
        ),
        ({"quiet_hours": {"begins": "22:00", "ends": "22:00"}}, "quiet_hours_empty", "quiet_hours.ends"),
        (
            {"quiet_hours": {"begins": "22:00", "ends": "06:00", "time_zone": "Mars/Olympus"}},
            "time_zone_unknown",
            "quiet_hours.time_zone",
        ),
        ({"quiet_hours": {"begins": "24:00", "ends": "06:00"}}, "malformed", "quiet_hours.begins"),
        ({"quiet_hours": {"begins": "22:00"}}, "malformed", "quiet_hours.ends"),
        ({"choises": []}, "malformed", "choises"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_half_done(cast: Cast, body, code, field) -> None:
    good = {"kind": NOTICE, "channel": "sms", "is_on": False}
    answer = put(cast.ada, **body | {"choices": [good, *body.get("choices", [])]})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert switch(cast.ada, NOTICE)["is_on"]
    assert not QuietHours.objects.across_estates().exists()


def test_a_kind_is_declared_once_and_only_with_ways_that_it_has() -> None:
    with pytest.raises(ValueError, match="twice"):
        notification_kind(NOTICE, "Again", channels=[Channel.SMS])
    with pytest.raises(ValueError, match="by a way"):
        notification_kind("test.other", "Other", channels=[Channel.SMS], default=[Channel.WEBSOCKET])
    assert "test.other" not in kinds


# --- deliveries -------------------------------------------------------------------------------------------------------


def mute(member: Membership, kind: str = NOTICE) -> None:
    NotificationChoice.objects.create(
        estate=member.estate, membership=member, kind=kind, channel=Channel.SMS, is_on=False
    )


def be_quiet(member: Membership, begins: str = "11:00", ends: str = "14:00", zone: str = "UTC") -> None:
    QuietHours.objects.create(
        estate=member.estate, membership=member, begins=begins, ends=ends, time_zone=zone
    )


def mute_everything(post: Post) -> None:
    for member in (post.gate, post.sule):
        be_quiet(member, "00:00", "23:59")
        for kind in kinds:
            mute(member, kind)


def test_what_somebody_switched_off_is_on_the_record_and_not_sent(post: Post, twilio: FakeTwilio) -> None:
    mute(post.gate)
    rows = post.intend(post.recipient(post.gate), post.recipient(post.sule), is_emergency=False)
    post.sweep(is_emergency=False)

    assert [message.to for message in twilio.messages] == [SULE]
    muted = next(post.again(row) for row in rows if row.member_id == post.gate.pk)
    assert (muted.state, muted.error_code, muted.due_at) == (State.EXPIRED, "muted", None)
    assert summary_of([post.subject_id])[post.subject_id].sms_failed == 0
    assert unreached(post.subject_id, "1.0") == set(), "no other channel takes its place"


def test_who_never_asked_for_what_is_off_by_default_has_no_record(post: Post, twilio: FakeTwilio) -> None:
    off = "estates.home.changed"
    assert post.intend(is_emergency=False, kind=off) == []
    NotificationChoice.objects.create(
        estate=post.estate, membership=post.gate, kind=off, channel=Channel.SMS, is_on=True
    )
    assert len(post.intend(is_emergency=False, kind=off)) == 1


def test_an_ordinary_text_waits_for_the_end_of_the_quiet_hours(post: Post, twilio: FakeTwilio) -> None:
    be_quiet(post.gate)
    delivery = post.text(is_emergency=False)
    assert delivery.due_at == now() + timedelta(hours=2)
    assert delivery.expires_at == now() + timedelta(hours=26), "the hours do not count"
    post.forward(2 * 3600 - 1)
    post.sweep(is_emergency=False)
    assert not twilio.messages
    post.forward(1)
    assert post.sweep(delivery, is_emergency=False).state == State.ACCEPTED
    assert len(twilio.messages) == 1


def test_what_would_come_too_late_says_so(post: Post, twilio: FakeTwilio) -> None:
    be_quiet(post.gate)
    delivery = post.text(is_emergency=False, expires_at=now() + timedelta(hours=1))
    assert (delivery.state, delivery.error_code) == (State.EXPIRED, "quiet_hours")
    post.forward(3 * 3600)
    post.sweep(is_emergency=False)
    assert not twilio.messages


def test_hours_and_switches_that_come_after_it_was_written_count_as_well(
    post: Post, twilio: FakeTwilio
) -> None:
    first, second = post.text(is_emergency=False), post.text(is_emergency=False, step="2.0")
    be_quiet(post.gate)
    assert post.sweep(first, is_emergency=False).due_at == now() + timedelta(hours=2)
    QuietHours.objects.of(post.estate).delete()
    post.forward(2 * 3600)
    mute(post.gate)
    for delivery in (first, second):
        assert post.sweep(delivery, is_emergency=False).error_code == "muted"
    assert not twilio.messages


def test_of_two_people_with_one_number_one_who_wants_it_decides(post: Post, twilio: FakeTwilio) -> None:
    mute(post.gate)
    be_quiet(post.sule)
    third = Membership.objects.create(estate=post.estate, user=_another())
    shared = [Recipient(one.pk, one.user.name, phone=GATE) for one in (post.gate, post.sule, third)]
    (row,) = post.intend(*shared, is_emergency=False)
    assert (row.member_id, row.due_at) == (third.pk, now())


def _another():
    from accounts.models import User

    return User.objects.create_user(name="Third", email="third@example.test")


def test_an_emergency_reaches_whoever_has_switched_everything_off(post: Post, twilio: FakeTwilio) -> None:
    mute_everything(post)
    people = [post.recipient(post.gate), post.recipient(post.sule)]
    rows = post.intend(*people)
    rows += post.intend(*people, step="2.0", kind="staff.post.dark")
    assert {row.due_at for row in rows} == {now()}
    post.sweep()
    assert sorted(message.to for message in twilio.messages) == sorted([GATE, SULE] * 2)
    assert {post.again(row).state for row in rows} == {State.ACCEPTED}


def test_an_sos_of_the_cast_goes_out_at_night_to_those_who_have_muted_everything(
    cast: Cast, background
) -> None:
    for person in cast.people:
        be_quiet(person.membership, "00:00", "23:59")
        for kind in kinds:
            mute(person.membership, kind)
    cast.ada.api.post(cast.ada.url("alerts/"), {"category": "intrusion"}, format="json")
    texts = Delivery.objects.of(cast.estate).filter(channel=Channel.SMS)
    assert {row.recipient_name for row in texts} >= {cast.gate.name, cast.sule.name}
    assert {row.state for row in texts} == {State.SENT}
    assert not Delivery.objects.across_estates().filter(error_code__in=["muted", "quiet_hours"]).exists()


def test_nothing_ordinary_goes_out_that_is_of_no_kind(post: Post) -> None:
    with pytest.raises(ValueError, match="no kind"):
        post.intend(is_emergency=False, kind="no.such")


def test_shorter_hours_let_out_what_waits(cast: Cast) -> None:
    local = now().astimezone(ZoneInfo("Africa/Lagos"))
    hours = {"begins": f"{local - timedelta(hours=1):%H:%M}", "ends": f"{local + timedelta(hours=5):%H:%M}"}
    put(
        cast.ada,
        quiet_hours=hours,
        choices=[{"kind": "estates.home.changed", "channel": "sms", "is_on": True}],
    )
    body = {"member_id": str(cast.ada.id), "kind": "tenant"}
    other = cast.musa.api.post(cast.musa.url("units/"), {"block": "C", "name": "C-1"}, format="json").json()
    path = cast.musa.url(f"units/{other['id']}/occupancies/")
    assert cast.musa.api.post(path, body, format="json").status_code == 201
    (delivery,) = Delivery.objects.of(cast.estate)
    assert delivery.state == State.INTENDED
    assert delivery.due_at is not None
    assert delivery.due_at > now()
    assert "you live in C-1" in delivery.body

    put(cast.ada, quiet_hours=None)

    assert Delivery.objects.of(cast.estate).get(due_at__lte=now()) == delivery


# --- the clock on the wall --------------------------------------------------------------------------------------------

LONDON, LAGOS = ZoneInfo("Europe/London"), ZoneInfo("Africa/Lagos")


def until(at: str, begins: str, ends: str, zone: ZoneInfo = LONDON) -> str | None:
    from datetime import time

    found = quiet_until(
        datetime.fromisoformat(at).replace(tzinfo=UTC),
        time.fromisoformat(begins),
        time.fromisoformat(ends),
        zone,
    )
    return f"{found:%d %H:%M}" if found else None


def test_hours_go_over_midnight_and_by_the_zone() -> None:
    assert until("2026-07-01T22:30", "22:00", "06:30", LAGOS) == "02 05:30"
    assert until("2026-07-01T03:00", "22:00", "06:30", LAGOS) == "01 05:30"
    assert until("2026-07-01T05:30", "22:00", "06:30", LAGOS) is None
    assert until("2026-07-01T20:59", "22:00", "06:30", LAGOS) is None
    assert until("2026-07-01T12:00", "12:00", "14:00", LAGOS) == "01 13:00"


def test_hours_over_a_change_of_the_clocks() -> None:
    # London puts its clocks forward at 01:00 UTC on 29 March 2026, back at 01:00 UTC on 25 October.
    assert until("2026-03-28T23:00", "22:00", "06:00") == "29 05:00"
    assert until("2026-10-24T23:00", "22:00", "06:00") == "25 06:00"
    # An end that the clocks jump over.
    assert until("2026-03-29T00:30", "22:00", "01:30") == "29 01:30"
    # An end that comes twice: the first one counts, and in the hour that is repeated they hold once more.
    assert until("2026-10-24T23:00", "22:00", "01:30") == "25 00:30"
    assert until("2026-10-25T01:10", "22:00", "01:30") == "25 01:30"


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
zones = st.sampled_from(
    [
        "Europe/London",
        "Africa/Lagos",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Cairo",
    ]
).map(ZoneInfo)


@settings(max_examples=300, deadline=None)
@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    begins=times,
    ends=times,
    zone=zones,
)
def test_their_end_comes_within_a_day_and_is_not_quiet(at, begins, ends, zone) -> None:
    if begins == ends:
        return
    end = quiet_until(at, begins, ends, zone)
    assert (end is None) is not is_quiet(at, begins, ends, zone)
    if end is not None:
        assert at < end <= at + timedelta(hours=26)
        assert not is_quiet(end, begins, ends, zone)

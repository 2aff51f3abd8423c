"""Every kind of notification is documented, and those of emergencies cannot be switched off."""

import pytest

from notifications.kinds import kinds
from tests.support.pages import listed, page

pytestmark = pytest.mark.once


def test_the_kinds_of_notifications_are_documented():
    rows = page("docs/notifications.md").table("Kinds", "kind")
    found = [
        (row["kind"], row["what"], listed(row["by"]), row["on from the start"], row["whom it concerns"])
        for row in rows
    ]

    assert found == [
        (
            kind.key,
            kind.title,
            [channel.value for channel in kind.channels],
            "mandatory"
            if kind.is_mandatory
            else ", ".join(channel for channel in kind.channels if channel in kind.default),
            kind.permission.value if kind.permission else "everybody",
        )
        for kind in sorted(kinds.values(), key=lambda kind: kind.key)
    ]


def test_what_goes_out_as_an_emergency_is_mandatory():
    assert kinds["emergency.alert"].is_mandatory
    assert kinds["staff.post.dark"].is_mandatory

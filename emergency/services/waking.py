"""Push messages about an alert: they wake devices that sleep, and quieten them when somebody has it.

Nothing here may cost a step, or an acknowledgement, anything: what fails is logged, and the ladder goes on.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from core.clock import now
from core.unit_of_work import unit_of_work
from emergency.events import Category
from emergency.links import path_of
from emergency.models import Alert
from emergency.notices import ANSWERED as ANSWERED_KIND
from emergency.notices import SUBJECT
from emergency.wording import notice_of_alert, notice_of_answer
from estates.members import Member
from notifications.models import PushSubscription
from notifications.push.base import Notice
from notifications.push.content import body_of
from notifications.push.selectors import called_browsers, wakeable
from notifications.services import Recipient, intend
from notifications.states import Channel

#: The step under which devices are told that somebody has it.
ANSWERED: Final = "answered"
#: How long it is worth saying.
GOOD_NEWS_FOR: Final = timedelta(minutes=10)

log = logging.getLogger(__name__)


def wake(alert: Alert, step: str, recipients: Iterable[Recipient]) -> None:
    """Wake the devices of those who are told by the live feed in this step. The caller holds the alert."""
    _safely(alert, lambda: _wake(alert, step, [one.member_id for one in recipients if one.member_id]))


def quieten(alert: Alert, by: Member) -> None:
    """`by` has it: say so in place of the call on the devices that it went to, and to the person in need.

    Not to him where he called in silence, or from somebody at home: a screen that lights up could betray him.
    """
    _safely(alert, lambda: _quieten(alert, by))


def _safely(alert: Alert, act: Callable[[], None]) -> None:
    try:
        # Inside the caller's: a failure undoes only this part.
        with unit_of_work():
            act()
    except Exception:
        log.exception("Devices could not be woken about alert %s", alert.pk)


def _wake(alert: Alert, step: str, member_ids: list[UUID]) -> None:
    browsers = wakeable(alert.estate_id, member_ids)
    page = _page(alert, "board")
    _intend(alert, step, browsers, lambda delivery_id: notice_of_alert(alert, page, path_of(delivery_id)))


def _quieten(alert: Alert, by: Member) -> None:
    called = called_browsers(alert.estate_id, alert.pk)
    _intend(alert, ANSWERED, called, lambda _: notice_of_answer(alert, by.name, _page(alert, "board")))
    if not alert.is_silent and Category.DOMESTIC_VIOLENCE not in alert.categories:
        own = [browser for browser in wakeable(alert.estate_id, [alert.person_id]) if browser not in called]
        _intend(alert, ANSWERED, own, lambda _: notice_of_answer(alert, by.name, _page(alert, "home")))


def _page(alert: Alert, name: str) -> str:
    return f"/estates/{alert.estate_id}/{name}/"


def _intend(
    alert: Alert, step: str, browsers: list[PushSubscription], notice: Callable[[UUID], Notice]
) -> None:
    if not browsers:
        return
    is_call = step != ANSWERED
    intend(
        estate_id=alert.estate_id,
        subject=SUBJECT,
        subject_id=alert.pk,
        step=step,
        channel=Channel.PUSH,
        recipients=[
            Recipient(browser.membership_id, browser.membership.user.name, browser=browser)
            for browser in browsers
        ],
        body=lambda delivery_id: body_of(notice(delivery_id)),
        # Good news may wait until the device wakes by itself, but not until the next day.
        is_emergency=is_call,
        kind="" if is_call else ANSWERED_KIND.key,
        expires_at=None if is_call else now() + GOOD_NEWS_FOR,
    )

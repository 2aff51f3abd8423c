"""Managers are told when a platform admin enters their estate, and when he is out: live, by text, else by mail."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.mails import send_mail
from core.background import enqueue_on_commit
from estates.models import Estate
from estates.permissions import RoleKey
from estates.selectors import members_with_role
from estates.support import SupportChange, support_view
from notifications.events import SupportEnded, SupportStarted
from notifications.notices import SUPPORT
from notifications.services import Recipient, intend
from notifications.states import Channel
from realtime.publishing import publish
from realtime.topics import managers

MAIL: Final = "notifications.mail_of_support"


def tell_managers(change: SupportChange) -> None:
    """Within the unit of work in which it began or ended."""
    view, estate = support_view(change.access), change.estate
    fact = SupportStarted(access=view) if change.is_start else SupportEnded(access=view)
    publish(fact, to=[managers(estate.pk)], actor=change.actor)
    told = members_with_role(estate, RoleKey.MANAGER)
    body = _body(change)
    intend(
        estate_id=estate.pk,
        subject="estates.support",
        subject_id=change.access.pk,
        step="started" if change.is_start else "ended",
        channel=Channel.SMS,
        recipients=[Recipient(one.member_id, one.name, phone=one.phone) for one in told if one.phone],
        body=body,
        is_emergency=False,
        kind=SUPPORT.key,
    )
    without = [one.email for one in told if one.email and not one.phone]
    if without:
        enqueue_on_commit(MAIL, estate_id=str(estate.pk), to=without, body=body)


def mail(*, estate_id: UUID, to: list[str], body: str) -> None:
    """To those who have no phone. Twice, where a worker died in between."""
    name = Estate.objects.values_list("name", flat=True).get(pk=estate_id)
    for address in to:
        send_mail(address, f"Support access to {name}", body)


def _body(change: SupportChange) -> str:
    access, name = change.access, change.estate.name[:40]
    if not change.is_start:
        return f"{name}: ClustR support access of {access.name[:40]} has ended ({access.ended_by[:40]})."
    until = access.expires_at.astimezone(ZoneInfo(change.estate.time_zone))
    return (
        f"{name}: {access.name[:40]} of ClustR support has entered until {until:%H:%M}: "
        f"{access.reason[:120]}. You can end it at the desk."
    )

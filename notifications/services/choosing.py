"""A member says what he wants to be told, by which way, and when not."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django.db.models import QuerySet
from msgspec import UnsetType

from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.errors import TimeZoneUnknown
from estates.geography import time_zones
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from notifications.errors import (
    ChannelUnknown,
    ChoiceLocked,
    KindUnknown,
    QuietHoursEmpty,
)
from notifications.kinds import kinds
from notifications.models import Delivery, NotificationChoice, QuietHours
from notifications.shapes import ChangePreferences, ChoiceShape, QuietHoursShape
from notifications.states import Channel, State, Work


def change_preferences(*, actor: Member, estate: Estate, changes: ChangePreferences) -> None:
    """Turn switches, set the quiet hours: all of it or nothing. What waits already goes by the new ones.

    Raises `KindUnknown`, `ChannelUnknown`, `ChoiceLocked`, `QuietHoursEmpty`, `TimeZoneUnknown`.
    """
    require(actor, Permission.KEEP_NOTIFICATIONS, estate)
    _check(actor, changes)
    with unit_of_work():
        Membership.objects.of(estate).select_for_update(no_key=True).get(pk=actor.id)
        turned = _turn(actor, estate, changes.choices)
        hours = changes.quiet_hours
        quiet = {} if isinstance(hours, UnsetType) else _set_hours(actor, estate, hours)
        if not turned and not quiet:
            return
        _held(actor, estate).update(due_at=now())
        membership = Membership(pk=actor.id, estate_id=estate.pk)
        record(actor, "notifications.preferences.changed", membership, turned | quiet)


def _check(actor: Member, changes: ChangePreferences) -> None:
    for number, choice in enumerate(changes.choices):
        kind = kinds.get(choice.kind)
        if kind is None or not kind.concerns(actor):
            raise KindUnknown(f"There is no {choice.kind!r}.", field=f"choices[{number}].kind")
        if choice.channel not in kind.channels:
            known = ", ".join(kind.channels)
            raise ChannelUnknown(f"{kind.title}: use one of {known}.", field=f"choices[{number}].channel")
        if not choice.is_on and not kind.can_be_chosen(Channel(choice.channel)):
            raise ChoiceLocked(f"{kind.title} cannot be switched off.", field=f"choices[{number}].is_on")
    hours = changes.quiet_hours
    if isinstance(hours, QuietHoursShape):
        if hours.begins == hours.ends:
            raise QuietHoursEmpty(field="quiet_hours.ends")
        if hours.time_zone and hours.time_zone not in time_zones():
            raise TimeZoneUnknown(field="quiet_hours.time_zone")


def _turn(actor: Member, estate: Estate, choices: Sequence[ChoiceShape]) -> dict[str, Any]:
    """The last word counts where one switch is turned twice."""
    own = NotificationChoice.objects.of(estate).filter(membership_id=actor.id)
    before = {(row.kind, row.channel): row.is_on for row in own}
    changed: dict[str, Any] = {}
    for (key, channel), is_on in {(one.kind, one.channel): one.is_on for one in choices}.items():
        kind = kinds[key]
        if not kind.can_be_chosen(Channel(channel)) or before.get((key, channel)) is is_on:
            continue
        own.update_or_create(
            kind=key,
            channel=channel,
            defaults={"is_on": is_on},
            create_defaults={"is_on": is_on, "estate": estate, "membership_id": actor.id},
        )
        changed[f"{key} by {channel}"] = [before.get((key, channel), channel in kind.default), is_on]
    return changed


def _set_hours(actor: Member, estate: Estate, hours: QuietHoursShape | None) -> dict[str, Any]:
    own = QuietHours.objects.of(estate).filter(membership_id=actor.id)
    old = own.first()
    was = f"{old.begins:%H:%M} to {old.ends:%H:%M} {old.time_zone}".strip() if old else None
    becomes = f"{hours.begins} to {hours.ends} {hours.time_zone}".strip() if hours else None
    if was == becomes:
        return {}
    own.delete()
    if hours is not None:
        QuietHours.objects.create(
            estate=estate,
            membership_id=actor.id,
            begins=time.fromisoformat(hours.begins),
            ends=time.fromisoformat(hours.ends),
            time_zone=hours.time_zone,
        )
    return {"quiet_hours": [was, becomes]}


def _held(actor: Member, estate: Estate) -> QuerySet[Delivery]:
    """His ordinary texts that have waited so far: whoever sends looks at his choices again."""
    rows = Delivery.objects.of(estate).filter(member_id=actor.id, is_emergency=False, work=Work.SEND)
    return rows.filter(state=State.INTENDED, attempt=0, due_at__gt=now())

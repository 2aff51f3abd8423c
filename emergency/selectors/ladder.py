"""What the ladder has to do next."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min, Q

from core.clock import now
from core.errors import Invalid
from emergency.events import Category
from emergency.models import Alert, AlertStep, EscalationPolicy
from emergency.policies import DEFAULT, PRESETS, Channel, Step, preset_of, read_steps
from emergency.shapes import PolicyView, PresetsView, PresetView
from emergency.states import OPEN, State
from estates.models import Estate
from notifications import voice

log = logging.getLogger(__name__)

#: Reports about texts come in for a while after an alert is over; the proof follows them for so long.
PROOF_AFTERGLOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Watched:
    """An alert that the sweeper looks after. `due_at`: of its next step, None where nothing is pending."""

    alert_id: UUID
    estate_id: UUID
    proof: dict[str, Any]
    due_at: datetime | None


def watched_alerts() -> list[Watched]:
    """Open alerts and those resolved a moment ago, with the time of their next step, in one query."""
    recently = Q(state=State.RESOLVED, resolved_at__gt=now() - PROOF_AFTERGLOW)
    pending = Q(steps__state=AlertStep.State.PENDING)
    rows = (
        Alert.objects.across_estates()
        .filter(Q(state__in=OPEN) | recently)
        .order_by()
        .annotate(due_at=Min("steps__due_at", filter=pending))
        .values_list("pk", "estate_id", "proof", "due_at")
    )
    return [Watched(*row) for row in rows]


def due_steps(alert: Alert) -> list[AlertStep]:
    """Steps of the alert whose time has come, in their order."""
    return list(
        AlertStep.objects.of(alert.estate_id).filter(
            alert=alert, state=AlertStep.State.PENDING, due_at__lte=now()
        )
    )


def channel_now(channel: Channel) -> Channel:
    """The way that a step by this channel would go now: SMS instead of a call where nobody can be called."""
    return Channel.SMS if channel == Channel.VOICE and not voice.is_set_up() else channel


def policy_for(estate: Estate, category: Category) -> tuple[Step, ...]:
    """The estate's own ladder for the category, its general one, or the default."""
    rows = EscalationPolicy.objects.of(estate).filter(category__in=["", category.value])
    chosen = max(rows, key=lambda row: row.category, default=None)
    if chosen is None:
        return DEFAULT
    try:
        return read_steps(chosen.steps)
    except Invalid:
        # Whatever was done to the row, an SOS goes out.
        log.exception("The escalation policy %s cannot be used; the default stands in", chosen.pk)
        return DEFAULT


def presets_for(estate: Estate) -> PresetsView:
    """The ladders that can be chosen, and the chosen one."""
    policies = policies_of(estate)
    general = policies[0]
    steps = tuple(general.steps)
    is_whole = len(policies) == 1 and not general.is_default
    return PresetsView(
        chosen=preset_of(steps) if is_whole else None,
        is_default=len(policies) == 1 and general.is_default,
        presets=[
            PresetView(key=one.key, title=one.title, words=one.words, steps=list(one.steps))
            for one in PRESETS.values()
        ],
    )


def policies_of(estate: Estate) -> list[PolicyView]:
    """The general ladder first, then those of single categories."""
    rows = {row.category: read_steps(row.steps) for row in EscalationPolicy.objects.of(estate)}
    general = PolicyView(category=None, is_default="" not in rows, steps=list(rows.get("", DEFAULT)))
    own = [
        PolicyView(category=category, is_default=False, steps=list(rows[category.value]))
        for category in Category
        if category.value in rows
    ]
    return [general, *own]

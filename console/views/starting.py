"""A new estate, from nothing to its first drill, and the ladder that it chooses."""

from typing import Any

from django.http import HttpResponse

from backoffice.setting_up import last_drill_id, set_up_of
from console.links import page_url
from console.visits import Visit, estate_page
from core.ids import new_id
from core.shapes import plain
from emergency.policies import Channel, Step
from emergency.selectors.alerts import get_alert
from emergency.selectors.ladder import policies_of, presets_for
from emergency.selectors.record import delivery_view
from emergency.selectors.views import view_of
from emergency.wording import audience_in_words
from estates.permissions import Permission
from notifications.selectors import deliveries_of


@estate_page(Permission.MANAGE_PEOPLE)
def start(visit: Visit) -> HttpResponse:
    """Five steps with how far each has come, and the last drill with whom it reached."""
    set_up = set_up_of(visit.estate)
    drill_id = last_drill_id(visit.estate) if visit.actor.may(Permission.READ_ALERTS) else None
    drill = view_of(get_alert(visit.actor, visit.estate, drill_id)) if drill_id else None
    return visit.draw(
        "console/desk_start.html",
        set_up=set_up,
        steps={step.key.value: step for step in set_up.steps},
        done_count=sum(step.is_done for step in set_up.steps),
        drill=drill,
        told=[delivery_view(row) for row in deliveries_of(visit.estate.pk, drill_id)] if drill_id else [],
        new_id=new_id(),
        urls={
            name.replace("-", "_"): page_url(name, visit.estate.pk)
            for name in (
                "desk-lists",
                "desk-units",
                "desk-people",
                "desk-ladder",
                "desk-roles",
                "desk-alerts",
            )
        },
        data={"refresh": "emergency", **({"alert": plain(drill)} if drill else {})},
    )


@estate_page(Permission.READ_POLICIES)
def ladder(visit: Visit) -> HttpResponse:
    """What each ladder does, in words, and the one that holds."""
    presets = presets_for(visit.estate)
    own = policies_of(visit.estate)
    return visit.draw(
        "console/desk_ladder.html",
        presets=[
            {"key": one.key.value, "title": one.title, "words": one.words, "rungs": _rungs(one.steps)}
            for one in presets.presets
        ],
        chosen=presets.chosen,
        is_default=presets.is_default,
        own=[]
        if presets.is_default or presets.chosen
        else [{"category": policy.category, "rungs": _rungs(policy.steps)} for policy in own],
        may_manage=visit.actor.may(Permission.MANAGE_POLICIES),
        start_url=page_url("desk-start", visit.estate.pk),
    )


WAYS = {Channel.WEBSOCKET: "Tablets and open pages", Channel.SMS: "SMS", Channel.VOICE: "Telephone call"}


def _rungs(steps: list[Step]) -> list[dict[str, Any]]:
    return [
        {
            "after": f"{step.after_s} s",
            "way": WAYS[step.channel],
            "audience": audience_in_words(step.audience),
            "again": f"again every {step.repeat_every_s} s" if step.repeat_every_s else "",
        }
        for step in steps
    ]

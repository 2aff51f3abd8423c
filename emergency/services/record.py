"""What an alert leaves behind: its timeline, and the facts that are told."""

from typing import Any

from core.actors import Actor
from emergency.models import Alert, TimelineEntry
from emergency.selectors.alerts import UNTOLD
from realtime.events import Fact
from realtime.publishing import publish
from realtime.topics import Topic, emergency_lane, inbox


def note_down(alert: Alert, kind: str, actor: Actor, text: str, **data: Any) -> None:
    """Put one entry on the alert's timeline. `text`: no telephone numbers, the raiser reads it."""
    TimelineEntry.objects.create(
        estate_id=alert.estate_id,
        alert=alert,
        kind=kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        text=text,
        data=data,
    )


def tell(fact: Fact, alert: Alert, actor: Actor) -> None:
    """Publish a fact about the alert to those who may know of it."""
    publish(fact, to=audience_of(alert), actor=actor)


def audience_of(alert: Alert) -> list[Topic]:
    """The person in need and, once the countdown is over, the responders; before it, also who pressed the button."""
    topics = [inbox(alert.person_id, alert.estate_id)]
    if alert.state not in UNTOLD:
        return [emergency_lane(alert.estate_id), *topics]
    if alert.raised_by_id != alert.person_id:
        topics.append(inbox(alert.raised_by_id, alert.estate_id))
    return topics

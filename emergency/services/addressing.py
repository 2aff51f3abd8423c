"""Whom one round of a step goes to, by which way, and in which words."""

from dataclasses import dataclass
from uuid import UUID

from emergency.links import link_of
from emergency.models import Alert, AlertStep
from emergency.notices import SUBJECT
from emergency.policies import Channel, Step
from emergency.selectors.ladder import channel_now
from emergency.services.audiences import recipients_of, with_telephones
from emergency.services.waking import wake
from emergency.wording import (
    audience_in_words,
    speech_for_contact,
    speech_for_responder,
    text_for_contact,
    text_for_responder,
)
from notifications.services import Body, Recipient, intend
from realtime.topics import Topic, emergency_lane

#: Names that a timeline entry gives before it counts the rest; each of them has a delivery anyway.
MOST_NAMES = 20

_WAYS = {Channel.WEBSOCKET: "Live feed", Channel.SMS: "SMS", Channel.VOICE: "Voice call"}
_NO_CALLS = "No provider of calls is set up, so "


@dataclass(frozen=True, slots=True)
class Round:
    """What was begun. `channel`: the way it really goes. `in_words`: for the timeline."""

    channel: Channel
    recipients: int
    in_words: str


def addressees(alert: Alert, step: Step, channel: Channel) -> list[Recipient]:
    recipients = recipients_of(alert, step.audience)
    return recipients if channel == Channel.WEBSOCKET else with_telephones(alert, recipients)


def begin_round(alert: Alert, step: AlertStep, spec: Step) -> Round:
    """Write one delivery for each addressee."""
    channel = channel_now(spec.channel)
    recipients = addressees(alert, spec, channel)
    if channel != spec.channel:
        recipients = _without_those_texted_beside(alert, step, recipients)
    _intend_round(alert, step, channel, recipients)
    return Round(channel, len(recipients), _in_words(spec, channel, [one.name for one in recipients]))


def _without_those_texted_beside(
    alert: Alert, step: AlertStep, recipients: list[Recipient]
) -> list[Recipient]:
    """Without those to whom the texts of another step go at the same moment: two with the same words say no more."""
    beside = AlertStep.objects.of(alert.estate_id).filter(
        alert=alert, due_at=step.due_at, spec__channel=Channel.SMS.value
    )
    audience = {one for other in beside for one in other.spec["audience"]}
    texted = {one.phone for one in recipients_of(alert, audience)} if audience else set()
    return [one for one in recipients if one.phone not in texted]


def _intend_round(alert: Alert, step: AlertStep, channel: Channel, recipients: list[Recipient]) -> None:
    if channel == Channel.WEBSOCKET:
        # The responders' own event goes to the lane; its receipts prove these deliveries.
        _intend(alert, step, channel, recipients, "", topic=emergency_lane(alert.estate_id))
        wake(alert, step.name, recipients)
        return
    inside = [one for one in recipients if one.member_id is not None]
    outside = [one for one in recipients if one.member_id is None]
    if channel == Channel.VOICE:
        _intend(alert, step, channel, inside, speech_for_responder(alert))
        _intend(alert, step, channel, outside, speech_for_contact(alert))
        return

    def text(delivery_id: UUID) -> str:
        return text_for_responder(alert, link_of(delivery_id))

    _intend(alert, step, channel, inside, text)
    _intend(alert, step, channel, outside, text_for_contact(alert))


def _intend(
    alert: Alert,
    step: AlertStep,
    channel: Channel,
    recipients: list[Recipient],
    body: Body,
    topic: Topic | None = None,
) -> None:
    if recipients:
        intend(
            estate_id=alert.estate_id,
            subject=SUBJECT,
            subject_id=alert.pk,
            step=step.name,
            channel=channel.value,
            recipients=recipients,
            body=body,
            topic=topic,
        )


def _in_words(spec: Step, channel: Channel, names: list[str]) -> str:
    way = _WAYS[channel] if channel == spec.channel else _NO_CALLS + _WAYS[channel]
    audience = audience_in_words(spec.audience)
    if not names:
        nobody = (
            "there is nobody to tell"
            if channel == spec.channel
            else "the texts at this moment say it already"
        )
        return f"{way} to {audience}: {nobody}."
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{way} to {audience}: {', '.join(names[:MOST_NAMES])}{more}."

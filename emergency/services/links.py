"""Answering by the link in a text or behind a notice, or by the keypad in a call: as the person to whom we sent it."""

from dataclasses import dataclass
from enum import StrEnum

from core.clock import now
from core.errors import Denied, NotFound
from emergency.events import AlertView
from emergency.links import GOOD_FOR, LinkNotValid, delivery_behind
from emergency.notices import SUBJECT
from emergency.selectors.alerts import get_alert
from emergency.selectors.views import view_of
from emergency.services.answering import Way, acknowledge_alert
from emergency.states import OVER
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from estates.selectors import member_by_id
from notifications.models import Delivery
from notifications.selectors import get_message


class Standing(StrEnum):
    """What the link or the call is still good for."""

    #: Its person can say that he has it.
    OPEN = "open"
    #: He has said so, by this link or otherwise.
    USED = "used"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Link:
    """A link or a call of ours, to a responder of today, about an alert that is not long past."""

    member: Member
    estate: Estate
    alert: AlertView
    standing: Standing


def open_link(token: str) -> Link:
    """What stands behind the link. Looking changes nothing: programs look at links before people do.

    Raises `LinkNotValid`.
    """
    delivery = get_message(delivery_behind(token))
    if delivery is None:
        raise LinkNotValid
    return link_behind(delivery)


def link_behind(delivery: Delivery) -> Link:
    """Who would answer what, by this text or call: asked anew each time, because people lose roles.

    Raises `LinkNotValid`.
    """
    if delivery.subject != SUBJECT or delivery.member_id is None:
        raise LinkNotValid
    if delivery.intended_at + GOOD_FOR < now():
        raise LinkNotValid
    try:
        member = member_by_id(delivery.estate_id, delivery.member_id)
        estate = Estate.objects.get(pk=delivery.estate_id)
        require(member, Permission.ACKNOWLEDGE_ALERT, estate)
        alert = view_of(get_alert(member, estate, delivery.subject_id))
    except (NotFound, Denied):
        raise LinkNotValid from None
    return Link(member, estate, alert, _standing(alert, member))


def acknowledge_by_link(token: str) -> None:
    """Its person has it, as if he had pressed it in the app. A second time changes nothing.

    Raises `AlertOver`, `LinkNotValid`, `OwnAlert`.
    """
    _acknowledge(open_link(token), Way.LINK)


def acknowledge_by_call(call: Delivery) -> AlertView:
    """The same by the keypad of the telephone that we called. Answers how the alert then stands.

    Raises `AlertOver`, `LinkNotValid`, `OwnAlert`.
    """
    return _acknowledge(link_behind(call), Way.VOICE)


def _acknowledge(link: Link, way: Way) -> AlertView:
    return acknowledge_alert(actor=link.member, estate=link.estate, alert_id=link.alert.id, way=way)


def _standing(alert: AlertView, member: Member) -> Standing:
    if alert.state in OVER:
        return Standing.OVER
    is_taken = any(responder.member_id == member.id for responder in alert.responders)
    return Standing.USED if is_taken else Standing.OPEN

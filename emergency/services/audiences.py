"""Who belongs to an audience at the moment in which a step is taken."""

import logging
from collections.abc import Iterable
from uuid import UUID

from emergency.models import Alert, Contact
from emergency.policies import Audience
from estates.models import Membership
from estates.permissions import RoleKey
from estates.selectors import Contactable, contactable, guards_on_duty, holders, members_with_role
from notifications.selectors import unreceived
from notifications.services import Recipient
from realtime.presence import live_leases

log = logging.getLogger(__name__)

#: The step whose missing device receipts start the first texts.
FIRST_STEP = "0.0"

ACTIVE = Membership.Status.ACTIVE

ROLE_OF = {
    Audience.GUARDS: RoleKey.GUARD,
    Audience.SECURITY_HEADS: RoleKey.SECURITY_HEAD,
    Audience.MANAGERS: RoleKey.MANAGER,
}


def recipients_of(alert: Alert, audience: Iterable[Audience]) -> list[Recipient]:
    """Everybody of the audiences once, without the person in need; members before contacts."""
    found: dict[object, Recipient] = {}
    for one in sorted(audience, key=lambda one: one == Audience.CONTACTS):
        for recipient in _group(alert, one):
            if recipient.member_id != alert.person_id:
                found.setdefault(recipient.member_id or recipient.phone, recipient)
    return list(found.values())


def with_telephones(alert: Alert, recipients: Iterable[Recipient]) -> list[Recipient]:
    """Each number once, and never that of the person in need, whose phone may have to stay silent.

    Who has no number stays in: his delivery fails, and the record says why.
    """
    numbers = {alert.person.user.phone}
    kept = []
    for recipient in recipients:
        if not recipient.phone:
            kept.append(recipient)
        elif recipient.phone not in numbers:
            numbers.add(recipient.phone)
            kept.append(recipient)
    return kept


def is_guarded(alert: Alert) -> bool:
    """Whether a guard's device answered within its lease, the person in need not counted. Not knowing counts as no."""
    try:
        # One question, whatever the number of guards: everybody waits for its answer.
        guards = holders(alert.estate_id, RoleKey.GUARD).values("membership")
        here = live_leases(alert.estate_id).filter(
            membership__in=guards, membership__status=ACTIVE, membership__user__is_active=True
        )
        return here.exclude(membership=alert.person_id).exists()
    except Exception:
        log.exception("Presence in estate %s is not known; taking the guards for absent", alert.estate_id)
        return False


def _group(alert: Alert, audience: Audience) -> list[Recipient]:
    estate = alert.estate
    match audience:
        case Audience.CONTACTS:
            contacts = Contact.objects.of(estate).filter(member_id=alert.person_id)
            return [Recipient(member_id=None, name=row.name, phone=row.phone) for row in contacts]
        case Audience.GUARDS_ON_DUTY:
            on_duty = [guard for guard in guards_on_duty(estate) if guard.member_id != alert.person_id]
            return _recipients(on_duty or members_with_role(estate, RoleKey.GUARD))
        case Audience.UNRECEIVED:
            return _recipients(contactable(estate.pk, _unreceived(alert)))
        case _:
            return _recipients(members_with_role(estate, ROLE_OF[audience]))


def _unreceived(alert: Alert) -> set[UUID]:
    return unreceived(alert.pk, FIRST_STEP)


def _recipients(people: Iterable[Contactable]) -> list[Recipient]:
    return [Recipient(member_id=one.member_id, name=one.name, phone=one.phone) for one in people]

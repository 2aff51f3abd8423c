"""Going on and off duty."""

from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from realtime.publishing import publish
from realtime.topics import guards
from staff.events import DutyEnded, DutyEntry, DutyStarted


def start_duty(*, actor: Member, estate: Estate) -> None:
    """The actor is on duty from now on; alerts go to those on duty first. A second start changes nothing."""
    require(actor, Permission.TAKE_DUTY, estate)
    with unit_of_work():
        at = now()
        mine = Membership.objects.of(estate).filter(pk=actor.id)
        if mine.filter(on_duty_since__isnull=True).update(on_duty_since=at):
            entry = DutyEntry(member_id=actor.id, name=actor.name, since=at)
            publish(DutyStarted(entry=entry), to=[guards(estate.pk)], actor=actor)
            record(actor, "staff.duty.started", mine.get())


def end_duty(*, actor: Member, estate: Estate) -> None:
    """The actor is off duty. A second end changes nothing."""
    require(actor, Permission.TAKE_DUTY, estate)
    with unit_of_work():
        mine = Membership.objects.of(estate).filter(pk=actor.id)
        if mine.filter(on_duty_since__isnull=False).update(on_duty_since=None):
            publish(DutyEnded(member_id=actor.id, name=actor.name), to=[guards(estate.pk)], actor=actor)
            record(actor, "staff.duty.ended", mine.get())

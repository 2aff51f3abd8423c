"""Which tablet stands at which guard post."""

from uuid import UUID

from core.audit import record
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate, Membership
from estates.permissions import Permission, require
from notifications.services import withdraw
from realtime.publishing import publish
from realtime.topics import guards
from staff.errors import DeviceNotValid, DeviceTaken, NotOnDuty
from staff.events import PostPaired, PostUnpaired, PostView
from staff.selectors import get_post, post_view, posts_of
from staff.services.posts import CLEARED, clear, hold_posts


def pair_device(*, actor: Member, estate: Estate, post_id: UUID, device: str) -> PostView:
    """This tablet stands at the post from now on, in place of the one before. A second time changes nothing.

    A darkness lasts until the new one answers. Raises `PostNotFound`, `DeviceNotValid`, `DeviceTaken`, `NotOnDuty`.
    """
    _require_pairing(actor, estate)
    if not device or device != clean_text(device):
        raise DeviceNotValid(field="device")
    with unit_of_work():
        hold_posts(estate)
        post = get_post(estate, post_id)
        if post.device == device:
            return post_view(post)
        other = posts_of(estate).filter(device=device).first()
        if other is not None:
            raise DeviceTaken(
                f"This device is the one of {other.name}; take it away there first.", field="device"
            )
        before, post.device, post.away_since = post.device, device, None
        post.save(update_fields=["device", "away_since"])
        record(actor, "staff.post.paired", post, {"device": [before, device]})
        publish(PostPaired(post=post_view(post)), to=[guards(estate.pk)], actor=actor)
        return post_view(post)


def unpair_device(*, actor: Member, estate: Estate, post_id: UUID) -> PostView:
    """No tablet stands at the post any more, and so none is missed. A second time changes nothing.

    Raises `PostNotFound`, `NotOnDuty`.
    """
    _require_pairing(actor, estate)
    with unit_of_work():
        hold_posts(estate)
        post = get_post(estate, post_id)
        if post.device is None:
            return post_view(post)
        before = post.device
        clear(post)
        post.save(update_fields=CLEARED)
        withdraw(subject_id=post.pk)
        record(actor, "staff.post.unpaired", post, {"device": [before, None]})
        publish(PostUnpaired(post=post_view(post)), to=[guards(estate.pk)], actor=actor)
        return post_view(post)


def _require_pairing(actor: Member, estate: Estate) -> None:
    """A guard does it during his shift: off duty, nobody expects him at a post."""
    require(actor, Permission.PAIR_POSTS, estate)
    if actor.may(Permission.MANAGE_POSTS):
        return
    if not Membership.objects.of(estate).filter(pk=actor.id, on_duty_since__isnull=False).exists():
        raise NotOnDuty

"""The watch over guard posts: whose tablet is missing, who is told, and when it is over.

The database is the clock, and whatever calls this may call it late or twice at once: each step is one conditional
update, written down together with its event and its deliveries, or not at all.

Only who could have heard a tablet may miss it. So the time that counts begins when the processes that serve sockets and
this watch are at work without a break (`realtime.pulse`), and nothing is concluded while one of them is not: after a
restart of all, or an outage of the database, every post has its whole `dark_after_s` anew.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from core.actors import SYSTEM
from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.models import Estate
from estates.permissions import RoleKey
from estates.selectors import Contactable, members_with_role
from notifications.services import Recipient, intend, withdraw
from realtime.presence import responders_leases
from realtime.publishing import publish
from realtime.pulse import FEED, alive_since, beat
from realtime.topics import guards
from staff.events import PostDarkened, PostEscalated, PostLit
from staff.models import Post
from staff.notices import DARK, LIT
from staff.selectors import post_view
from staff.wording import text_of_darkness, text_of_light

log = logging.getLogger(__name__)

#: The watch's own pulse, and what deliveries call their subject.
SUBJECT: Final = "staff.post"


def watch_posts() -> None:
    """Look at every post with a tablet, in all estates. One query where there is none."""
    posts = list(_watched().select_related("estate"))
    if not posts:
        return
    beat(SUBJECT)
    trusted_since = alive_since([FEED, SUBJECT])
    here = _here({post.estate_id for post in posts})
    for post in posts:
        try:
            _look(post, is_here=(post.estate_id, post.device) in here, trusted_since=trusted_since)
        except Exception:
            log.exception("Post %s could not be watched; the next look tries again", post.pk)


def _look(post: Post, *, is_here: bool, trusted_since: datetime | None) -> None:
    at = now()
    if post.estate.is_suspended:
        _forget(post)
    elif is_here:
        _light(post)
    elif post.away_since is None:
        _as_it_stood(post).update(away_since=at)
    elif trusted_since is None:
        return
    elif post.dark_since is None:
        if at - max(post.away_since, trusted_since) >= timedelta(seconds=post.dark_after_s):
            _darken(post, at)
    elif post.texted_at is None and at - max(post.dark_since, trusted_since) >= timedelta(
        seconds=post.dark_sms_after_s
    ):
        _text(post, at)


def _forget(post: Post) -> None:
    """Its estate is suspended: nobody can be connected there, and nobody is told anything."""
    if post.away_since is None and post.dark_since is None:
        return
    with unit_of_work():
        if _as_it_stood(post).update(away_since=None, dark_since=None, texted_at=None):
            withdraw(subject_id=post.pk)


def _light(post: Post) -> None:
    """Its tablet is here."""
    if post.dark_since is None:
        if post.away_since is not None:
            _as_it_stood(post).update(away_since=None)
        return
    with unit_of_work():
        if not _as_it_stood(post).update(away_since=None, dark_since=None, texted_at=None):
            return
        dark_since, texted_at = post.dark_since, post.texted_at
        post.dark_since = post.texted_at = None
        withdraw(subject_id=post.pk)
        if texted_at is not None:
            _text_that_it_is_back(post, dark_since)
        record(SYSTEM, "staff.post.lit", post, {"dark_since": [dark_since.isoformat(), None]})
        publish(PostLit(post=post_view(post)), to=[guards(post.estate_id)], actor=SYSTEM)


def _darken(post: Post, at: datetime) -> None:
    """The first rung: those at the boards are told."""
    with unit_of_work():
        if not _as_it_stood(post).update(dark_since=at):
            return
        post.dark_since = at
        # That it is back may still wait for the end of somebody's quiet hours: it is not true any more.
        withdraw(subject_id=post.pk)
        record(SYSTEM, "staff.post.darkened", post, {"dark_since": [None, at.isoformat()]})
        publish(PostDarkened(post=post_view(post)), to=[guards(post.estate_id)], actor=SYSTEM)


def _text(post: Post, at: datetime) -> None:
    """The second rung, once for each darkness."""
    assert post.dark_since is not None
    with unit_of_work():
        if not _as_it_stood(post).update(texted_at=at):
            return
        post.texted_at = at
        people = _responsible(post.estate)
        intend(
            estate_id=post.estate_id,
            subject=SUBJECT,
            subject_id=post.pk,
            # Another darkness is another step: nobody is told twice of one, and everybody of each.
            step=f"dark.{int(post.dark_since.timestamp())}",
            channel="sms",
            recipients=[Recipient(one.member_id, one.name, phone=one.phone) for one in people],
            body=text_of_darkness(post),
            kind=DARK.key,
        )
        names = [one.name for one in people]
        record(SYSTEM, "staff.post.escalated", post, {"texted": names})
        publish(PostEscalated(post=post_view(post), told=names), to=[guards(post.estate_id)], actor=SYSTEM)


def _text_that_it_is_back(post: Post, dark_since: datetime) -> None:
    """To those of the responsible who want it."""
    intend(
        estate_id=post.estate_id,
        subject=SUBJECT,
        subject_id=post.pk,
        step=f"lit.{int(dark_since.timestamp())}",
        channel="sms",
        recipients=[Recipient(one.member_id, one.name, phone=one.phone) for one in _responsible(post.estate)],
        body=text_of_light(post, now()),
        is_emergency=False,
        kind=LIT.key,
    )


def _responsible(estate: Estate) -> list[Contactable]:
    """The security head; managers where there is none, or none with a telephone number."""
    heads = members_with_role(estate, RoleKey.SECURITY_HEAD)
    if any(head.phone for head in heads):
        return heads
    return [*heads, *members_with_role(estate, RoleKey.MANAGER)]


def _watched() -> QuerySet[Post]:
    return Post.objects.across_estates().filter(is_active=True, device__isnull=False)


def _as_it_stood(post: Post) -> QuerySet[Post]:
    """The post, unless anybody has changed since it was read what the watch goes by."""
    return _watched().filter(
        pk=post.pk,
        device=post.device,
        away_since=post.away_since,
        dark_since=post.dark_since,
        texted_at=post.texted_at,
    )


def _here(estate_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    return set(responders_leases(estate_ids).values_list("estate_id", "device"))

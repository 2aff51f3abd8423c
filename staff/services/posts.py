"""Guard posts: which there are."""

from typing import Any
from uuid import UUID

from core.audit import record
from core.text import clean_text
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from notifications.services import withdraw
from realtime.publishing import publish
from realtime.topics import guards
from staff.errors import PostExists, PostNameMissing, TooManyPosts
from staff.events import PostAdded, PostArchived, PostChanged, PostView
from staff.models import Post
from staff.selectors import get_post, post_view, posts_of

#: More than any estate has gates.
MOST_POSTS = 100


def add_post(
    *, actor: Member, estate: Estate, name: str, dark_after_s: int = 60, dark_sms_after_s: int = 60
) -> PostView:
    """A new guard post, without a tablet. Raises `PostNameMissing`, `PostExists`, `TooManyPosts`."""
    require(actor, Permission.MANAGE_POSTS, estate)
    words = _name(name)
    with unit_of_work():
        hold_posts(estate)
        _must_be_new(estate, words)
        if posts_of(estate).count() >= MOST_POSTS:
            raise TooManyPosts
        post = Post.objects.create(
            estate=estate, name=words, dark_after_s=dark_after_s, dark_sms_after_s=dark_sms_after_s
        )
        view = post_view(post)
        record(actor, "staff.post.added", post, _settings(post))
        publish(PostAdded(post=view), to=[guards(estate.pk)], actor=actor)
        return view


def change_post(
    *,
    actor: Member,
    estate: Estate,
    post_id: UUID,
    name: str | None = None,
    dark_after_s: int | None = None,
    dark_sms_after_s: int | None = None,
) -> PostView:
    """Another name, other delays; None leaves one as it is. Raises `PostNotFound`, `PostNameMissing`, `PostExists`."""
    require(actor, Permission.MANAGE_POSTS, estate)
    with unit_of_work():
        hold_posts(estate)
        post = get_post(estate, post_id)
        before = _settings(post)
        if name is not None:
            post.name = _name(name)
            _must_be_new(estate, post.name, besides=post)
        post.dark_after_s = post.dark_after_s if dark_after_s is None else dark_after_s
        post.dark_sms_after_s = post.dark_sms_after_s if dark_sms_after_s is None else dark_sms_after_s
        after = _settings(post)
        if after == before:
            return post_view(post)
        post.save(update_fields=["name", "dark_after_s", "dark_sms_after_s"])
        changes = {key: [before[key], after[key]] for key in after if after[key] != before[key]}
        record(actor, "staff.post.changed", post, changes)
        publish(PostChanged(post=post_view(post)), to=[guards(estate.pk)], actor=actor)
        return post_view(post)


def archive_post(*, actor: Member, estate: Estate, post_id: UUID) -> None:
    """The post is not used any more; its tablet is free, and nobody is told any more that it is dark.

    Raises `PostNotFound`.
    """
    require(actor, Permission.MANAGE_POSTS, estate)
    with unit_of_work():
        hold_posts(estate)
        post = get_post(estate, post_id)
        device, post.is_active = post.device, False
        clear(post)
        post.save(update_fields=["is_active", *CLEARED])
        withdraw(subject_id=post.pk)
        record(actor, "staff.post.archived", post, {"device": [device, None]})
        publish(PostArchived(post=post_view(post)), to=[guards(estate.pk)], actor=actor)


#: What a post loses with its tablet.
CLEARED = ("device", "away_since", "dark_since", "texted_at")


def clear(post: Post) -> None:
    """Take its tablet away, and what was noted about that."""
    for name in CLEARED:
        setattr(post, name, None)


def hold_posts(estate: Estate) -> None:
    """One change of an estate's posts at a time: two would each find a name or a device free."""
    Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)


def _name(given: str) -> str:
    words = " ".join(clean_text(given).split())
    if not words:
        raise PostNameMissing(field="name")
    return words


def _must_be_new(estate: Estate, name: str, *, besides: Post | None = None) -> None:
    others = posts_of(estate).filter(name__iexact=name)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise PostExists(field="name")


def _settings(post: Post) -> dict[str, Any]:
    return {
        "name": post.name,
        "dark_after_s": post.dark_after_s,
        "dark_sms_after_s": post.dark_sms_after_s,
    }

"""Reads over guard posts."""

from uuid import UUID

from django.db.models import QuerySet

from estates.models import Estate
from staff.errors import PostNotFound
from staff.events import PostView
from staff.models import Post


def posts_of(estate: Estate) -> QuerySet[Post]:
    """Those in use, oldest first."""
    return Post.objects.of(estate).filter(is_active=True)


def get_post(estate: Estate, post_id: UUID) -> Post:
    """Raises `PostNotFound`."""
    post = posts_of(estate).filter(pk=post_id).first()
    if post is None:
        raise PostNotFound
    return post


def post_view(post: Post) -> PostView:
    return PostView(
        id=post.pk,
        name=post.name,
        device=post.device,
        dark_after_s=post.dark_after_s,
        dark_sms_after_s=post.dark_sms_after_s,
        is_active=post.is_active,
        dark_since=post.dark_since,
        texted_at=post.texted_at,
    )

"""The desk's page of guard posts."""

from django.http import HttpResponse

from console.visits import Visit, estate_page
from estates.permissions import Permission
from staff.models import LONGEST_DARK_S, LONGEST_TEXT_S, SHORTEST_DARK_S, Post
from staff.selectors import posts_of

LIMITS = {
    "shortest_dark_s": SHORTEST_DARK_S,
    "longest_dark_s": LONGEST_DARK_S,
    "longest_text_s": LONGEST_TEXT_S,
}


@estate_page(Permission.MANAGE_POSTS)
def posts(visit: Visit) -> HttpResponse:
    """Those in use; its script adds, changes and archives them by REST."""
    return visit.draw("console/desk_posts.html", posts=posts_of(visit.estate), new_post=Post(), limits=LIMITS)

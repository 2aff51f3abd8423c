"""Where a device stands that is here: presence says it of each."""

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from realtime.roster import knows_posts
from staff.models import Post


@knows_posts
def post_of_lease() -> Combinable:
    """By the index on estate and device: as good as nothing for each lease."""
    posts = Post.objects.across_estates().filter(
        estate_id=OuterRef("estate_id"), device=OuterRef("device"), is_active=True
    )
    return Subquery(posts.order_by().values(ref=JSONObject(id="pk", name="name")))

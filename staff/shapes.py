"""What a caller sends about guard posts, and how pages of them are answered."""

from typing import Annotated

from msgspec import Meta

from core.shapes import Page, Shape
from staff.events import PostView
from staff.models import LONGEST_DARK_S, LONGEST_TEXT_S, SHORTEST_DARK_S

PostName = Annotated[str, Meta(min_length=1, max_length=100)]
DarkAfterS = Annotated[int, Meta(ge=SHORTEST_DARK_S, le=LONGEST_DARK_S)]
DarkSmsAfterS = Annotated[int, Meta(ge=0, le=LONGEST_TEXT_S)]


class AddPost(Shape):
    """`dark_after_s`: seconds without its tablet after which the post is dark; `dark_sms_after_s`: seconds of darkness
    after which the security head is texted.
    """

    name: PostName
    dark_after_s: DarkAfterS = 60
    dark_sms_after_s: DarkSmsAfterS = 60


class ChangePost(Shape):
    """What is absent or null stays as it is."""

    name: PostName | None = None
    dark_after_s: DarkAfterS | None = None
    dark_sms_after_s: DarkSmsAfterS | None = None


class PairDevice(Shape):
    """`device`: the name with which the tablet connects to the socket."""

    device: Annotated[str, Meta(min_length=1, max_length=64)]


class PostPage(Page):
    results: list[PostView]

"""What happens to staff."""

from datetime import datetime
from uuid import UUID

from core.shapes import View
from realtime.events import Fact


class DutyEntry(View):
    """Somebody on duty, and since when."""

    member_id: UUID
    name: str
    since: datetime


class DutyStarted(Fact, type="staff.duty.started"):
    """On `estate.<id>.guards` for guards, security heads and managers. Somebody began a shift."""

    entry: DutyEntry


class DutyEnded(Fact, type="staff.duty.ended"):
    """On `estate.<id>.guards` for guards, security heads and managers. Somebody ended his shift."""

    member_id: UUID
    name: str


class PostView(View):
    """A guard post. `device`: the tablet that stands there, null until one is paired.

    `dark_since`: since when the alarm stands that the tablet is missing; `texted_at`: when somebody was texted of it.
    """

    id: UUID
    name: str
    device: str | None
    dark_after_s: int
    dark_sms_after_s: int
    is_active: bool
    dark_since: datetime | None
    texted_at: datetime | None


class PostAdded(Fact, type="staff.post.added"):
    """On `estate.<id>.guards` for guards, security heads and managers. There is a new guard post."""

    post: PostView


class PostChanged(Fact, type="staff.post.changed"):
    """On `estate.<id>.guards` for guards, security heads and managers. A guard post has another name
    or other delays.
    """

    post: PostView


class PostArchived(Fact, type="staff.post.archived"):
    """On `estate.<id>.guards` for guards, security heads and managers. A guard post is not used any
    more.
    """

    post: PostView


class PostPaired(Fact, type="staff.post.paired"):
    """On `estate.<id>.guards` for guards, security heads and managers. A tablet stands at the guard
    post from now on.
    """

    post: PostView


class PostUnpaired(Fact, type="staff.post.unpaired"):
    """On `estate.<id>.guards` for guards, security heads and managers. No tablet stands at the guard
    post any more.
    """

    post: PostView


class PostDarkened(Fact, type="staff.post.darkened"):
    """On `estate.<id>.guards` for guards, security heads and managers. The tablet of the guard post has been missing
    for so long that nobody is taken to see alerts there.
    """

    post: PostView


class PostEscalated(Fact, type="staff.post.escalated"):
    """On `estate.<id>.guards` for guards, security heads and managers. The guard post is still dark, and those
    responsible are texted. `told`: their names.
    """

    post: PostView
    told: list[str]


class PostLit(Fact, type="staff.post.lit"):
    """On `estate.<id>.guards` for guards, security heads and managers. The tablet of the guard post is here again."""

    post: PostView

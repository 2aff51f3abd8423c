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

"""What happens to support access. Told from here, because `estates` is below the live feed."""

from estates.support import SupportView
from realtime.events import Fact


class SupportStarted(Fact, type="estates.support.started"):
    """On `estate.<id>.managers` for security heads and managers. A platform admin has entered, with a reason."""

    access: SupportView


class SupportEnded(Fact, type="estates.support.ended"):
    """On `estate.<id>.managers` for security heads and managers. He is out again."""

    access: SupportView

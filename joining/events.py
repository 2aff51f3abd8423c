"""What happens to those who want to belong."""

from joining.shapes import InvitationSent, JoinRequestView
from realtime.events import Fact


class JoinRequestOpened(Fact, type="joining.request.opened"):
    """On `estate.<id>.managers` for security heads and managers. Somebody asks to join the estate."""

    request: JoinRequestView


class JoinRequestClosed(Fact, type="joining.request.closed"):
    """On `estate.<id>.managers` for security heads and managers. A request to join was approved, declined or
    withdrawn: `state` says which.
    """

    request: JoinRequestView


class InvitationAnswered(Fact, type="joining.invitation.answered"):
    """On `member.<id>` for who invited. The invited accepted or declined: `state` says which."""

    invitation: InvitationSent

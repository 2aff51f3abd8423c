"""What goes out after the commit. What is due stands in the database: a message that is lost is found by the sweep."""

from uuid import UUID

from core.background import every, task
from joining.services.sending import send_due_invitations, send_invitation


@task("joining.send", sweep="joining.send_due")
def send(invitation_id: str) -> None:
    """Send one invitation."""
    send_invitation(UUID(invitation_id))


@task("joining.send_due")
def send_due() -> None:
    """Send those that were not sent yet."""
    send_due_invitations()


every(seconds=60.0, name="joining.send_due")

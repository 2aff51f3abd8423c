"""What an invitation says."""

from joining.links import link_of
from joining.models import GOOD_FOR, Invitation


def text_of(invitation: Invitation) -> str:
    """For a text message: as short as a link lets it be."""
    return (
        f"{_who(invitation)[:70]}. To accept or decline, within {GOOD_FOR.days} days: {link_of(invitation)}"
    )


def subject_of(invitation: Invitation) -> str:
    return _who(invitation)


def mail_of(invitation: Invitation) -> str:
    return (
        f"Hello {_line(invitation.name)},\n\n{_who(invitation)}{_where(invitation)}.\n\n"
        f"To accept or decline, open this link within {GOOD_FOR.days} days:\n\n{link_of(invitation)}\n\n"
        "It works once. Who was not meant can leave it: nothing happens then.\n"
    )


def inviter_of(invitation: Invitation) -> str:
    """Who stands behind it: a resident by his name, else the estate's office."""
    if invitation.host_id and invitation.invited_by:
        return invitation.invited_by.user.name
    return f"{invitation.estate.name}"


def _who(invitation: Invitation) -> str:
    estate = _line(invitation.estate.name)
    if invitation.host_id and invitation.invited_by:
        return f"{_line(invitation.invited_by.user.name)} invites you to {estate}"
    return f"{estate} invites you"


def _where(invitation: Invitation) -> str:
    return f", to {invitation.unit.name}" if invitation.unit else ""


def _line(words: str) -> str:
    """Nobody's name begins a second line, or a link of his own."""
    return " ".join(words.replace("://", " ").replace("/", " ").split())[:40]

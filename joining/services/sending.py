"""Invitations go out, by text or mail. Each is a row: what is lost on the way is found by a sweep."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from accounts.mails import send_mail
from accounts.texts import send_text
from core.clock import now
from core.unit_of_work import unit_of_work
from joining.models import Invitation
from joining.selectors import MOST_TRIES
from joining.states import InvitationState
from joining.wording import mail_of, subject_of, text_of

#: Longer than any provider lets us wait; after that whoever was at it is dead.
CLAIM: Final = timedelta(minutes=2)
#: As long as providers keep a text for a phone that is off.
VALID_S: Final = 14_400


def send_invitation(invitation_id: UUID) -> bool:
    """Send what was not sent yet; whether it is on its way. Run twice at once, it goes out once."""
    due = Invitation.objects.across_estates().filter(_due(), pk=invitation_id)
    if not due.update(claimed_until=now() + CLAIM, tries=F("tries") + 1):
        return False
    rows = Invitation.objects.across_estates().select_related("estate", "unit", "invited_by__user")
    invitation = rows.get(pk=invitation_id)
    # Outside of any transaction: a provider may take its time.
    is_sent = _hand_over(invitation)
    with unit_of_work():
        # Only this letter's: it may have been sent anew meanwhile.
        same = Invitation.objects.across_estates().filter(pk=invitation_id, letter=invitation.letter)
        same.update(**({"sent_at": now()} if is_sent else {"claimed_until": now() + CLAIM}))
    return is_sent


def send_due_invitations() -> int:
    """Those whose task was lost, and those that were refused and are tried again; how many there were."""
    due = Invitation.objects.across_estates().filter(_due()).order_by("created_at")
    ids = list(due.values_list("pk", flat=True)[:100])
    for invitation_id in ids:
        send_invitation(invitation_id)
    return len(ids)


def _due() -> Q:
    is_free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now())
    is_wanted = Q(state=InvitationState.OPEN, sent_at__isnull=True, tries__lt=MOST_TRIES)
    return is_free & is_wanted & Q(expires_at__gt=now())


def _hand_over(invitation: Invitation) -> bool:
    if invitation.phone:
        return send_text(invitation.phone, text_of(invitation), valid_s=VALID_S)
    return send_mail(str(invitation.email), subject_of(invitation), mail_of(invitation))

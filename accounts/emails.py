"""Email addresses of users, always kept in small letters. They stand on the user; allauth's own table stays empty."""

from django.db import IntegrityError

from accounts.models import User
from accounts.record import record
from core.errors import Conflict
from core.unit_of_work import unit_of_work


class EmailTaken(Conflict):
    code = "email_taken"
    title = "Somebody else has this email address"


def verify_email(user: User, email: str) -> None:
    """The user has proved that `email` is his: it is his address from now on. Raises `EmailTaken` where it stands at
    somebody else's name, proved or not: the estate's office sorts that out.
    """
    mine = User.objects.filter(pk=user.pk)
    if mine.filter(email=email, is_email_verified=True).exists():
        return
    try:
        with unit_of_work():
            mine.update(email=email, is_email_verified=True)
            record(user, "accounts.email.verified", {"email": email.lower()})
    except IntegrityError:
        raise EmailTaken from None

"""Whom a one-time code lets in: by an address that he has proved, or by any of his while he has proved none.

An estate's office types addresses, and mistypes some. Whose account has been proved to be his is safe from whoever
holds such an address; whose has not gets in by what the office wrote, and so proves it.
"""

from accounts.models import User
from accounts.phones import PhoneNotValid, e164


def user_reached_by_email(email: str) -> User | None:
    """The user whom a code to this address lets in, unless he is switched off."""
    user = User.objects.filter(email=email).first()
    return user if user and (user.is_email_verified or not user.has_proved_an_address) else None


def user_reached_by_phone(phone: str) -> User | None:
    """The same for a number."""
    try:
        user = User.objects.filter(phone=e164(phone)).first()
    except PhoneNotValid:
        return None
    return user if user and (user.is_phone_verified or not user.has_proved_an_address) else None

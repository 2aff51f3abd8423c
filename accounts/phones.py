"""Telephone numbers, always kept as E.164."""

import phonenumbers
from django.db import IntegrityError

from accounts.models import User
from accounts.record import record
from core.errors import Conflict, Invalid
from core.unit_of_work import unit_of_work


class PhoneNotValid(Invalid):
    code = "phone_not_valid"
    title = "This is not a telephone number"


class PhoneTaken(Conflict):
    code = "phone_taken"
    title = "Somebody else has this telephone number"


def e164(number: str, *, country: str | None = None, field: str = "phone") -> str:
    """`number` in E.164 ("+2348031234567"). `country`: ISO 3166-1 alpha-2, for numbers without a country code.

    Numbers of ranges that are kept free for fiction are possible but not assigned, and are accepted. Raises
    `PhoneNotValid`.
    """
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        raise PhoneNotValid(
            "Give the number with its country code, such as +44 7700 900123.", field=field
        ) from None
    if not phonenumbers.is_possible_number(parsed):
        raise PhoneNotValid("This number has too few or too many digits.", field=field)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def verify_phone(user: User, phone: str) -> None:
    """The user has proved that `phone` is his: it is his number from now on. Raises `PhoneTaken` where it stands at
    somebody else's name, proved or not: the estate's office sorts that out.
    """
    mine = User.objects.filter(pk=user.pk)
    if mine.filter(phone=phone, is_phone_verified=True).exists():
        return
    try:
        with unit_of_work():
            mine.update(phone=phone, is_phone_verified=True)
            record(user, "accounts.phone.verified", {"phone": phone})
    except IntegrityError:
        raise PhoneTaken from None

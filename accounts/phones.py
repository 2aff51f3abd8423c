"""Telephone numbers, always kept as E.164."""

import phonenumbers

from core.errors import Invalid


class PhoneNotValid(Invalid):
    code = "phone_not_valid"
    title = "This is not a telephone number"


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

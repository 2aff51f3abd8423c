"""Twilio's error codes for calls: which of them are worth another try.

Source: Twilio's Error and Warning Dictionary, https://www.twilio.com/docs/api/errors, one page for each code.
"""

from typing import Final

PERMANENT: Final[dict[int, str]] = {
    10002: "A trial account cannot do this",
    10005: "Calling is switched off for the account",
    13223: "The number is not valid",
    13224: "The number is not valid",
    13225: "The number is forbidden",
    13227: "Calling this country is not enabled for the account",
    21201: "The call has no number to ring",
    21205: "Our address is not valid for Twilio",
    21210: "The caller's number is not verified",
    21211: "The number is not valid",
    21212: "The caller's number is not valid",
    21213: "The call has no caller",
    21214: "The number cannot be reached",
    21215: "Calling this country is not enabled for the account",
    21216: "The account may not call this number",
    21217: "The number is not valid",
    21219: "A trial account may call verified numbers only",
    21609: "Our address for reports is not valid for Twilio",
}

TEMPORARY: Final[dict[int, str]] = {
    10001: "The account is not active",
    10004: "Too many calls at one time",
    20003: "Twilio does not accept our credentials",
    20429: "Too many requests",
}

#: The call was not ringing any more when it was to be taken back.
NOT_RINGING: Final = 21220


def is_permanent_answer(code: int) -> bool:
    """For a request that was refused (4xx). A refusal unknown to us is permanent: the same request meets it again.

    Codes below 10000 are bare HTTP statuses: something in between answered, not Twilio.
    """
    return code >= 10000 and code not in TEMPORARY


def meaning_of(code: int) -> str:
    """A short sentence for the record; empty for a code that is not in the table."""
    return PERMANENT.get(code) or TEMPORARY.get(code, "")

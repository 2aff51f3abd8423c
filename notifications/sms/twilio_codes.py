"""Twilio's error codes: which of them are worth another try.

Source: Twilio's Error and Warning Dictionary, https://www.twilio.com/docs/api/errors, one page for each code. Codes of
the 2xxxx range come as the answer to a request, 3xxxx also as `ErrorCode` in a status callback.
"""

from typing import Final

PERMANENT: Final[dict[int, str]] = {
    21211: "The number is not valid",
    21212: "The sender is not valid",
    21214: "The number cannot be reached",
    21408: "Texting this country is not enabled for the account",
    21602: "The message has no text",
    21606: "The sender cannot send to this number",
    21608: "A trial account may text verified numbers only",
    21610: "The recipient has opted out (STOP)",
    21612: "This sender cannot reach this number",
    21614: "The number is not a mobile number",
    21617: "The message is too long",
    30004: "Blocked by the recipient or his carrier",
    30005: "The number is unknown to its carrier, or no longer in service",
    30006: "A landline, or a carrier that cannot be reached",
    30007: "Filtered as unwanted by Twilio or the carrier",
    30034: "The sender is not registered for this country",
}

TEMPORARY: Final[dict[int, str]] = {
    20003: "Twilio does not accept our credentials",
    20429: "Too many requests",
    21611: "The sender's queue is full",
    30001: "The queue overflowed",
    30002: "The account is suspended",
    30003: "The handset could not be reached",
    30008: "The carrier gave no reason",
    30022: "The carrier's rate limit was exceeded",
    30036: "Not handed on within its validity",
}


def is_permanent_answer(code: int) -> bool:
    """For a request that was refused (4xx). A refusal unknown to us is permanent: the same request meets it again.

    Codes below 10000 are bare HTTP statuses: something in between answered, not Twilio's messaging.
    """
    return code >= 10000 and code not in TEMPORARY


def is_permanent_report(code: int) -> bool:
    """For a message that Twilio took and could not deliver. An unknown reason is worth another try."""
    return code in PERMANENT


def meaning_of(code: int) -> str:
    """A short sentence for the record; empty for a code that is not in the table."""
    return PERMANENT.get(code) or TEMPORARY.get(code, "")

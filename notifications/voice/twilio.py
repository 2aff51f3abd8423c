"""Calls through Twilio's 2010 API. Beside `sms.twilio` nothing else may import twilio."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from notifications.errors import CallbackNotUnderstood
from notifications.sms.base import (
    Accepted,
    Ambiguous,
    ProviderSilent,
    Report,
    SendResult,
    Sighting,
    Throttled,
)
from notifications.sms.twilio import (
    CLOCK_SKEW,
    FIND_LIMIT,
    UNANSWERED,
    TooManyRequests,
    WireClient,
    broken_request,
    refusal_of,
)
from notifications.states import MACHINE, State
from notifications.voice.base import Call
from notifications.voice.twilio_codes import NOT_RINGING, is_permanent_answer, meaning_of

#: Seconds a telephone rings. Below the 30 s after which most mailboxes answer; Twilio may add 5.
RING_S: Final = 25
#: Seconds after which a call is ended whatever is said in it: everything twice, and the time to find the key.
TIME_LIMIT_S: Final = 180
#: The progress that is reported; without naming it, only the end would be.
EVENTS: Final = ("initiated", "ringing", "answered", "completed")

_SID = re.compile(r"CA[0-9a-fA-F]{32}")

#: CallStatus (https://www.twilio.com/docs/voice/api/call-resource#call-status-values). A telephone that was picked up
#: proves nothing until the call is over: it may have been a machine.
_STATES: Final[dict[str, State]] = {
    "queued": State.ACCEPTED,
    "initiated": State.ACCEPTED,
    "ringing": State.SENT,
    "in-progress": State.SENT,
    "completed": State.DELIVERED,
    "busy": State.FAILED,
    "no-answer": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}

_WORDS: Final[dict[str, str]] = {
    "busy": "The line was busy",
    "no-answer": "Nobody answered",
    "failed": "The call could not be put through",
    "canceled": "The call was taken back",
}


class TwilioProvider:
    """`caller`: the number that calls, E.164. `callback_url`: our address, with `{delivery_id}` and `{what}` in it."""

    name = "twilio"

    def __init__(
        self, *, account_sid: str, auth_token: str, caller: str, callback_url: str, base_url: str = ""
    ) -> None:
        self._client = Client(account_sid, auth_token, http_client=WireClient(base_url=base_url))
        # Loads the better part of the library, which its first use would otherwise do.
        _ = self._client.calls
        self._caller = caller
        self._callback_url = callback_url

    def place(self, call: Call) -> SendResult:
        try:
            made = self._client.calls.create(
                to=call.to,
                from_=self._caller,
                url=self._address(call.delivery_id, "answered"),
                status_callback=self._address(call.delivery_id, "status"),
                status_callback_event=list(EVENTS),
                timeout=RING_S,
                time_limit=TIME_LIMIT_S,
                # Beside the call and not before it: who picks up would hear nothing for seconds, and put it down.
                machine_detection="Enable",
                async_amd="true",
                async_amd_status_callback=self._address(call.delivery_id, "machine"),
            )
        except TooManyRequests as error:
            return Throttled(retry_after=error.retry_after)
        except (TwilioRestException, TwilioServiceException) as error:
            return refusal_of(error, is_permanent_answer, meaning_of)
        except (requests.RequestException, TwilioException, ValueError) as error:
            return broken_request(error)
        if not made.sid:
            return Ambiguous("the answer names no call")
        return Accepted(provider_id=made.sid)

    def find(self, call: Call, *, since: datetime) -> list[Sighting]:
        # By number alone: what has not been dialled yet has no time of its start, and that is what we look for.
        try:
            rows = self._client.calls.list(to=call.to, limit=FIND_LIMIT, page_size=FIND_LIMIT)
        except UNANSWERED as error:
            raise ProviderSilent(type(error).__name__) from error
        oldest = since - CLOCK_SKEW
        found = [
            Sighting(report=_report(row), created_at=row.date_created)
            for row in rows
            if str(row.direction or "") == "outbound-api"
            and (row.date_created is None or row.date_created >= oldest)
        ]
        return sorted(found, key=lambda sighting: sighting.created_at or datetime.max.replace(tzinfo=UTC))

    def fetch(self, provider_id: str) -> Report | None:
        try:
            return _report(self._client.calls(provider_id).fetch())
        except UNANSWERED as error:
            if getattr(error, "status", None) == HTTPStatus.NOT_FOUND:
                return None
            raise ProviderSilent(type(error).__name__) from error

    def hang_up(self, provider_id: str) -> Report | None:
        try:
            # "canceled" ends what is queued or ringing; "completed" would cut off somebody who is listening.
            return _report(self._client.calls(provider_id).update(status="canceled"))
        except UNANSWERED as error:
            is_gone = getattr(error, "status", None) == HTTPStatus.NOT_FOUND
            if is_gone or getattr(error, "code", None) == NOT_RINGING:
                return None
            raise ProviderSilent(type(error).__name__) from error

    def _address(self, delivery_id: UUID, what: str) -> str:
        return self._callback_url.format(delivery_id=delivery_id, what=what)


def call_sid(params: Mapping[str, str]) -> str:
    """Which call a request of Twilio's is about. Raises `CallbackNotUnderstood`."""
    sid = params.get("CallSid") or ""
    if not _SID.fullmatch(sid):
        raise CallbackNotUnderstood("This is no call's id.", field="CallSid")
    return sid


def read_status(params: Mapping[str, str]) -> Report | None:
    """The report in a status callback's fields; None for a status that tells us nothing.

    Raises `CallbackNotUnderstood`.
    """
    sid, status = call_sid(params), params.get("CallStatus") or ""
    if not status:
        raise CallbackNotUnderstood("The status is missing.", field="CallStatus")
    if status not in _STATES:
        return None
    return _as_report(sid, status, params.get("AnsweredBy") or "")


def is_machine(answered_by: str) -> bool:
    """Whether that is what answered (https://www.twilio.com/docs/voice/answering-machine-detection#webhook-parameters).

    "unknown" is taken for a person: the keypad tells.
    """
    return answered_by.startswith("machine") or answered_by == "fax"


def _report(row: CallInstance) -> Report:
    status = str(row.status or "")
    return _as_report(row.sid or "", status if status in _STATES else "queued", str(row.answered_by or ""))


def _as_report(sid: str, status: str, answered_by: str) -> Report:
    state = _STATES[status]
    if state == State.DELIVERED and is_machine(answered_by):
        return Report(provider_id=sid, state=State.FAILED, code=MACHINE, permanent=True)
    if state != State.FAILED:
        return Report(provider_id=sid, state=state)
    # For good, whatever the reason: the next round calls again, and the next step calls somebody else.
    return Report(provider_id=sid, state=state, code=status, permanent=True, detail=_WORDS[status])

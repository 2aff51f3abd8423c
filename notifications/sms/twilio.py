"""SMS through Twilio's 2010 API, and what calls share with it. Only this and `voice.twilio` may import twilio."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from logging import CRITICAL, getLogger
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.base.values import unset
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from notifications.errors import CallbackNotUnderstood
from notifications.sms.base import (
    Accepted,
    Ambiguous,
    Message,
    ProviderSilent,
    Refused,
    Report,
    SendResult,
    Sighting,
    Throttled,
)
from notifications.sms.twilio_codes import is_permanent_answer, is_permanent_report, meaning_of
from notifications.states import State

#: Seconds to connect, and seconds to wait for an answer. Together well below the lease of a claim.
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 5.0
#: Where Twilio does not say how long to wait after 429.
DEFAULT_RETRY_AFTER_S = 2.0
#: How far Twilio's clock may be behind ours.
CLOCK_SKEW = timedelta(seconds=60)
#: Texts to one number that are looked through for one of ours.
FIND_LIMIT = 100
#: Connections that are kept open; more at a time are made and dropped again.
CONNECTIONS = 100

#: Twilio's client logs addresses with phone numbers in them; the answers are in our own record.
_wire_log = getLogger("notifications.sms.twilio.wire")
_wire_log.setLevel(CRITICAL + 1)

_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")

#: MessageStatus (https://www.twilio.com/docs/messaging/api/message-resource#message-status-values).
_STATES: dict[str, State] = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


class TooManyRequests(Exception):
    """HTTP 429: never processed. `retry_after`: seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class WireClient(TwilioHttpClient):  # type: ignore[misc]  # twilio carries no types
    """Twilio's HTTP client with time-outs, and pointed at another address where one is configured."""

    def __init__(self, *, base_url: str) -> None:
        super().__init__(logger=_wire_log)
        # A pair, as requests understands it, which the parameter would not let through. Connecting and reading are
        # timed apart because only the first is harmless.
        self.timeout = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        self._base = urlsplit(base_url) if base_url else None
        if self.session is not None:
            adapter = HTTPAdapter(pool_maxsize=CONNECTIONS)
            self.session.mount("https://", adapter)
            self.session.mount("http://", adapter)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            parts = urlsplit(url)
            path = self._base.path.rstrip("/") + parts.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, parts.fragment))
        kwargs["timeout"] = None
        response = super().request(method, url, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            # Raised here because the client's own exceptions do not carry the headers.
            raise TooManyRequests(_seconds((response.headers or {}).get("Retry-After")))
        return response


#: What a question to Twilio can end in; a ValueError is an answer that is not JSON.
UNANSWERED = (requests.RequestException, TwilioException, TooManyRequests, ValueError)


class TwilioProvider:
    """`sender`: a number or alphanumeric id; not used where a messaging service is given.

    `callback_url`: the address Twilio reports to, with `{delivery_id}` in it.
    """

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        callback_url: str,
        sender: str = "",
        messaging_service_sid: str = "",
        base_url: str = "",
    ) -> None:
        self._client = Client(account_sid, auth_token, http_client=WireClient(base_url=base_url))
        # Loads the better part of the library, which its first use would otherwise do.
        _ = self._client.messages
        self._callback_url = callback_url
        self._from: dict[str, Any] = (
            {"messaging_service_sid": messaging_service_sid} if messaging_service_sid else {"from_": sender}
        )

    def send(self, message: Message) -> SendResult:
        try:
            made = self._client.messages.create(
                to=message.to,
                body=message.body,
                status_callback=self._callback_url.format(delivery_id=message.delivery_id),
                validity_period=message.validity_s or unset,
                **self._from,
            )
        except TooManyRequests as error:
            return Throttled(retry_after=error.retry_after)
        except (TwilioRestException, TwilioServiceException) as error:
            return refusal_of(error, is_permanent_answer, meaning_of)
        except (requests.RequestException, TwilioException, ValueError) as error:
            return broken_request(error)
        if not made.sid:
            return Ambiguous("the answer names no message")
        return Accepted(provider_id=made.sid)

    def find(self, message: Message, *, since: datetime) -> list[Sighting]:
        # By number alone: the DateSent filter leaves out what is still queued, and that is what we look for.
        try:
            rows = self._client.messages.list(to=message.to, limit=FIND_LIMIT, page_size=FIND_LIMIT)
        except UNANSWERED as error:
            raise ProviderSilent(type(error).__name__) from error
        oldest = since - CLOCK_SKEW
        found = [
            Sighting(report=_report(row), created_at=row.date_created)
            for row in rows
            if row.body == message.body
            and str(row.direction or "").startswith("outbound")
            and (row.date_created is None or row.date_created >= oldest)
        ]
        return sorted(found, key=lambda sighting: sighting.created_at or datetime.max.replace(tzinfo=UTC))

    def fetch(self, provider_id: str) -> Report | None:
        try:
            return _report(self._client.messages(provider_id).fetch())
        except UNANSWERED as error:
            if getattr(error, "status", None) == HTTPStatus.NOT_FOUND:
                return None
            raise ProviderSilent(type(error).__name__) from error


def is_signed_by_twilio(*, auth_token: str, url: str, params: Any, signature: str) -> bool:
    """Whether the request's signature was made with our token over exactly this public address and these fields.

    `params`: the form's fields (a QueryDict). Without a token nothing is believed.
    """
    if not auth_token or not signature:
        return False
    return bool(RequestValidator(auth_token).validate(url, params, signature))


def read_callback(params: Mapping[str, str]) -> Report | None:
    """The report in a status callback's fields; None for a status that tells us nothing.

    Raises `CallbackNotUnderstood`.
    """
    sid = params.get("MessageSid") or params.get("SmsSid") or ""
    status = params.get("MessageStatus") or params.get("SmsStatus") or ""
    if not _SID.fullmatch(sid):
        raise CallbackNotUnderstood("This is no message's id.", field="MessageSid")
    if not status:
        raise CallbackNotUnderstood("The status is missing.", field="MessageStatus")
    if status not in _STATES:
        return None
    return _as_report(sid, _STATES[status], params.get("ErrorCode") or "", status)


def _report(row: MessageInstance) -> Report:
    status = str(row.status or "")
    code = "" if row.error_code in (None, 0) else str(row.error_code)
    return _as_report(row.sid or "", _STATES.get(status, State.ACCEPTED), code, status)


def _as_report(sid: str, state: State, code: str, status: str) -> Report:
    if state != State.FAILED:
        return Report(provider_id=sid, state=state)
    permanent = status == "canceled" or (code.isdigit() and is_permanent_report(int(code)))
    return Report(provider_id=sid, state=state, code=code or status, permanent=permanent)


def refusal_of(
    error: TwilioRestException | TwilioServiceException,
    is_permanent: Callable[[int], bool],
    meaning: Callable[[int], str],
) -> SendResult:
    """What an error as the answer to a request means, by the table of what was asked for."""
    status, code = error.status, error.code or 0
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        # Twilio may have made the message before it failed to say so.
        return Ambiguous(f"HTTP {status}")
    return Refused(code=str(code or status), permanent=is_permanent(code), detail=meaning(code))


def _seconds(header: str | None) -> float:
    """`Retry-After` as seconds; the form with a date is not worth a parser here."""
    return float(header) if header is not None and header.isdigit() else DEFAULT_RETRY_AFTER_S


def broken_request(error: Exception) -> SendResult:
    """What a request without an answer means."""
    if _never_arrived(error):
        return Refused(code="unreachable", permanent=False, detail="Twilio could not be reached")
    return Ambiguous(type(error).__name__)


def _never_arrived(error: Exception) -> bool:
    """Whether the connection was never made, so that Twilio cannot have read the request."""
    if isinstance(
        error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    ):
        return True
    reason = error.args[0] if error.args else None
    cause = getattr(reason, "reason", reason)
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)

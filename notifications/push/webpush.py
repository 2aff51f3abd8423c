"""Web push itself: RFC 8030 for the delivery, 8291 for the encryption, 8292 (VAPID) for who we are.

Nothing else may import pywebpush or py_vapid.
"""

import ipaddress
import logging
import socket
import time
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from py_vapid import Vapid02
from pywebpush import WebPusher
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from notifications.push.base import GONE, PushMessage
from notifications.push.endpoints import is_push_service, is_stand_in
from notifications.push.keys import read_private_key
from notifications.sms.base import Accepted, Ambiguous, Refused, SendResult, Throttled
from notifications.states import State

#: Seconds to connect, and seconds to wait for an answer. Together well below the lease of a claim.
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 5.0
#: Where a push service does not say how long to wait after 429.
DEFAULT_RETRY_AFTER_S = 2.0
#: How long a push service may take our word for who we are; at most a day (RFC 8292, 2).
TOKEN_S: Final = 12 * 3600
CONNECTIONS: Final = 20

#: Not ours to try again: the same message to the same browser would be refused again.
_NEVER: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }
)
_MEANINGS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "The push service does not understand the message",
    HTTPStatus.UNAUTHORIZED: "The push service does not know our key",
    HTTPStatus.FORBIDDEN: "The browser subscribed with another key than ours",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The message is too long",
}

log = logging.getLogger(__name__)


class PrivateAddress(NewConnectionError):
    """The host of a push service leads into a network that is not the public one."""


class _PublicOnly:
    """A connection that says nothing to anybody who is not on the public internet. It is the address connected to that
    is looked at, so what the name answered before does not matter.
    """

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        if not ipaddress.ip_address(made.getpeername()[0]).is_global:
            made.close()
            raise PrivateAddress(self, "this push service is not on the public internet")  # type: ignore[arg-type]
        return made


class _PublicHTTPS(_PublicOnly, HTTPSConnection):
    pass


class _PublicHTTP(_PublicOnly, HTTPConnection):
    pass


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicHTTPSPool, "http": _PublicHTTPPool}


class WebPushProvider:
    """`private_key`: of this installation (VAPID), 32 bytes in base64url. `subject`: whom a push service can write to
    about us, `mailto:` or `https:`.
    """

    name = "webpush"

    def __init__(self, *, private_key: str, subject: str) -> None:
        self._vapid = Vapid02(read_private_key(private_key))
        self._subject = subject
        # The stand-in of the tests has a session of its own: it alone is on this machine.
        self._public, self._local = _session(PublicAdapter), _session(HTTPAdapter)

    def send(self, message: PushMessage) -> SendResult:
        if not is_push_service(message.endpoint):
            # The list may have become shorter since the browser subscribed.
            return Refused("endpoint_not_allowed", permanent=True, detail="This push service is not allowed")
        session = self._local if is_stand_in(message.endpoint) else self._public
        keys = {"p256dh": message.p256dh, "auth": message.auth}
        pusher = WebPusher({"endpoint": message.endpoint, "keys": keys}, requests_session=session)
        try:
            answer = pusher.send(
                message.content,
                self._headers(message),
                ttl=message.ttl_s,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
            )
        except requests.RequestException as error:
            return _broken_call(error)
        return _read(answer)

    def _headers(self, message: PushMessage) -> dict[str, str]:
        parts = urlsplit(message.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + TOKEN_S,
            "sub": self._subject,
        }
        signed: dict[str, str] = self._vapid.sign(claims)
        urgency = "high" if message.is_urgent else "normal"
        return {**signed, "Topic": message.topic, "Urgency": urgency}


def _session(adapter: type[HTTPAdapter]) -> requests.Session:
    session = requests.Session()
    session.mount("https://", adapter(pool_maxsize=CONNECTIONS))
    session.mount("http://", adapter(pool_maxsize=CONNECTIONS))
    # A push service that sends us somewhere else could send us anywhere.
    session.max_redirects = 0
    return session


def _read(answer: requests.Response) -> SendResult:
    status = answer.status_code
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return Refused(GONE, permanent=True, detail="The browser has ended its subscription")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(retry_after=_seconds(answer.headers.get("Retry-After")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and "Retry-After" in answer.headers:
        return Throttled(retry_after=_seconds(answer.headers["Retry-After"]), code=f"http_{status}")
    if status >= HTTPStatus.BAD_REQUEST:
        # A failure may come after the message was taken. It is tried again all the same: the tag makes two of them one.
        # Why it was refused stands in the answer, which may quote the browser's address: that is not written down.
        return Refused(f"http_{status}", permanent=status in _NEVER, detail=_MEANINGS.get(status, ""))
    return Accepted(provider_id="", state=State.SENT)


def _broken_call(error: requests.RequestException) -> SendResult:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, PrivateAddress):
        return Refused("private_address", permanent=True, detail="The push service is not on the internet")
    if isinstance(error, requests.TooManyRedirects):
        return Refused("redirected", permanent=True, detail="The push service sends us elsewhere")
    if isinstance(error, requests.exceptions.SSLError):
        return Refused("tls", permanent=False, detail="The push service could not prove who it is")
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        # Nothing has left us.
        return Refused("unreachable", permanent=False, detail=type(reason).__name__)
    return Ambiguous(type(error).__name__)


def _seconds(text: str | None) -> float:
    try:
        return max(0.0, float(text or ""))
    except ValueError:
        return DEFAULT_RETRY_AFTER_S

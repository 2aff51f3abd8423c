"""Which pages' scripts may open a socket."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host


def origin_is_allowed(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a handshake's `Origin` is on the list, or is the host itself that it was sent to.

    A browser always sends one, so a page of somebody else's cannot use a visitor's session. Apps send none. The
    server's own host is accepted under any of its allowed names: the tablet that reaches it by address, not by name.
    """
    found = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = found.get(b"origin")
    if origin is None:
        return True
    if origin in settings.CLUSTR_ORIGINS:
        return True
    host = found.get(b"host", "")
    parts = urlsplit(origin)
    hostname = parts.hostname or ""
    if ":" in hostname:
        hostname = f"[{hostname}]"
    return bool(host) and parts.netloc == host and validate_host(hostname, settings.ALLOWED_HOSTS)

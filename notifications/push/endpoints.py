"""Where push messages may be sent. A browser names its push service itself, so anybody could name anything:
nothing is ever sent to an address that is not one of a push service that we know.
"""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

LONGEST: Final = 1000
HTTPS: Final = 443


def is_push_service(endpoint: str) -> bool:
    """Whether the address belongs to one of the hosts in `CLUSTR_PUSH_HOSTS`, by https on its usual port.

    `*.push.example`: every host below it. The stand-in for tests (`CLUSTR_PUSH_TEST_ORIGIN`) is one as well.
    """
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    if len(endpoint) > LONGEST or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        return False
    if is_stand_in(endpoint):
        return True
    if parts.scheme != "https" or port not in (None, HTTPS) or "@" in parts.netloc:
        return False
    host = parts.hostname or ""
    return any(_matches(host, known) for known in settings.CLUSTR_PUSH_HOSTS)


def is_stand_in(endpoint: str) -> bool:
    """Whether it is the push service of the tests, which alone may be on this machine."""
    origin: str = settings.CLUSTR_PUSH_TEST_ORIGIN
    return bool(origin) and endpoint.startswith(f"{origin}/")


def _matches(host: str, known: str) -> bool:
    if known.startswith("*."):
        return host.endswith(known[1:]) and host != known[1:]
    return host == known

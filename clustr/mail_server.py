"""The address of a mail server, as it stands in `CLUSTR_EMAIL_URL`."""

from typing import TypedDict
from urllib.parse import unquote, urlsplit

#: What `notifications.email.smtp` calls it, and the usual port.
_SCHEMES = {
    "smtp": ("none", 25),
    "smtp+tls": ("starttls", 587),
    "smtp+ssl": ("tls", 465),
}


class MailServer(TypedDict):
    host: str
    port: int
    encryption: str
    user: str
    password: str


def read_server(url: str) -> MailServer:
    """The server that an address such as `smtp+tls://user:password@host:587` names. What user and password hold of
    `:`, `/`, `@` or `%` is written in percent. Raises `ValueError` with what is wrong, never with the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("its host or port cannot be read") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"it begins with none of {', '.join(f'{name}://' for name in _SCHEMES)}")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("nothing may follow the port; write / ? # in a password as %2F %3F %23")
    encryption, usual_port = _SCHEMES[parts.scheme]
    return MailServer(
        host=parts.hostname,
        port=port or usual_port,
        encryption=encryption,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )

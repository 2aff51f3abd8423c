"""One-time codes and what goes with them: seldom, and told apart from what could not be sent."""

from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest

from accounts.letters import Letter, code_letter
from accounts.mails import send_mail
from accounts.texts import send_code, send_text

APP = "allauth.account"


class SentTooOften(Exception):
    """To this address, or from this place."""


class NotSent(Exception):
    """The provider did not take it."""


def mail_letter(request: HttpRequest, email: str, letter: Letter) -> None:
    """Raises `SentTooOften`, `NotSent`."""
    _count(request, "mail_code", email)
    if not send_mail(email, letter.subject, letter.text):
        raise NotSent


def mail_code(request: HttpRequest, email: str, code: str, *, valid_s: int) -> None:
    """Raises `SentTooOften`, `NotSent`."""
    mail_letter(request, email, code_letter(code, valid_s=valid_s))


def text_code(request: HttpRequest, phone: str, code: str) -> None:
    """Raises `SentTooOften`, `NotSent`."""
    _count(request, "text_code", phone)
    if not send_code(phone, code, valid_s=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT):
        raise NotSent


def text_notice(request: HttpRequest, phone: str, body: str) -> None:
    """Raises `SentTooOften`, `NotSent`."""
    _count(request, "text_code", phone)
    if not send_text(phone, body, valid_s=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT):
        raise NotSent


def may_try_code(request: HttpRequest) -> bool:
    """Counts a try where tries that come at once cannot get past one another, which those in a session can."""
    return consume(request, app=APP, action="code_try", key=request.session.session_key or "") is not None


def _count(request: HttpRequest, limit: str, address: str) -> None:
    # By hand: allauth's own counts nothing for GET, and asks for one exception type of its own.
    if not consume(request, app=APP, action=limit, key=address.lower(), limit_get=True):
        raise SentTooOften

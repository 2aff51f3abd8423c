"""Mail by SMTP (RFC 5321), through Django's own backend; a connection for each mail."""

import smtplib
from dataclasses import dataclass, field
from email.utils import make_msgid

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from notifications.email.base import Mail, MailResult
from notifications.sms.base import Accepted, Ambiguous, Refused
from notifications.states import State

#: Seconds for each thing that the server is asked: somebody is waiting for the answer.
TIMEOUT_S = 5.0
#: Replies of 5yz say that the same again would end the same way (RFC 5321, section 4.2.1).
PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`encryption`: `none`, `starttls` (begins in the open, turns to TLS) or `tls` (from the start)."""

    host: str
    port: int
    encryption: str
    user: str = ""
    password: str = field(default="", repr=False)


class SMTPProvider:
    """`sender`: whom mails are from, `ClustR <no-reply@estate.example>`."""

    name = "smtp"

    def __init__(self, *, server: MailServer, sender: str) -> None:
        self._server, self._sender = server, sender

    def send(self, mail: Mail) -> MailResult:
        backend = self._backend()
        try:
            backend.open()
        except smtplib.SMTPResponseException as error:
            return _refusal(error)
        except (smtplib.SMTPException, OSError) as error:
            # Not a word of the mail was said yet.
            return Refused(code="unreachable", permanent=False, detail=type(error).__name__)
        try:
            return _hand_over(backend, self._message(mail))
        finally:
            backend.close()

    def _backend(self) -> EmailBackend:
        server = self._server
        return EmailBackend(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.encryption == "starttls",
            use_ssl=server.encryption == "tls",
            timeout=TIMEOUT_S,
            # Else closing would raise where the server is gone.
            fail_silently=False,
        )

    def _message(self, mail: Mail) -> EmailMultiAlternatives:
        domain = self._sender.rpartition("@")[2].rstrip("> ")
        headers = {
            "Message-ID": make_msgid(domain=domain),
            # So that no machine answers (RFC 3834, section 5).
            "Auto-Submitted": "auto-generated",
        }
        message = EmailMultiAlternatives(mail.subject, mail.text, self._sender, [mail.to], headers=headers)
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        return message


def _hand_over(backend: EmailBackend, message: EmailMultiAlternatives) -> MailResult:
    try:
        backend.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = error.recipients.values()
        return Refused(code=str(code), permanent=code in PERMANENT, detail=_text(said))
    except smtplib.SMTPResponseException as error:
        return _refusal(error)
    except (ValueError, UnicodeError, smtplib.SMTPNotSupportedError) as error:
        # Django refuses line breaks in headers, and what it cannot write into one.
        return Refused(code="header", permanent=True, detail=type(error).__name__)
    except (smtplib.SMTPException, OSError) as error:
        return Ambiguous(type(error).__name__)
    return Accepted(provider_id=message.extra_headers["Message-ID"], state=State.SENT)


def _refusal(error: smtplib.SMTPResponseException) -> Refused:
    code = error.smtp_code
    return Refused(code=str(code), permanent=code in PERMANENT, detail=_text(error.smtp_error))


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return text[:200]

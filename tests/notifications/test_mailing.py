"""Mail: through a real SMTP server, and printed where there is none."""

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from accounts.mails import send_mail
from clustr.mail_server import read_server
from notifications.email import get_provider, smtp
from notifications.email.base import Mail
from notifications.email.smtp import MailServer, SMTPProvider
from notifications.sms.base import Accepted, Ambiguous, Refused
from tests.support.ports import free_port

ADA = "ada@example.test"


class Postman:
    """A mail server's other half: keeps what came, and answers each step as the test says."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.at_recipient = self.at_data = "250 OK"
        self.auth: tuple[bytes, bytes] | None = None

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, to: str, options: Any
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.at_recipient

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.at_data.startswith("250"):
            self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return self.at_data

    def lets_in(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.auth = (given.login, given.password)
        return AuthResult(success=given.password == b"p@ss:word")


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def port(postman: Postman) -> Iterator[int]:
    port = free_port()
    controller = Controller(
        postman,
        hostname="127.0.0.1",
        port=port,
        authenticator=postman.lets_in,
        auth_require_tls=False,
    )
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def through(settings: Any) -> Callable[[str], None]:
    def through(url: str) -> None:
        settings.CLUSTR_EMAIL_FROM = "Palm Court <office@palm.example>"
        settings.CLUSTR_EMAIL_SERVER = read_server(url)

    return through


def provider_at(port: int) -> SMTPProvider:
    server = MailServer(host="127.0.0.1", port=port, encryption="none")
    return SMTPProvider(server=server, sender="office@palm.example")


def a_mail(**fields: str) -> Mail:
    return Mail(**{"to": ADA, "subject": "Your code", "text": "123456", **fields})


def test_a_mail_arrives_as_text_and_where_there_is_one_as_html(
    postman: Postman, port: int, through: Callable[[str], None]
) -> None:
    through(f"smtp://127.0.0.1:{port}")

    assert send_mail(ADA, "Grüße", "Guten Tag, Ada", "<p>Guten Tag, <b>Ada</b></p>")
    assert send_mail(ADA, "Plain", "Only this")

    both, plain = postman.mails
    assert (both["To"], both["From"], both["Subject"]) == (ADA, "Palm Court <office@palm.example>", "Grüße")
    assert (both["Auto-Submitted"], both["Message-ID"].endswith("@palm.example>")) == ("auto-generated", True)
    parts = {part.get_content_type(): part.get_content().strip() for part in both.iter_parts()}
    assert parts == {"text/plain": "Guten Tag, Ada", "text/html": "<p>Guten Tag, <b>Ada</b></p>"}
    assert (plain.get_content_type(), plain.get_content().strip()) == ("text/plain", "Only this")


def test_it_signs_in_at_the_server(postman: Postman, port: int, through: Callable[[str], None]) -> None:
    through(f"smtp://of%66ice:p%40ss%3Aword@127.0.0.1:{port}")
    assert send_mail(ADA, "Hello", "Ada")
    assert postman.auth == (b"office", b"p@ss:word")

    through(f"smtp://office:wrong@127.0.0.1:{port}")
    assert not send_mail(ADA, "Hello", "Ada")
    assert len(postman.mails) == 1


def test_no_name_writes_another_header(
    postman: Postman, port: int, through: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    through(f"smtp://127.0.0.1:{port}")

    assert send_mail(ADA, "Welcome to Palm\r\nBcc: eve@example.test\r\n\r\nCourt\u2028", "Hello")
    for address in (
        f"{ADA}\nBcc: eve@example.test",
        f"{ADA}, eve@example.test",
        "Ada <ada@example.test>",
        "",
    ):
        assert not send_mail(address, "Welcome", "Hello"), address

    (mail,) = postman.mails
    assert mail["Subject"] == "Welcome to Palm Bcc: eve@example.test Court"
    assert (mail["Bcc"], mail.get_content().strip()) == (None, "Hello")
    refused = provider_at(port).send(a_mail(subject="a\nBcc: eve@example.test"))
    assert refused == Refused(code="header", permanent=True, detail="BadHeaderError")
    assert "eve" not in caplog.text


@pytest.mark.parametrize(
    ("step", "said", "code", "is_permanent"),
    [
        ("at_recipient", "550 5.1.1 No such person", "550", True),
        ("at_recipient", "451 4.7.1 Try later", "451", False),
        ("at_data", "554 5.7.1 Spam", "554", True),
        ("at_data", "452 4.3.1 Full", "452", False),
    ],
)
def test_what_the_server_refuses_is_told_apart(
    postman: Postman, port: int, step: str, said: str, code: str, is_permanent: bool
) -> None:
    setattr(postman, step, said)

    answer = provider_at(port).send(a_mail())

    assert answer == Refused(code=code, permanent=is_permanent, detail=said.split(maxsplit=1)[1])
    assert postman.mails == []


def test_a_server_that_is_not_there_took_nothing() -> None:
    answer = provider_at(free_port()).send(a_mail())

    assert answer == Refused(code="unreachable", permanent=False, detail="ConnectionRefusedError")


class Silent:
    """A server that says `lines`, one for each line that it hears, and then nothing more."""

    def __init__(self, *lines: bytes) -> None:
        self._lines = lines
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._done = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as heard:
            for line in self._lines:
                connection.sendall(line + b"\r\n")
                heard.readline()
            self._done.wait(10)

    def close(self) -> None:
        self._done.set()
        self._listener.close()


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((), Refused),
        ((b"220 here", b"250 hello", b"250 from", b"250 to", b"354 go on"), Ambiguous),
    ],
)
def test_a_server_that_falls_silent_is_given_up(
    monkeypatch: pytest.MonkeyPatch, lines: tuple[bytes, ...], kind: type
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.3)
    server = Silent(*lines)
    try:
        assert isinstance(provider_at(server.port).send(a_mail()), kind)
    finally:
        server.close()


def test_without_a_server_a_mail_is_a_line(
    capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path

    assert send_mail(ADA, "Your code", "It is 123456.\n2026-03-01 Mail to eve\x1b[2J")

    line = (tmp_path / "mail.log").read_text()
    assert capsys.readouterr().err == line
    assert line.endswith(f"Mail to {ADA}: Your code | It is 123456. 2026-03-01 Mail to eve [2J\n")
    assert line.count("\n") == 1
    assert isinstance(get_provider().send(a_mail()), Accepted)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example", ("mail.example", 25, "none", "", "")),
        ("smtp+tls://a%40b:p%2Fq@mail.example", ("mail.example", 587, "starttls", "a@b", "p/q")),
        ("smtp+ssl://u:p@mail.example:2465", ("mail.example", 2465, "tls", "u", "p")),
    ],
)
def test_the_servers_address_is_read(url: str, read: tuple[Any, ...]) -> None:
    assert tuple(read_server(url).values()) == read


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://h:port", "smtp://u:secret/x@h"]
)
def test_what_is_no_servers_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as refusal:
        read_server(url)
    assert "secret" not in str(refusal.value)

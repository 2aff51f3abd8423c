"""Settings from the environment: typed, with every bad value named, secrets also from files.

Each member of `Environment` is read from `CLUSTR_<NAME>`. A secret may instead stand in a file whose path is given in
`CLUSTR_<NAME>_FILE` (Docker and Kubernetes mount secrets so).
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from clustr.mail_server import read_server
from notifications.push.keys import KeyNotValid, read_private_key

SECRETS = frozenset(
    {
        "secret_key",
        "database_url",
        "redis_url",
        "celery_broker_url",
        "twilio_auth_token",
        "email_url",
        "vapid_private_key",
        "metrics_token",
    }
)

#: In production a secret shorter than this was typed, not generated.
MIN_SECRET_LENGTH = 32
DEFAULT_SECRET = "insecure-development-key-not-for-production-use"  # noqa: S105 (refused in production)

#: An address, alone or behind a name.
SENDER = re.compile(r"[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+")

#: A telephone number that can call.
E164 = re.compile(r"\+[1-9]\d{6,14}")

#: As py_vapid and the push services take it.
SUBJECT = re.compile(r"mailto:[^@\s]+@[\w-]+(\.[\w-]+)+|https://[\w-]+(\.[\w-]+)+")

Url = Annotated[str, Meta(pattern=r"^https?://[^/\s]+$")]

#: The push services of Chrome, Edge, Opera and Samsung; of Firefox; of Safari; and of Windows.
PUSH_HOSTS = "fcm.googleapis.com, *.push.services.mozilla.com, *.push.apple.com, *.notify.windows.com"


class BadEnvironment(SystemExit):
    """One or more settings cannot be used: the process ends with a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("ClustR cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What can be set, with its type and default."""

    #: `embedded`: one process, SQLite, everything in it. `production`: PostgreSQL, Redis, processes apart.
    mode: Literal["embedded", "production"] = "embedded"
    debug: bool = False
    secret_key: str = DEFAULT_SECRET
    #: Where the embedded mode keeps its database and files.
    data_dir: str = "var"
    #: `postgres://user:password@host:port/name` or `sqlite:///path`; empty: SQLite in the data folder.
    database_url: str = ""
    #: `redis://host:port/db`, several with commas (topics are spread over them); empty: in process.
    redis_url: str = ""
    #: Empty: the first Redis, or in process.
    celery_broker_url: str = ""
    #: How the outside reaches us, with no path: links in texts and the signature of callbacks are made with it.
    public_url: Url = "http://127.0.0.1:8000"
    #: Host names that are answered beside the public one, with commas; empty: this machine's own.
    allowed_hosts: str = ""
    #: Further origins from whose pages a browser may open a socket, with commas.
    allowed_origins: str = ""
    #: Connections of one process to PostgreSQL.
    database_pool_size: Annotated[int, Meta(ge=1, le=200)] = 10
    #: REST requests a minute of one user, of one API key, and from one address, whoever is behind it; 0: no limit.
    requests_per_user: Annotated[int, Meta(ge=0, le=1_000_000)] = 600
    requests_per_key: Annotated[int, Meta(ge=0, le=1_000_000)] = 600
    requests_per_address: Annotated[int, Meta(ge=0, le=1_000_000)] = 6000
    #: Seconds between the heartbeats of a socket.
    heartbeat_s: Annotated[float, Meta(ge=0.2, le=120)] = 10.0
    #: Sockets that one process is to hold; it refuses to start where the machine does not give it as many files.
    sockets: Annotated[int, Meta(ge=10, le=1_000_000)] = 1000
    #: Seconds over which a process that stops sends its clients to others.
    drain_s: Annotated[float, Meta(ge=0, le=300)] = 0.0
    sms_provider: Literal["console", "twilio"] = "console"
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    #: A sender in E.164, or instead of it a messaging service.
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    #: Empty: the console beside the console for texts, otherwise nobody is called.
    voice_provider: Literal["", "console", "twilio"] = ""
    #: The number that calls, in E.164; empty: `twilio_from`.
    twilio_voice_from: str = ""
    twilio_base_url: Url = "https://api.twilio.com"
    #: `smtp+tls://user:password@host:587`; empty: mails are printed.
    email_url: str = ""
    #: Whom mails are from.
    email_from: str = "ClustR <no-reply@localhost>"
    #: This installation's key for web push, 32 bytes in base64url; empty: push messages are printed.
    vapid_private_key: str = ""
    #: Whom a push service can write to about us, `mailto:` or `https:`; empty: made of the public address.
    vapid_subject: str = ""
    #: Hosts to which push messages may go, with commas; `*.` stands for everything below.
    push_hosts: str = PUSH_HOSTS
    #: A stand-in for a push service, on this machine and by plain http; refused in production.
    push_test_origin: Url | Literal[""] = ""
    #: What Prometheus sends as a bearer token; empty: /metrics is closed.
    metrics_token: str = ""
    #: Other periods than the declared ones for which data is kept: `holding=days`, several with commas.
    retention: Annotated[str, Meta(pattern=r"^([a-z_.]+=[1-9][0-9]{0,4}(,[a-z_.]+=[1-9][0-9]{0,4})*)?$")] = ""
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def calls_by(self) -> str:
        """Who places calls; empty: nobody."""
        return self.voice_provider or ("console" if self.sms_provider == "console" else "")

    @property
    def caller(self) -> str:
        return self.twilio_voice_from or self.twilio_from

    @property
    def redis_urls(self) -> list[str]:
        return _split(self.redis_url)

    @property
    def retention_days(self) -> dict[str, int]:
        return {key: int(days) for key, _, days in (pair.partition("=") for pair in _split(self.retention))}

    @property
    def known_push_hosts(self) -> list[str]:
        return [host.lower() for host in _split(self.push_hosts)]

    @property
    def push_subject(self) -> str:
        public = urlsplit(self.public_url)
        made = f"https://{public.hostname}" if public.scheme == "https" else ""
        return self.vapid_subject or (made if SUBJECT.fullmatch(made) else "mailto:no-reply@example.com")

    @property
    def hosts(self) -> list[str]:
        return _split(self.allowed_hosts)

    @property
    def origins(self) -> list[str]:
        return _split(self.allowed_origins)


def load(source: Mapping[str, str] = os.environ) -> Environment:
    """Read and check the environment. Raises `BadEnvironment` that names every problem at once."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Environment):
        name = f"CLUSTR_{field.name.upper()}"
        text = _text(name, source, is_secret=field.name in SECRETS, problems=problems)
        if text is None:
            continue
        try:
            values[field.name] = msgspec.convert(text, field.type, strict=False)
        except msgspec.ValidationError as error:
            problems.append(f"{name}: {error} (got {'a secret' if field.name in SECRETS else repr(text)})")
    unknown = sorted(
        name
        for name in source
        if name.startswith("CLUSTR_")
        and not name.startswith("CLUSTR_TEST_")
        and name.removeprefix("CLUSTR_").removesuffix("_FILE").lower() not in Environment.__struct_fields__
    )
    problems += [f"{name}: no such setting; is it misspelt?" for name in unknown]
    if problems:
        raise BadEnvironment(problems)
    environment = Environment(**values)
    problems = list(_contradictions(environment))
    if problems:
        raise BadEnvironment(problems)
    return environment


def _text(name: str, source: Mapping[str, str], *, is_secret: bool, problems: list[str]) -> str | None:
    if path := source.get(f"{name}_FILE"):
        if not is_secret:
            problems.append(f"{name}_FILE: only secrets are read from files; set {name}")
        elif name in source:
            problems.append(f"{name} and {name}_FILE are both set; keep one")
        else:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{name}_FILE: {path} cannot be read ({error.__class__.__name__})")
        return None
    return source.get(name)


def _contradictions(environment: Environment) -> list[str]:
    problems = []
    if environment.is_production:
        if environment.debug:
            problems.append("CLUSTR_DEBUG must be off in production")
        if environment.secret_key == DEFAULT_SECRET or len(environment.secret_key) < MIN_SECRET_LENGTH:
            problems.append(
                f"CLUSTR_SECRET_KEY: production needs one of at least {MIN_SECRET_LENGTH} characters"
            )
        if not environment.database_url.startswith(("postgres://", "postgresql://")):
            problems.append("CLUSTR_DATABASE_URL: production needs a postgres:// address")
        if not environment.redis_urls:
            problems.append("CLUSTR_REDIS_URL: production needs a redis:// address")
    if environment.sms_provider == "twilio":
        problems += [
            f"CLUSTR_{name.upper()}: needed by CLUSTR_SMS_PROVIDER=twilio"
            for name in ("twilio_account_sid", "twilio_auth_token")
            if not getattr(environment, name)
        ]
        if not (environment.twilio_from or environment.twilio_messaging_service_sid):
            problems.append(
                "CLUSTR_TWILIO_FROM or CLUSTR_TWILIO_MESSAGING_SERVICE_SID: one of them is needed"
            )
    return [
        *problems,
        *_problems_of_calls(environment),
        *_problems_of_mail(environment),
        *_problems_of_push(environment),
    ]


def _problems_of_calls(environment: Environment) -> list[str]:
    if environment.voice_provider == "console" and environment.sms_provider != "console":
        return ["CLUSTR_VOICE_PROVIDER=console: calls would be printed while texts are sent; leave it empty"]
    if environment.voice_provider != "twilio":
        return []
    problems = [
        f"CLUSTR_{name.upper()}: needed by CLUSTR_VOICE_PROVIDER=twilio"
        for name in ("twilio_account_sid", "twilio_auth_token")
        if not getattr(environment, name)
    ]
    if not E164.fullmatch(environment.caller):
        problems.append(
            f"CLUSTR_TWILIO_VOICE_FROM: a number like +447700900123 must call (got {environment.caller!r})"
        )
    return problems


def _problems_of_mail(environment: Environment) -> list[str]:
    problems = []
    if environment.email_url:
        try:
            read_server(environment.email_url)
        except ValueError as error:
            problems.append(f"CLUSTR_EMAIL_URL: {error}")
        if environment.email_from == Environment().email_from:
            problems.append("CLUSTR_EMAIL_FROM: needed by CLUSTR_EMAIL_URL")
    if not SENDER.fullmatch(environment.email_from):
        problems.append(
            f"CLUSTR_EMAIL_FROM: not like ClustR <no-reply@estate.example> (got {environment.email_from!r})"
        )
    return problems


def _problems_of_push(environment: Environment) -> list[str]:
    problems = []
    if environment.vapid_private_key:
        try:
            read_private_key(environment.vapid_private_key)
        except KeyNotValid as error:
            problems.append(
                f"CLUSTR_VAPID_PRIVATE_KEY: {error}; unset it, and make one with bin/clustr manage make_push_key"
            )
    if environment.vapid_subject and not SUBJECT.fullmatch(environment.vapid_subject):
        problems.append("CLUSTR_VAPID_SUBJECT: begins with neither mailto: nor https://")
    if environment.is_production and environment.push_test_origin:
        problems.append("CLUSTR_PUSH_TEST_ORIGIN: only for tests")
    return problems


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]

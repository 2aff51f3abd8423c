"""Making an account: nothing of it is kept until every address that it was given has been proved by a code.

So there is no account that somebody made with another's address, and nobody learns who has one: an address that has an
account already is asked for its code like any other, and its owner is told instead of being sent one. What was typed
lies in the session, as a sign-in that has not come to its end (allauth's stages).
"""

from typing import Any, TypedDict

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login, stash_login
from allauth.account.models import Login
from allauth.account.stages import LoginStage, LoginStageController
from allauth.core.internal.httpkit import headed_redirect_response
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from accounts.letters import account_exists_letter, account_exists_text
from accounts.models import User
from accounts.record import record
from accounts.refusals import account_taken, answering
from accounts.sending import mail_code, mail_letter, text_code, text_notice
from core.unit_of_work import unit_of_work

#: Times that a code is sent again, for each address.
RESENT_AT_MOST = 2


class SignUp(TypedDict):
    """What was typed. `email`, `phone`: empty where not given. `password`: hashed."""

    name: str
    email: str
    phone: str
    password: str


def begin_sign_up(
    request: HttpRequest, *, name: str, email: str, phone: str, password: str, next_url: str | None = None
) -> HttpResponse:
    """Send the first code. The answer leads on, and is the same whoever has these addresses."""
    hashed = make_password(password)
    sign_up = SignUp(name=name, email=email, phone=phone, password=hashed)
    login = Login(user=None, signup=True, redirect_url=next_url, state={"sign_up": sign_up})
    answer: HttpResponse = perform_login(request, login)
    return answer


class SignUpCode(AbstractCodeVerificationProcess):
    """The code for one address of a sign-up."""

    def __init__(self, stage: "ProveAddressStage") -> None:
        self.stage = stage
        self.request = stage.request
        super().__init__(
            state=stage.state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    @property
    def address(self) -> str:
        return str(self.state[self.stage.address])

    @property
    def is_by_mail(self) -> bool:
        return self.stage.address == "email"

    @classmethod
    def initiate(cls, stage: "ProveAddressStage", address: str) -> "SignUpCode":
        stage.state.update(cls.initial_state(user=None, **{stage.address: address}))
        process = cls(stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "SignUpCode | None":
        """The code that this person is asked for now, if any."""
        for kind in (ProvePhoneStage, ProveEmailStage):
            stage = LoginStageController.enter(request, kind.key)
            if stage is not None and stage.state:
                process: SignUpCode | None = cls(stage).abort_if_invalid()
                return process
        return None

    def send(self) -> None:
        is_taken = User.objects.filter(**{self.stage.address: self.address}).exists()
        self.state["code"] = "" if is_taken else get_adapter().generate_login_code()
        with answering(self.request):
            if self.is_by_mail:
                if is_taken:
                    mail_letter(self.request, self.address, account_exists_letter())
                else:
                    mail_code(self.request, self.address, self.code, valid_s=self.timeout)
            elif is_taken:
                text_notice(self.request, self.address, account_exists_text())
            else:
                text_code(self.request, self.address, self.code)

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(RESENT_AT_MOST)

    def resend(self) -> None:
        self.send()
        self.record_resend()
        self.persist()

    def finish(self) -> HttpResponse:
        """On to the next address, or in."""
        answer: HttpResponse = self.stage.exit()
        return answer

    def persist(self) -> None:
        stash_login(self.request, self.stage.login)

    def abort(self) -> None:
        clear_login(self.request)


class ProveAddressStage(LoginStage):
    """Holds up a sign-up, and nobody else, until the code for `address` has come."""

    address: str
    urlname = "account_sign_up_code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        sign_up = self.login.state.get("sign_up")
        if not sign_up or not sign_up[self.address]:
            return None, True
        SignUpCode.initiate(self, sign_up[self.address])
        return headed_redirect_response(self.urlname), True


class ProvePhoneStage(ProveAddressStage):
    # As allauth calls it, so that its clients know what is asked.
    key = "verify_phone"
    address = "phone"


class ProveEmailStage(ProveAddressStage):
    key = "verify_email"
    address = "email"


class MakeAccountStage(LoginStage):
    """Comes after the others: what was typed becomes a user."""

    key = "make_account"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        sign_up = self.login.state.pop("sign_up", None)
        if sign_up is None:
            return None, True
        try:
            self.login.user = make_account(**sign_up)
        except IntegrityError:
            # Somebody else proved one of them since.
            return account_taken(self.request), False
        return None, True


def make_account(*, name: str, email: str, phone: str, password: str) -> User:
    """The user, with proved addresses and a hashed password. Raises `IntegrityError` where one of them is another's."""
    addresses: dict[str, Any] = {
        "email": email or None,
        "is_email_verified": bool(email),
        "phone": phone or None,
        "is_phone_verified": bool(phone),
    }
    with unit_of_work():
        user = User(name=name, password=password, **addresses)
        user.save(force_insert=True)
        record(user, "accounts.user.signed_up", {"name": name, "email": email, "phone": phone})
    return user

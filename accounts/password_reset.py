"""A new password for who has forgotten his, or never had one: by a code to his email or his phone."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.password_reset import finalize_password_reset
from allauth.account.internal.flows.password_reset_by_code import (
    PASSWORD_RESET_VERIFICATION_SESSION_KEY,
    PasswordResetVerificationProcess,
)
from django.http import HttpRequest, HttpResponse

from accounts.emails import verify_email
from accounts.letters import no_account_letter
from accounts.models import User
from accounts.phones import verify_phone
from accounts.reachable import user_reached_by_email, user_reached_by_phone
from accounts.refusals import answering
from accounts.sending import mail_code, mail_letter, text_code


class PasswordReset(PasswordResetVerificationProcess):
    """allauth's, and by text as well. The address that the code went to is proved by it."""

    @classmethod
    def begin(cls, request: HttpRequest, *, email: str, phone: str) -> "PasswordReset":
        """One of them; the other is empty. Whether anybody has it is not told."""
        user = user_reached_by_email(email) if email else user_reached_by_phone(phone)
        user = user if user and user.is_active else None
        process = cls(request, state=cls.initial_state(user, email=email, phone=phone), user=user)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> "PasswordReset | None":
        state = request.session.get(PASSWORD_RESET_VERIFICATION_SESSION_KEY)
        if not state:
            return None
        process: PasswordReset | None = cls(request, state=state).abort_if_invalid()
        return process

    def send(self) -> None:
        email, phone = self.state.get("email"), self.state.get("phone")
        self.state["code"] = get_adapter().generate_password_reset_code() if self.user else ""
        with answering(self.request):
            if email and self.user:
                mail_code(self.request, email, self.code, valid_s=self.timeout)
            elif email:
                mail_letter(self.request, email, no_account_letter())
            elif self.user:
                text_code(self.request, phone, self.code)

    def confirm_code(self) -> None:
        assert isinstance(self.user, User)
        if email := self.state.get("email"):
            verify_email(self.user, email)
        else:
            verify_phone(self.user, self.state["phone"])

    def finish(self) -> HttpResponse | None:
        self.abort()
        answer: HttpResponse | None = finalize_password_reset(self.request, self.user)
        return answer

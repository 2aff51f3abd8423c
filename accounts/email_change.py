"""Another email address, or proof of the present one: it counts once its code has been typed."""

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest

from accounts.emails import verify_email
from accounts.letters import account_exists_letter, email_changed_letter
from accounts.mails import send_mail
from accounts.models import User
from accounts.refusals import answering
from accounts.sending import mail_code, mail_letter

SESSION_KEY = "account_email_change"


class EmailChange(AbstractCodeVerificationProcess):
    """Of the user who is signed in. Whose the address is already he does not learn: it is told, and no code fits."""

    def __init__(self, request: HttpRequest, user: User, state: dict[str, object]) -> None:
        self.request = request
        self.owner = user
        super().__init__(
            user=user,
            state=state,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    @classmethod
    def initiate(cls, request: HttpRequest, user: User, email: str) -> "EmailChange":
        """Asks for the password again where it was not typed in the last minutes."""
        raise_if_reauthentication_required(request, app="allauth.account")
        process = cls(request, user, cls.initial_state(user=user, email=email))
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest, user: User) -> "EmailChange | None":
        state = request.session.get(SESSION_KEY)
        if not state:
            return None
        process: EmailChange | None = cls(request, user, state).abort_if_invalid()
        return process

    @property
    def email(self) -> str:
        return str(self.state["email"])

    def send(self) -> None:
        is_taken = User.objects.filter(email=self.email).exclude(pk=self.owner.pk).exists()
        self.state["code"] = "" if is_taken else get_adapter().generate_email_verification_code()
        with answering(self.request):
            if is_taken:
                mail_letter(self.request, self.email, account_exists_letter())
            else:
                mail_code(self.request, self.email, self.code, valid_s=self.timeout)

    def finish(self) -> None:
        """Raises `EmailTaken`. The address that it was is told: it may be somebody else who types here."""
        before = User.objects.get(pk=self.owner.pk)
        self.abort()
        verify_email(self.owner, self.email)
        if before.email and before.email != self.email:
            letter = email_changed_letter(name=before.name, new=self.email)
            send_mail(before.email, letter.subject, letter.text)

    def persist(self) -> None:
        self.request.session[SESSION_KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(SESSION_KEY, None)

"""What we mail and text about accounts. Texts are one message each: 160 characters where the address is not long."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


def _link(path: str) -> str:
    return f"{settings.CLUSTR_PUBLIC_URL}{path}"


def code_letter(code: str, *, valid_s: int) -> Letter:
    minutes = valid_s // 60
    return Letter(
        f"{code} is your ClustR code",
        f"Your code is {code}. It is good for {minutes} minutes.\n\n"
        "Give it to nobody: we never ask for it. If you did not ask for a code, you need do nothing.\n",
    )


def account_exists_letter() -> Letter:
    return Letter(
        "You have a ClustR account already",
        "Somebody, probably you, signed up at ClustR with this address. It has an account already.\n\n"
        f"Sign in: {_link('/sign-in/')}\n"
        f"Without a password, with a code: {_link('/sign-in/code/')}\n"
        f"Forgotten the password: {_link('/password/')}\n\n"
        "If it was not you, you need do nothing.\n",
    )


def account_exists_text() -> str:
    return f"ClustR: this number has an account already. Sign in, or set a new password: {_link('/sign-in/')}"


def no_account_letter() -> Letter:
    return Letter(
        "You have no ClustR account with this address",
        "Somebody, probably you, asked for a code at ClustR with this address. It has no account, or one that signs in "
        "another way, such as with your phone.\n\n"
        f"Make an account: {_link('/sign-up/')}\n\n"
        "If it was not you, you need do nothing.\n",
    )


def email_changed_letter(*, name: str, new: str) -> Letter:
    return Letter(
        "Your ClustR account has another address now",
        f"Hello {name},\n\nyour account's email address was changed to {new}.\n\n"
        f"If it was not you, set a new password now ({_link('/password/')}) and tell your estate's office.\n",
    )


def password_changed_letter(*, name: str) -> Letter:
    return Letter(
        "Your ClustR password was changed",
        f"Hello {name},\n\nyour password was changed, and all other sign-ins were ended.\n\n"
        f"If it was not you, set a new one now ({_link('/password/')}) and tell your estate's office.\n",
    )

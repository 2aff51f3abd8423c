"""What the pages ask in one field, where the API has two."""

from typing import Any

from django import forms

from accounts.forms import LoginCodeForm as BothFields
from accounts.forms import ResetRequestForm


class OneAddress(forms.Form):
    """`login`: an email address or a telephone number. What is wrong with it is said there."""

    login = forms.CharField(max_length=254)

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:
            login = str(data.get("login", "")).strip()
            data = {"login": login, "email" if "@" in login else "phone": login}
        super().__init__(data, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for field in ("email", "phone"):
            for error in self.errors.get(field, []):
                if "login" not in self.errors:
                    self.add_error("login", error)
        return cleaned


class LoginCodeForm(OneAddress, BothFields):
    pass


class ForgottenPasswordForm(OneAddress, ResetRequestForm):
    pass

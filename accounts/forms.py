"""What is typed to come in: the same fields for the API and for the pages."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import EmailField
from allauth.account.forms import BaseConfirmCodeForm, RequestLoginCodeForm
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.reachable import user_reached_by_email, user_reached_by_phone

ONE_OF_THEM = "Give an email address or a telephone number."


class AddressForm(forms.Form):
    """`email`, `phone`: one of them."""

    email = EmailField(required=False, max_length=254)
    phone = forms.CharField(required=False, max_length=40)

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        return get_adapter().clean_phone(phone) if phone else ""

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and not (self.cleaned_data["email"] or self.cleaned_data["phone"]):
            self.add_error("email", ValidationError(ONE_OF_THEM, code="required"))
        return self.cleaned_data


class SignUpForm(AddressForm):
    """Both addresses may be given: then both are proved."""

    name = forms.CharField(max_length=200)
    password = forms.CharField(max_length=1000, strip=False)

    field_order = ("name", "email", "phone", "password")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise ValidationError("A name is one line of ordinary letters.", code="invalid")
        return name

    def clean(self) -> dict[str, Any]:
        super().clean()
        if password := self.cleaned_data.get("password"):
            given = {key: self.cleaned_data.get(key) for key in ("name", "email", "phone")}
            try:
                get_adapter().clean_password(password, user=User(**given))
            except ValidationError as error:
                self.add_error("password", error)
        return self.cleaned_data


class ResetRequestForm(AddressForm):
    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("email") and self.cleaned_data.get("phone"):
            raise get_adapter().validation_error("select_only_one")
        return self.cleaned_data


class ChangeEmailForm(forms.Form):
    email = EmailField(max_length=254)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if self.user.email == email and self.user.is_email_verified:
            raise get_adapter().validation_error("same_as_current")
        return email


class LoginCodeForm(RequestLoginCodeForm):
    """To an address that lets him in (`accounts.reachable`)."""

    def clean_phone(self) -> str:
        phone: str = super().clean_phone()
        if phone:
            self._user = user_reached_by_phone(phone)
        return phone

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if email:
            self._user = user_reached_by_email(email)
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (cleaned.get("email") or cleaned.get("phone")):
            self.add_error("phone", ValidationError(ONE_OF_THEM, code="required"))
        return cleaned


class KeyForm(forms.Form):
    """A code under the name that allauth's API has for one that was mailed."""

    key = forms.CharField(max_length=100)

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        self.code = code
        super().__init__(*args, **kwargs)

    def clean_key(self) -> str:
        form = BaseConfirmCodeForm({"code": self.cleaned_data["key"]}, code=self.code)
        if not form.is_valid():
            raise get_adapter().validation_error("incorrect_code")
        return self.cleaned_data["key"]

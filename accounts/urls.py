"""Addresses of allauth's API that are answered by us. They stand before allauth's own."""

from allauth.headless.base.views import APIView
from allauth.headless.constants import Client
from django.urls import URLPattern, path

from accounts import headless

VIEWS: dict[str, type[APIView]] = {
    "auth/signup": headless.SignUpView,
    "auth/email/verify": headless.VerifyEmailView,
    "auth/email/verify/resend": headless.ResendView,
    "auth/phone/verify": headless.VerifyPhoneView,
    "auth/phone/verify/resend": headless.ResendView,
    "auth/code/request": headless.RequestLoginCodeView,
    "auth/password/request": headless.RequestResetView,
    "auth/password/reset": headless.ResetView,
    "account/email": headless.EmailView,
    "account/phone": headless.PhoneView,
}

urlpatterns: list[URLPattern] = [
    path(f"{client.value}/v1/{address}", view.as_api_view(client=client))
    for client in (Client.APP, Client.BROWSER)
    for address, view in VIEWS.items()
]

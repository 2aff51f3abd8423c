"""API keys at REST's door."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.errors import NotFound
from core.http.addresses import address_of
from estates.keys import PREFIX, KeyHolder, holder_of


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer clustr_...`. It opens its own estate's endpoints: for a key nothing else exists."""

    def authenticate(self, request: Request) -> tuple[KeyHolder, None] | None:
        """None where it is no key. Raises `KeyNotValid`, `NotFound`."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.startswith(PREFIX):
            return None
        holder = holder_of(text.strip(), address=address_of(request._request))
        if not getattr(request.parser_context["view"], "takes_keys", False):
            raise NotFound
        return holder, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

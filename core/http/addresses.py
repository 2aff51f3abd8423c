"""From where a request comes."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

#: Who holds a network of IPv6 has so many addresses of it that they count as one.
IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """The address that the proxy which we trust has seen (`ALLAUTH_TRUSTED_PROXY_COUNT`); of IPv6 the network."""
    try:
        text = str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        text = request.META.get("REMOTE_ADDR") or "unknown"
    if ":" not in text:
        return text
    return str(ipaddress.ip_network(f"{text}/{IPV6_PREFIX}", strict=False).network_address)

"""How people of an estate must sign in."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain, read
from estates.http import EstateView
from estates.models import Estate
from estates.permissions import Permission
from estates.services.security import set_security_rules
from estates.shapes import SecurityRules


class SecurityEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_ROLES,
        "PUT": Permission.MANAGE_SECURITY,
    }

    @extend_schema(operation_id="security_rules", responses=SecurityRules, tags=["people"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Who needs a second step to sign in."""
        return Response(plain(_rules_of(self.estate)))

    @extend_schema(
        operation_id="set_security_rules", request=SecurityRules, responses=SecurityRules, tags=["people"]
    )
    def put(self, request: Request, **kwargs: object) -> Response:
        """Say who needs a second step. Whoever does must have set up his own before he asks it of others."""
        rules = read(request.data, SecurityRules)
        return Response(
            plain(_rules_of(set_security_rules(actor=self.actor, estate=self.estate, rules=rules)))
        )


def _rules_of(estate: Estate) -> SecurityRules:
    return SecurityRules(is_second_factor_required=estate.is_second_factor_required)

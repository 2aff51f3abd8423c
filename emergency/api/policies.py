"""The estate's escalation policies."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.shapes import plain, read
from emergency.selectors.ladder import policies_of, presets_for
from emergency.services.policies import choose_preset
from emergency.shapes import ChosenPreset, PolicyPage, PresetsView
from estates.http import EstateView
from estates.permissions import Permission


class PoliciesEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {"GET": Permission.READ_POLICIES}

    @extend_schema(operation_id="policies", responses=PolicyPage, tags=["policies"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Who is told when: the general ladder, then those of single categories. Always one page."""
        page = PolicyPage(next=None, previous=None, results=policies_of(self.estate))
        return Response(plain(page))


class PresetEndpoint(EstateView):
    permissions: ClassVar[dict[str, Permission]] = {
        "GET": Permission.READ_POLICIES,
        "PUT": Permission.MANAGE_POLICIES,
    }

    @extend_schema(operation_id="policy_presets", responses=PresetsView, tags=["policies"])
    def get(self, request: Request, **kwargs: object) -> Response:
        """Ladders that can be chosen whole, and the chosen one."""
        return Response(plain(presets_for(self.estate)))

    @extend_schema(
        operation_id="policy_preset_choose", request=ChosenPreset, responses=PresetsView, tags=["policies"]
    )
    def put(self, request: Request, **kwargs: object) -> Response:
        """Take one of them for every category. An alert that is under way keeps the ladder that it began with."""
        preset = read(request.data, ChosenPreset).preset
        choose_preset(actor=self.actor, estate=self.estate, preset=preset)
        return Response(plain(presets_for(self.estate)))

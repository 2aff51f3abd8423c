"""The sweep finds holes: here some are planted."""

import sys
import types
from typing import ClassVar
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.urls import include, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from clustr.urls import urlpatterns
from core.http.pagination import Pages
from core.http.paging import page_parameters, paged
from core.shapes import Shape, read
from estates.http import EstateView
from estates.models import Membership, Occupancy, Unit
from estates.people import HomeUnit, UnitPage, unit_view, units_of
from estates.permissions import Permission
from realtime.commands import Command
from tests.support.endpoints import endpoints
from tests.support.sweeping import Sweep


class Named(Shape):
    unit_id: UUID


class Told(Shape):
    members: list[Named]


class ByName(Pages):
    orders: ClassVar = {"name": ("name", "id")}
    ordering = "name"


def anywhere(unit_id: UUID) -> Unit:
    return Unit.objects.across_estates().get(pk=unit_id)


class Leaky(EstateView):
    """Asks nobody whose it is."""

    permissions: ClassVar = {"GET": Permission.READ_PEOPLE}

    @extend_schema(operation_id="leaky_path", responses=HomeUnit)
    def get(self, request, unit_id, **kwargs):
        return Response({"name": anywhere(unit_id).name})


class LeakyBody(EstateView):
    permissions: ClassVar = {"POST": Permission.READ_PEOPLE}

    @extend_schema(operation_id="leaky_body", request=Told, responses=HomeUnit)
    def post(self, request, **kwargs):
        (named,) = read(request.data, Told).members
        return Response({"name": anywhere(named.unit_id).name})


class CrossLink(EstateView):
    """Answers nothing of the other estate's, and writes a link to it."""

    permissions: ClassVar = {"POST": Permission.READ_PEOPLE}

    @extend_schema(operation_id="cross_link", request=Named, responses={201: HomeUnit})
    def post(self, request, **kwargs):
        unit_id = read(request.data, Named).unit_id
        member = Membership.objects.of(self.estate).get(pk=self.actor.id)
        Occupancy.objects.create(
            estate=self.estate, membership=member, unit_id=unit_id, kind="owner", starts_on="2026-01-01"
        )
        return Response({}, status=201)


class Meddling(EstateView):
    """Changes a row of the other estate, and says nothing."""

    permissions: ClassVar = {"POST": Permission.READ_PEOPLE}

    @extend_schema(operation_id="meddling", request=Named, responses={204: None})
    def post(self, request, **kwargs):
        Unit.objects.across_estates().filter(pk=read(request.data, Named).unit_id).update(latitude=1)
        return Response(status=204)


class WideList(EstateView):
    """Scoped as long as nothing is searched for."""

    permissions: ClassVar = {"GET": Permission.READ_PEOPLE}

    @extend_schema(
        operation_id="wide_list",
        parameters=[
            OpenApiParameter("q"),
            OpenApiParameter("unit_id", OpenApiTypes.UUID),
            *page_parameters(ByName),
        ],
        responses=UnitPage,
    )
    def get(self, request, **kwargs):
        given = request.query_params
        if self.hole not in given:
            return paged(ByName, units_of(self.estate, {}), unit_view, request, self)
        wide = Unit.objects.across_estates().select_related("block")
        found = wide.filter(pk=given["unit_id"]) if self.hole == "unit_id" else wide.filter(name=given["q"])
        return paged(ByName, found, self.empty_unit, request, self)

    hole = ""

    @staticmethod
    def empty_unit(unit):
        unit.current = []
        return unit_view(unit)


def page(request, estate_id, unit_id):
    return HttpResponse(f"<h1>{anywhere(unit_id).name}</h1>")


HOLES = {
    "path": ("units/<uuid:unit_id>/", Leaky),
    "body": ("told/", LeakyBody),
    "link": ("link/", CrossLink),
    "meddling": ("meddle/", Meddling),
    "q": ("wide/", WideList),
    "unit_id": ("wide/", WideList),
}


@pytest.fixture
def plant(settings, monkeypatch):
    def plant(*addresses):
        module = types.ModuleType("planted_addresses")
        vars(module)["urlpatterns"] = [*addresses, *urlpatterns]
        monkeypatch.setitem(sys.modules, module.__name__, module)
        settings.ROOT_URLCONF = module.__name__

    return plant


@pytest.mark.parametrize("hole", HOLES)
def test_a_planted_hole_is_found(cast, plant, monkeypatch, hole):
    below, view = HOLES[hole]
    monkeypatch.setattr(WideList, "hole", hole)
    plant(path(f"api/v1/planted/estates/<uuid:estate_id>/{below}", view.as_view()))
    sweep = Sweep(cast).remember()

    for endpoint in endpoints():
        if endpoint.path.startswith("/api/v1/planted/"):
            sweep.knock(endpoint)

    assert sweep.findings
    assert all("/planted/" in finding.door for finding in sweep.findings)


def test_a_scoped_endpoint_is_not_reported(cast, plant):
    from estates.api.units import UnitsEndpoint

    plant(path("api/v1/planted/", include([path("<uuid:estate_id>/units/", UnitsEndpoint.as_view())])))
    sweep = Sweep(cast).remember()
    for endpoint in endpoints():
        if endpoint.path.startswith("/api/v1/planted/"):
            sweep.knock(endpoint)

    assert sweep.tries > 8
    assert not sweep.findings


def test_a_planted_page_is_found(cast, plant):
    plant(path("planted/<uuid:estate_id>/<uuid:unit_id>/", page))
    sweep = Sweep(cast).remember()
    sweep.page("planted/<uuid:estate_id>/<uuid:unit_id>/")

    assert sweep.findings


def test_a_planted_command_is_found(cast):
    def leaky(*, actor, data, key):
        return {"name": anywhere(data.unit_id).name}

    sweep = Sweep(cast).remember()
    planted = Command(
        name="planted.unit.read", shape=Named, permission=Permission.READ_ESTATE, exempt=False, handler=leaky
    )
    # `run_command` looks its commands up by name.
    from realtime.commands import commands

    commands[planted.name] = planted
    try:
        sweep.command(planted)
    finally:
        del commands[planted.name]

    assert sweep.findings

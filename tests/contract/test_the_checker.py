"""The contract's suite finds what is wrong: here with endpoints that are."""

import sys
import types

import pytest
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
from schemathesis.generation.modes import GenerationMode

from core.shapes import Shape, View
from tests.support.endpoints import document
from tests.support.schemathesis_in_process import operations, play


class Given(Shape):
    number: int


class Answered(View):
    number: int


class Wrong(APIView):
    """As documented, unless a query says how not."""

    permission_classes = ()
    authentication_classes = ()
    fault = ""

    @extend_schema(operation_id="wrong", request=Given, responses=Answered)
    def post(self, request):
        if self.fault == "breaks":
            raise RuntimeError("planted")
        if self.fault == "answers another shape":
            return Response({"number": "one"})
        if self.fault == "answers a page":
            return Response("<p>", content_type="text/html")
        if self.fault == "takes everything":
            return Response({"number": 1})
        data = request.data
        good = isinstance(data, dict) and set(data) == {"number"} and type(data["number"]) is int
        if not good:
            problem = {"type": "x", "title": "x", "status": 400, "detail": "x", "code": "x"}
            return Response(problem, status=400, content_type="application/problem+json")
        return Response({"number": 1})


@pytest.mark.once
@pytest.mark.parametrize(
    ("fault", "mode"),
    [
        ("", GenerationMode.POSITIVE),
        ("", GenerationMode.NEGATIVE),
        ("breaks", GenerationMode.POSITIVE),
        ("answers another shape", GenerationMode.POSITIVE),
        ("answers a page", GenerationMode.POSITIVE),
        ("takes everything", GenerationMode.NEGATIVE),
    ],
)
def test_a_planted_fault_is_found(db, settings, monkeypatch, fault, mode):
    module = types.ModuleType("planted_addresses")
    vars(module)["urlpatterns"] = [path("api/v1/wrong/", Wrong.as_view())]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.ROOT_URLCONF = module.__name__
    monkeypatch.setattr(Wrong, "fault", fault)

    (operation,) = operations(document())
    found = play(operation, mode, {"nobody": APIClient()}, examples=8, places=lambda place: "")

    assert bool(found) is bool(fault), found

"""The document, for programs."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.specification.document import asyncapi


class AsyncApiEndpoint(APIView):
    # It says how to speak, not what was said: open, like the OpenAPI document.
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="asyncapi", responses=OpenApiTypes.OBJECT, tags=["realtime"], auth=[])
    def get(self, request: Request) -> Response:
        """The live feed as an AsyncAPI 3 document."""
        return Response(asyncapi())

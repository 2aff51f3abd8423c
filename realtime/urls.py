from django.urls import path

from realtime.api import TokensEndpoint
from realtime.specification.api import AsyncApiEndpoint

urlpatterns = [
    path("asyncapi.json", AsyncApiEndpoint.as_view(), name="asyncapi"),
    path("estates/<uuid:estate_id>/realtime/tokens/", TokensEndpoint.as_view(), name="connection-token"),
]

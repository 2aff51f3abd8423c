from django.urls import path

from realtime.api import TokensEndpoint
from realtime.devices.api import DeviceEndpoint, DevicesEndpoint
from realtime.specification.api import AsyncApiEndpoint

urlpatterns = [
    path("me/devices/", DevicesEndpoint.as_view(), name="devices"),
    path("me/devices/<uuid:device_id>/", DeviceEndpoint.as_view(), name="device"),
    path("asyncapi.json", AsyncApiEndpoint.as_view(), name="asyncapi"),
    path("estates/<uuid:estate_id>/realtime/tokens/", TokensEndpoint.as_view(), name="connection-token"),
]

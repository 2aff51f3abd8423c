from django.urls import path

from estates.api.me import MeEndpoint, OneEstateEndpoint
from estates.api.security import SecurityEndpoint

urlpatterns = [
    path("me/", MeEndpoint.as_view(), name="me"),
    path("estates/<uuid:estate_id>/", OneEstateEndpoint.as_view(), name="estate"),
    path("estates/<uuid:estate_id>/security/", SecurityEndpoint.as_view(), name="security"),
]

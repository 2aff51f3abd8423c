from django.urls import path

from estates.api.me import MeEndpoint, OneEstateEndpoint

urlpatterns = [
    path("me/", MeEndpoint.as_view(), name="me"),
    path("estates/<uuid:estate_id>/", OneEstateEndpoint.as_view(), name="estate"),
]

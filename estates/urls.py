from django.urls import path

from estates.api.audit import AuditCheckEndpoint, AuditEndpoint, AuditFileEndpoint
from estates.api.me import MeEndpoint, OneEstateEndpoint

urlpatterns = [
    path("me/", MeEndpoint.as_view(), name="me"),
    path("estates/<uuid:estate_id>/", OneEstateEndpoint.as_view(), name="estate"),
    path("estates/<uuid:estate_id>/audit/", AuditEndpoint.as_view(), name="audit"),
    path("estates/<uuid:estate_id>/audit/file/", AuditFileEndpoint.as_view(), name="audit-file"),
    path("estates/<uuid:estate_id>/audit/check/", AuditCheckEndpoint.as_view(), name="audit-check"),
]

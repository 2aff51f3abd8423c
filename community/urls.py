from django.urls import path

from community.api import DirectoryEndpoint, PrivacyEndpoint

ESTATE = "estates/<uuid:estate_id>/"

urlpatterns = [
    path(f"{ESTATE}directory/", DirectoryEndpoint.as_view(), name="directory"),
    path(f"{ESTATE}me/privacy/", PrivacyEndpoint.as_view(), name="privacy"),
]

from django.urls import path

from backoffice.api import exports

EXPORTS = "estates/<uuid:estate_id>/exports/"

urlpatterns = [
    path(EXPORTS, exports.ExportsEndpoint.as_view(), name="exports"),
    path(f"{EXPORTS}<slug:name>/", exports.ExportEndpoint.as_view(), name="export"),
]

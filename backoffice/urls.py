from django.urls import path

from backoffice.api import exports, imports, setting_up
from backoffice.api.own_data import DataExportEndpoint, DataExportFileEndpoint, DeletionEndpoint

EXPORTS = "estates/<uuid:estate_id>/exports/"
IMPORTS = "estates/<uuid:estate_id>/imports/"

urlpatterns = [
    path("estates/<uuid:estate_id>/setup/", setting_up.SetUpEndpoint.as_view(), name="setup"),
    path("me/export/", DataExportEndpoint.as_view(), name="data-export"),
    path("me/export/file/", DataExportFileEndpoint.as_view(), name="data-export-file"),
    path("me/deletion/", DeletionEndpoint.as_view(), name="deletion"),
    path(EXPORTS, exports.ExportsEndpoint.as_view(), name="exports"),
    path(f"{EXPORTS}<slug:name>/", exports.ExportEndpoint.as_view(), name="export"),
    path(IMPORTS, imports.ImportsEndpoint.as_view(), name="imports"),
    path(f"{IMPORTS}<uuid:import_id>/", imports.ImportEndpoint.as_view(), name="import"),
    path(f"{IMPORTS}<uuid:import_id>/apply/", imports.ImportApplyEndpoint.as_view(), name="import-apply"),
]

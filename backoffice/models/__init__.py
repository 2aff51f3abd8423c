"""Lists that come in; and what people ask for about their own data."""

from backoffice.models.imports import Import, ImportFile
from backoffice.models.own_data import AccountDeletion, DataExport

__all__ = ["AccountDeletion", "DataExport", "Import", "ImportFile"]

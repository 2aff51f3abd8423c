"""What can be wrong with a table that somebody hands in, or wants to take out."""

from core.errors import Invalid, TooLarge


class TableNotReadable(Invalid):
    code = "table_not_readable"
    title = "This is neither CSV in UTF-8 nor an XLSX workbook"


class TableTooLarge(TooLarge):
    """In bytes, in rows, or in what it unpacks to."""

    code = "table_too_large"
    title = "This table is too large"


class TableEmpty(Invalid):
    code = "table_empty"
    title = "This table has no rows"


class ColumnsNotValid(Invalid):
    code = "columns_not_valid"
    title = "These are not the columns of this list"


class TooManyToExport(Invalid):
    code = "too_many_to_export"
    title = "This is too much for one file"

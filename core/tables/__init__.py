"""Tables as files: comma-separated text and XLSX workbooks, read and written row by row."""

"""Import, export, search and reports: reads across features."""

"""A database backend: Django's own for PostgreSQL, with a pool that gets over a restart of the server."""

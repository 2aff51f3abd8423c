"""The connection behind each thread."""

from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

#: Seconds that a request waits for a connection. Long enough for a restart of the server: an SOS had better wait.
PATIENCE_S = 10.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out connections that work, whatever happened to the server meanwhile.

    The pool's own check finds broken connections one at a time and pauses between them, longer and longer; its tries
    to reconnect get rarer as well, and who waits when one is given up is told of no other. After a restart that would
    cost requests for as long as the server was away. Here the first broken connection condemns all that are idle, and
    asking again every `timeout` seconds of the pool begins a new try to connect.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        deadline = monotonic() + PATIENCE_S
        while True:
            try:
                connection: Connection[Any] = super().get_new_connection(conn_params)
            except PoolTimeout:
                if monotonic() >= deadline:
                    raise
                continue
            if _works(connection):
                return connection
            pool.putconn(connection)
            pool.drain()
            if monotonic() >= deadline:
                raise PoolTimeout(f"no connection that works within {PATIENCE_S:g} s")


def _works(connection: Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True

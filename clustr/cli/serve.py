"""`clustr serve`: the embedded ClustR, one process with REST, sockets, pages, workers and the beat."""

import argparse
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clustr.cli.data_dir import DataDir, chosen
from clustr.cli.listening import listen, names_of_this_machine, url_of
from clustr.cli.refusal import Refusal

#: When Python began to run us; the launcher's own time is too small to matter.
STARTED = time.monotonic()
WORKERS_STOP_S = 4.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    data_dir: Path


def run(arguments: list[str]) -> int:
    options = read_options("serve", __doc__, "var", arguments)
    return serve(options, prepare=lambda _data, url: print(f"ClustR is at {url}", flush=True))


def read_options(command: str, about: str | None, default_data_dir: str, arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog=f"clustr {command}", description=about)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (default 8000, 0 for any free one)"
    )
    parser.add_argument("--data-dir", help=f"folder that holds everything (default {default_data_dir})")
    given = parser.parse_args(arguments)
    return Options(given.host, given.port, chosen(given.data_dir, default_data_dir))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def serve(options: Options, *, prepare: Callable[[DataDir, str], None]) -> int:
    """Serve until INT or TERM. `prepare(data_dir, base_url)` runs on the ready database, before anyone is served."""
    if os.environ.get("CLUSTR_MODE", "embedded") != "embedded":
        raise Refusal(
            "CLUSTR_MODE is production: start web, realtime, worker and beat instead (docs/deployment.md)."
        )
    # A shell makes what a script starts with "&" deaf to this signal; the server itself hears it in any case.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    data = DataDir(options.data_dir)
    data.hold()
    try:
        # Before migrating and seeding: a port that is taken should be known in the first second.
        listener = listen(options.host, options.port)
        try:
            os.environ.setdefault("CLUSTR_ALLOWED_HOSTS", ",".join(names_of_this_machine(options.host)))
            return _serve_on(listener, data, url_of(listener, options.host), prepare)
        finally:
            listener.close()
    finally:
        data.release()


def _serve_on(
    listener: socket.socket, data: DataDir, url: str, prepare: Callable[[DataDir, str], None]
) -> int:
    configure(data, url)
    prepare_database(data)
    prepare(data, url)

    from clustr.celery import app
    from clustr.cli.background import Background
    from clustr.cli.server import serve as serve_application

    background = Background(app)
    background.start()
    try:
        serve_application("clustr.asgi:application", listener, on_ready=lambda: announce(url))
    finally:
        all_ended = background.stop(WORKERS_STOP_S)
        close_database()
    print("ClustR has stopped.", flush=True)
    if not all_ended:
        # Python would wait for the threads that are left. What they are doing is found again at the next start.
        os._exit(0)
    return 0


def configure(data: DataDir, url: str) -> None:
    """Say through the environment what is known here, then let Django read its settings. What is set already stands."""
    os.environ["CLUSTR_DATA_DIR"] = str(data.path)
    os.environ.setdefault("CLUSTR_PUBLIC_URL", url)
    if not os.environ.get("CLUSTR_REDIS_URL"):
        # With a host name, else kombu warns at each connection that there is none.
        os.environ.setdefault("CLUSTR_CELERY_BROKER_URL", "memory://localhost/")
    if not os.environ.get("CLUSTR_SECRET_KEY") and not os.environ.get("CLUSTR_SECRET_KEY_FILE"):
        os.environ["CLUSTR_SECRET_KEY"] = data.secret_key()
    if not os.environ.get("CLUSTR_VAPID_PRIVATE_KEY") and not os.environ.get("CLUSTR_VAPID_PRIVATE_KEY_FILE"):
        os.environ["CLUSTR_VAPID_PRIVATE_KEY"] = data.push_key()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")

    import django

    django.setup()


def prepare_database(data: DataDir) -> None:
    """Apply what migrations are missing. Looking first is much cheaper than letting `migrate` find nothing to do."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            print(f"Preparing the database ({len(plan)} steps) ...", flush=True)
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        first_line = str(error).strip().partition("\n")[0]
        raise Refusal(
            f"The database for {data.path} cannot be used ({first_line}): check CLUSTR_DATABASE_URL."
        ) from error


def announce(url: str) -> None:
    print(
        f"ClustR is ready: {url}  (started in {time.monotonic() - STARTED:.1f} s; Ctrl-C stops it)",
        flush=True,
    )
    sys.stdout.flush()


def close_database() -> None:
    from django.db import connections

    connections.close_all()

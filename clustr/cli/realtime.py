"""`python -m clustr.cli realtime`: the production process that holds the sockets, under uvicorn as we run it."""

import argparse
import os

from clustr.cli.listening import listen, url_of
from clustr.cli.refusal import Refusal


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="clustr realtime", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8001")))
    options = parser.parse_args(arguments)
    if os.environ.get("CLUSTR_MODE") != "production":
        raise Refusal(
            "The realtime process belongs to CLUSTR_MODE=production: an embedded ClustR is bin/clustr serve."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clustr.settings")
    listener = listen(options.host, options.port)

    from clustr.cli.server import serve

    url = url_of(listener, options.host)
    serve(
        "clustr.asgi:realtime",
        listener,
        on_ready=lambda: print(f"ClustR realtime is ready: {url}", flush=True),
    )
    return 0

"""`python -m clustr.cli healthy`: exit code 0 when this container's server answers on PORT. Imports next to nothing."""

import http.client
import os


def run(arguments: list[str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=3)
    try:
        connection.request("GET", "/healthz")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1

"""Waits for a peer that does not say when it is ready."""

import socket
import time

from bench.processes import Program
from clustr.cli.refusal import Refusal


def wait_for_port(port: int, program: Program, *, timeout_s: float = 30) -> None:
    """Until something listens there."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise Refusal(f"{program.name} does not listen:\n{program.output}")

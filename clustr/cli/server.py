"""uvicorn, driven by us: the settings that sockets need, and an ending that runs what follows it."""

import asyncio
import gc
import os
import resource
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from clustr.cli.refusal import Refusal

#: One byte more than our own limit of 64 KiB, so that the session sees the frame that is too long and closes with
#: its own code; what is longer still is closed by the protocol (1009) before it fills memory.
LONGEST_FRAME = 64 * 1024 + 1
#: Objects made, and not unmade, between two looks of the garbage collector. A handshake makes some hundred.
GARBAGE_THRESHOLD = 20_000
#: Seconds that requests under way have to finish after TERM.
GRACE_S = 3
#: Open files that a process has beside its sockets: the database, Redis, logs, requests.
FILES_BESIDE = 256
#: Seconds that sockets have to hear why they are closed.
FAREWELL_S = 1.0
#: Seconds after TERM and the drain at which the process ends, whatever still holds it. The database is safe from that
#: at any moment.
LAST_MOMENT_S = 12.0


class Server(uvicorn.Server):
    """Ends by returning. uvicorn's own sends the signal to itself again afterwards, which would skip our clean-up."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A second signal of either kind means: do not wait for anybody.
        self.force_exit = self.should_exit
        if not self.should_exit:
            _end_at_last()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from django.conf import settings

        from realtime.hub import close_hub

        for listening in self.servers:
            listening.close()
        # While the connections still work: clients hear "restart, come back" instead of a broken line.
        await close_hub(spread_s=settings.CLUSTR_DRAIN_S)
        if self.server_state.tasks:
            await asyncio.wait(set(self.server_state.tasks), timeout=FAREWELL_S)
        await super().shutdown(sockets=sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        from realtime.hub import running_hub

        await super().startup(sockets=sockets)
        # Before the first socket: that nobody connects means something only where somebody could have.
        running_hub()
        # What was made up to here stays: the garbage collector need not look at it again with every thousandth socket.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)
        self._on_ready()


def _end_at_last() -> None:
    """A request that hangs in a thread would keep Python from ending: at some time it ends all the same."""
    from django.conf import settings

    timer = threading.Timer(settings.CLUSTR_DRAIN_S + LAST_MOMENT_S, os._exit, args=(1,))
    timer.daemon = True
    timer.start()


def allow_sockets(sockets: int) -> None:
    """Raise this process's limit of open files so that it can hold `sockets`. Raises `Refusal`."""
    needed = sockets + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Refusal(
            f"CLUSTR_SOCKETS={sockets} needs {needed} open files, and this process may have {hard}:"
            " raise the limit (ulimit -Hn, LimitNOFILE=, ulimits:), or lower CLUSTR_SOCKETS."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def serve(application: str, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serve an ASGI application ("module:name") until INT or TERM. `on_ready` is called when it accepts.

    Raises `Refusal` where the machine does not let it hold its sockets.
    """
    from django.conf import settings

    allow_sockets(settings.CLUSTR_SOCKETS)
    config = uvicorn.Config(
        application,
        http="realtime.doorstep:Doorstep",
        ws="realtime.fast_protocol:FastProtocol",
        ws_per_message_deflate=False,
        ws_max_size=LONGEST_FRAME,
        access_log=False,
        # Logging is Django's (settings.LOGGING).
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        backlog=4096,
        server_header=False,
        lifespan="off",
    )
    server = Server(config, on_ready)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))

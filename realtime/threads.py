"""Database work from the event loop, in threads of our own.

`sync_to_async` would run everything of a process in one thread; here an SOS has threads that nothing else can fill.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

_ordinary = ThreadPoolExecutor(max_workers=8, thread_name_prefix="realtime")
_urgent = ThreadPoolExecutor(max_workers=4, thread_name_prefix="realtime-urgent")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `function` in a thread and give its result."""
    return await _run(_ordinary, function, *args, **kwargs)


async def in_urgent_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same, in threads that only emergencies use."""
    return await _run(_urgent, function, *args, **kwargs)


async def _run(pool: ThreadPoolExecutor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    context = copy_context()

    def call() -> R:
        close_old_connections()
        try:
            return context.run(function, *args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(pool, call)

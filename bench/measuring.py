"""What processes use, out of /proc; and the middle of several figures."""

import os
import platform
import statistics
import timeit
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

#: How fast the interpreter is: one that was built without profile-guided optimization takes twice as long for it, and
#: for everything of ours.
_LOOP = "sum(range(1000))"


def cpu_s(pids: Iterable[int]) -> float:
    """Seconds of CPU that the processes' threads have used, in user and kernel together.

    From each thread's schedstat, in nanoseconds: the clock ticks of /proc/PID/stat are 10 ms wide.
    """
    return sum(_cpu_ns(pid) for pid in pids) / 1e9


def _cpu_ns(pid: int) -> int:
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def process_cpu_s(pids: Iterable[int]) -> float:
    """The same with the threads that have ended meanwhile, as a server's threads for requests do; in steps of 10 ms."""
    ticks = 0
    for pid in pids:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kb(pids: Iterable[int]) -> int:
    """Resident memory."""
    return sum(_resident_kb(pid) for pid in pids)


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def with_children(pid: int) -> list[int]:
    """A process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in with_children(int(child)))]


def medians(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The median of each number over the rounds."""
    names = [name for name, value in rows[0].items() if isinstance(value, int | float)]
    return {name: statistics.median(row[name] for row in rows) for name in names}


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "python": platform.python_version(),
        "python_loop_us": round(min(timeit.repeat(_LOOP, number=500, repeat=9)) / 500 * 1e6, 1),
        "kernel": platform.release(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
    }

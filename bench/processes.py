"""Processes that a bench starts, talks to line by line, and pins to a core."""

import os
import queue
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Self

from clustr.cli.refusal import Refusal
from tests.support.processes import ROOT, clean_environment, leashed

#: What is measured runs on the first core, what measures on the last: the same one where there is only one.
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
#: Files that a process needs beside its sockets: database, Redis, libraries.
OTHER_FILES = 200


class Program:
    """A running program. Its stdout and stderr are one list of lines, read all the time."""

    def __init__(
        self, command: list[str], *, core: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = next((word for word in reversed(command) if "/" not in word), command[0])
        self._lines: queue.Queue[str] = queue.Queue()
        self._said: list[str] = []
        self._popen = subprocess.Popen(
            leashed(command),
            env=dict(environment or clean_environment()),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        if core is not None:
            # Threads that it starts later inherit this.
            os.sched_setaffinity(self._popen.pid, {core})
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def say(self, line: str) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(line + "\n")
        self._popen.stdin.flush()

    def hear(self, *, timeout_s: float) -> str | None:
        """Its next line; None when none comes in time. Raises `Refusal` where it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self._lines.get(timeout=min(0.5, max(0, deadline - time.monotonic())))
            except queue.Empty:
                if self._popen.poll() is not None and self._lines.empty():
                    raise Refusal(f"{self.name} has ended:\n{self.output}") from None
                if time.monotonic() >= deadline:
                    return None

    def expect(self, text: str, *, timeout_s: float = 60) -> str:
        """Its next line that contains `text`; what comes before is skipped."""
        deadline = time.monotonic() + timeout_s
        while True:
            line = self.hear(timeout_s=max(0, deadline - time.monotonic()))
            if line is None:
                raise Refusal(f"{self.name} did not say {text!r} in {timeout_s:.0f} s:\n{self.output}")
            if text in line:
                return line

    @property
    def output(self) -> str:
        """The last of what it said."""
        return "\n".join(self._said[-30:])

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Send the signal and wait for the end."""
        if self._popen.poll() is None:
            self._popen.send_signal(sign)
            try:
                self._popen.wait(20)
            except subprocess.TimeoutExpired:
                self._popen.kill()
        self._popen.wait()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self._said.append(line.rstrip("\n"))
            del self._said[:-100]
            self._lines.put(line.rstrip("\n"))


def allow_sockets(count: int) -> None:
    """Let this process and those that it starts open so many sockets. Raises `Refusal` where the machine forbids it."""
    wanted = count + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Refusal(
            f"{count} sockets need {wanted} open files and this machine allows {hard}: "
            "raise the hard limit (ulimit -Hn) or give fewer --sockets."
        )
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

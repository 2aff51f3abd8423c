"""Starts ClustR's own commands as processes and reads what they say."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

SETPRIV = shutil.which("setpriv")
ROOT = Path(__file__).resolve().parent.parent.parent


def clean_environment(**changes: str) -> dict[str, str]:
    """This process's environment without what the test run itself set for ClustR."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLUSTR_", "DJANGO_"))}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def leashed(command: list[str]) -> list[str]:
    """The command, made to die with us where the machine can do that (Linux): a killed test run leaves no servers."""
    return [SETPRIV, "--pdeathsig=KILL", "--", *command] if SETPRIV else command


def cli(*arguments: str) -> list[str]:
    """The command that bin/clustr becomes."""
    return [sys.executable, "-P", "-m", "clustr.cli", *arguments]


class Process:
    """A running command; its output is read all the time, so that it never waits for us."""

    def __init__(
        self, command: list[str], *, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.lines: list[str] = []
        self._grown = threading.Condition()
        self._popen = subprocess.Popen(
            leashed(command),
            env=dict(environment or clean_environment()),
            cwd=cwd or ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._popen.poll() is None:
            self._popen.kill()
        self._popen.wait()
        self._reader.join(5)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; below zero: the signal that ended it."""
        return self._popen.poll()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def expect(self, text: str, *, timeout_s: float = 180) -> str:
        """Wait for a line that contains `text` and return it."""
        deadline = time.monotonic() + timeout_s
        with self._grown:
            while True:
                found = next((line for line in self.lines if text in line), None)
                if found is not None:
                    return found
                left = deadline - time.monotonic() if self._reader.is_alive() else 0
                assert left > 0, f"{text!r} was not said; instead:\n{self.output}"
                self._grown.wait(min(left, 0.2))

    def send(self, sign: signal.Signals) -> None:
        """Send the signal and do not wait for what comes of it."""
        self._popen.send_signal(sign)

    def stop(self, sign: signal.Signals = signal.SIGTERM, *, timeout_s: float = 15) -> int:
        """Send the signal and return the exit code."""
        self._popen.send_signal(sign)
        return self.wait(timeout_s=timeout_s)

    def wait(self, *, timeout_s: float = 180) -> int:
        code = self._popen.wait(timeout_s)
        self._reader.join(5)
        return code

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as output:
            for line in output:
                with self._grown:
                    self.lines.append(line.rstrip("\n"))
                    self._grown.notify_all()


def refusal_of(process: Process) -> str:
    """Wait for the end, which must be exit code 1 and one sentence, and return the sentence."""
    code = process.wait()
    assert code == 1, process.output
    assert "Traceback" not in process.output
    said = [line for line in process.lines if line.strip()]
    assert len(said) == 1, process.output
    return said[0]

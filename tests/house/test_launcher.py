"""bin/clustr itself: what it installs, when it does not, and what it says when it cannot."""

import ast
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import ROOT, Process, refusal_of

LAUNCHER = ROOT / "bin" / "clustr"
OLD_PYTHONS = ("python3.6", "python3.7", "python3.8", "python3.9", "python3.10")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing in it but what the launcher reads."""
    root = tmp_path / "checkout"
    (root / "bin").mkdir(parents=True)
    shutil.copy(LAUNCHER, root / "bin" / "clustr")
    (root / "uv.lock").write_text("version = 1\n")
    (root / "requirements.lock").write_text("nothing-of-this-name==1.0 --hash=sha256:" + "0" * 64 + "\n")
    (root / "requirements-dev.lock").write_text("")
    return root


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: what is not put there does not exist."""
    folder = tmp_path / "tools"
    folder.mkdir()
    return folder


def script(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def fake_uv(tools: Path, checkout: Path, *, then: str = "exit 0") -> Path:
    """A uv that notes its arguments and leaves a .venv whose python says what it was asked to run."""
    python = checkout / ".venv" / "bin" / "python"
    maker = tools / "make-python"
    script(
        maker,
        f'/bin/mkdir -p {python.parent}; printf \'#!/bin/sh\\n[ "$1" = -c ] && echo 3.11 || echo ran "$@"\\n\' '
        f"> {python}; /bin/chmod +x {python}",
    )
    calls = tools / "calls"
    script(tools / "uv", f'echo "$@" >> {calls}\n{maker}\n[ "$1" = sync ] || exit 0\n{then}')
    return calls


def start(
    checkout: Path, tools: Path, *arguments: str, python: str = sys.executable, **environment: str
) -> Process:
    return Process(
        [python, str(checkout / "bin" / "clustr"), *arguments],
        environment={"PATH": str(tools), "HOME": str(tools), **environment},
        cwd=checkout,
    )


def run(checkout: Path, tools: Path, *arguments: str) -> str:
    with start(checkout, tools, *arguments) as process:
        assert process.wait() == 0, process.output
        return process.output


def test_its_grammar_is_readable_to_an_old_python() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 6))


def test_an_old_python_is_told_in_one_sentence(checkout: Path, tools: Path) -> None:
    for name in OLD_PYTHONS:
        path = shutil.which(name)
        # A version manager's shim may stand there for a version that is not switched on.
        if path is None or subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode:
            continue
        real = subprocess.check_output([path, "-c", "import sys; print(sys.executable)"], text=True).strip()
        with start(checkout, tools, "demo", python=real) as process:
            assert "needs Python 3.11 or newer" in refusal_of(process)


def test_the_refusal_of_an_old_version_names_both_versions(checkout: Path, tools: Path) -> None:
    """The same without an old interpreter at hand: the needed version is raised instead."""
    launcher = checkout / "bin" / "clustr"
    launcher.write_text(launcher.read_text().replace("NEEDED = (3, 11)", "NEEDED = (9, 1)"))
    with start(checkout, tools, "demo") as process:
        sentence = refusal_of(process)
    assert "needs Python 9.1 or newer" in sentence
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in sentence


def test_an_old_python_hands_over_to_a_newer_one_on_the_path(checkout: Path, tools: Path) -> None:
    launcher = checkout / "bin" / "clustr"
    launcher.write_text(
        launcher.read_text().replace("sys.version_info >= NEEDED:", "'INSIDE' in os.environ:")
    )
    script(
        tools / "python3.12",
        f'export INSIDE=1\n[ "$1" = -c ] && echo {tools}/python3.12 || exec {sys.executable} "$@"',
    )
    fake_uv(tools, checkout)
    assert "ran -P -m clustr.cli serve --port 1" in run(checkout, tools, "serve", "--port", "1")


def test_the_first_start_installs_and_the_second_does_not(checkout: Path, tools: Path) -> None:
    calls = fake_uv(tools, checkout)
    assert "Preparing .venv" in run(checkout, tools, "demo", "--port", "0")
    assert "sync --frozen" in calls.read_text()
    assert "--no-dev --inexact" in calls.read_text()
    calls.unlink()
    assert run(checkout, tools, "demo", "--port", "0") == "ran -P -m clustr.cli demo --port 0"
    assert not calls.exists()


def test_a_changed_lock_is_installed(checkout: Path, tools: Path) -> None:
    calls = fake_uv(tools, checkout)
    run(checkout, tools, "demo")
    calls.unlink()
    (checkout / "uv.lock").write_text("version = 2\n")
    assert "Preparing .venv" in run(checkout, tools, "demo")
    assert calls.exists()


def test_the_test_tools_are_added_for_test_and_stay_for_demo(checkout: Path, tools: Path) -> None:
    calls = fake_uv(tools, checkout)
    run(checkout, tools, "demo")
    calls.unlink()
    run(checkout, tools, "test")
    assert "--no-dev" not in calls.read_text()
    calls.unlink()
    run(checkout, tools, "demo")
    assert not calls.exists()


def test_an_interrupted_installation_is_done_again(checkout: Path, tools: Path) -> None:
    calls = fake_uv(tools, checkout, then="exec /bin/sleep 30")
    with start(checkout, tools, "demo") as process:
        deadline = time.monotonic() + 10
        while not (calls.exists() and "sync" in calls.read_text()):
            assert time.monotonic() < deadline, process.output
            time.sleep(0.05)
        process.stop(signal.SIGKILL)
    assert not (checkout / ".venv" / "clustr-stamp").exists()
    fake_uv(tools, checkout)
    assert "Preparing .venv" in run(checkout, tools, "demo")
    assert run(checkout, tools, "demo").startswith("ran ")


def test_term_ends_the_installer_too(checkout: Path, tools: Path) -> None:
    calls = fake_uv(tools, checkout, then=f"echo $$ > {tools}/pid; exec /bin/sleep 30")
    with start(checkout, tools, "demo") as process:
        deadline = time.monotonic() + 10
        while not (tools / "pid").exists() or not (tools / "pid").read_text().strip():
            assert time.monotonic() < deadline, process.output
            time.sleep(0.05)
        assert process.stop() == 130
    assert calls.exists()
    assert "run this again" in process.lines[-1]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tools / "pid").read_text()), 0)


def test_an_interpreter_that_is_gone_makes_a_new_venv(checkout: Path, tools: Path) -> None:
    fake_uv(tools, checkout)
    run(checkout, tools, "demo")
    (checkout / ".venv" / "bin" / "python").unlink()
    assert "starting over" in run(checkout, tools, "demo")


def test_a_failing_installer_is_one_sentence_and_leaves_no_stamp(checkout: Path, tools: Path) -> None:
    fake_uv(tools, checkout, then="echo 'error: dns error: no such host' >&2; exit 2")
    with start(checkout, tools, "demo") as process:
        assert process.wait() == 1
    assert "check the network and run this again" in process.lines[-1]
    assert "Traceback" not in process.output
    assert not (checkout / ".venv" / "clustr-stamp").exists()


def test_no_venv_module_is_one_sentence(checkout: Path, tools: Path, tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "ensurepip.py").write_text(
        "raise ImportError('Debian keeps it in python3-venv')\n"
    )
    with start(checkout, tools, "demo", PYTHONPATH=str(tmp_path / "without")) as process:
        assert process.wait() == 1
    assert "apt install python3" in process.lines[-1]
    assert "Traceback" not in process.output


@pytest.mark.fault
def test_no_network_is_one_sentence_with_pip(checkout: Path, tools: Path) -> None:
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "0",
    }
    with start(checkout, tools, "demo", **nowhere) as process:
        assert process.wait() == 1
    assert "check the network and run this again" in process.lines[-1]
    assert "Traceback" not in process.output


def test_a_missing_lock_and_an_unknown_command_are_one_sentence(checkout: Path, tools: Path) -> None:
    with start(checkout, tools, "dance") as process:
        assert "no command 'dance'" in refusal_of(process)
    (checkout / "uv.lock").unlink()
    with start(checkout, tools, "demo") as process:
        assert "uv.lock is missing" in refusal_of(process)


def test_a_second_start_costs_next_to_nothing(checkout: Path, tools: Path) -> None:
    fake_uv(tools, checkout)
    run(checkout, tools, "demo")
    launcher = [sys.executable, str(checkout / "bin" / "clustr"), "demo"]
    bare = [sys.executable, "-c", "pass"]
    own = min(_cpu_seconds(launcher, tools) for _ in range(10)) - min(
        _cpu_seconds(bare, tools) for _ in range(10)
    )
    assert own < 0.05


def _cpu_seconds(command: list[str], tools: Path) -> float:
    """Processor time, because the clock on the wall also counts what others do on this machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env={"PATH": str(tools)}, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

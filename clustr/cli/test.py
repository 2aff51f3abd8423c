"""`clustr test`: every leg of the tests that this machine can run, and at the end which ones it could not and why."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from clustr.cli.data_dir import ROOT
from clustr.cli.legs import LEGS, Leg, Outcome, leg_of_once, missing_for
from clustr.cli.refusal import Refusal

COVERAGE_FLOOR = 85
#: Seconds that pytest has to end after it was interrupted.
STOP_S = 30


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="clustr test", description=__doc__, epilog="Everything else is handed to pytest, for each leg."
    )
    parser.add_argument(
        "--leg", action="append", choices=[leg.name for leg in LEGS], help="only this leg (repeatable)"
    )
    options, for_pytest = parser.parse_known_args(arguments)
    # TERM ends a run as Ctrl-C does: with its clean-up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    legs = [leg for leg in LEGS if not options.leg or leg.name in options.leg]
    is_whole = not options.leg and not for_pytest
    return _run_legs(legs, for_pytest, is_whole=is_whole)


def _run_legs(legs: list[Leg], for_pytest: list[str], *, is_whole: bool) -> int:
    _require_test_tools()
    insists = os.environ.get("CLUSTR_TEST_REQUIRE") == "all"
    with tempfile.TemporaryDirectory(prefix="clustr-test-") as folder:
        scratch = Path(folder)
        once = leg_of_once(legs)
        outcomes = [
            _run_leg(leg, for_pytest, scratch, insists=insists, with_once=not leg.is_full or leg is once)
            for leg in legs
        ]
        is_measured = any(outcome.leg.is_measured and not outcome.reason for outcome in outcomes)
        # A chosen test covers what it covers: the floor is for the whole.
        floor = COVERAGE_FLOOR if is_whole else 0
        is_covered = _report_coverage(scratch, floor=floor) if is_measured else None
    return _summarize(outcomes, is_covered=is_covered)


def _require_test_tools() -> None:
    try:
        import pytest  # noqa: F401
    except ModuleNotFoundError:
        raise Refusal("The test tools are missing from .venv: run the tests with bin/clustr test.") from None


def _run_leg(leg: Leg, for_pytest: list[str], scratch: Path, *, insists: bool, with_once: bool) -> Outcome:
    missing = missing_for(leg)
    if missing:
        return Outcome(leg, reason=missing, failed=1 if insists else 0)
    print(f"\n=== {leg.name}: {leg.about} ===", flush=True)
    report = scratch / f"{leg.name}.xml"
    command = [sys.executable, "-m", "pytest", *leg.pytest_options(with_once=with_once), *for_pytest]
    command.append(f"--junitxml={report}")
    if leg.is_measured:
        command += ["--cov", "--cov-report="]
    environment = {**os.environ, **leg.environment(), "COVERAGE_FILE": str(scratch / f".coverage.{leg.name}")}
    began = time.monotonic()
    code = _run_to_its_end(command, environment)
    return Outcome.read(leg, report, code, time.monotonic() - began, insists=insists)


def _run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """Run pytest. When this run is ended, pytest is asked to end too, so that it stops the servers it started."""
    with subprocess.Popen(command, cwd=ROOT, env=environment) as pytest:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            pytest.send_signal(signal.SIGINT)
            pytest.wait(STOP_S)
            raise


def _report_coverage(scratch: Path, *, floor: int) -> bool:
    """Combine what the legs measured. Returns whether it reaches `floor` per cent."""
    if not list(scratch.glob(".coverage.*")):
        return floor == 0
    environment = {**os.environ, "COVERAGE_FILE": str(scratch / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "combine", "-q", str(scratch)], cwd=ROOT, env=environment, check=False)
    print("\n=== coverage ===", flush=True)
    report = [*coverage, "report", f"--fail-under={floor}", *([] if floor else ["--format=total"])]
    return subprocess.run(report, cwd=ROOT, env=environment, check=False).returncode == 0


def _summarize(outcomes: list[Outcome], *, is_covered: bool | None) -> int:
    """Name each leg with its result; the last line is the plain sum. `is_covered`: None where it was not measured."""
    print("\n=== legs ===")
    for outcome in outcomes:
        print(f"{outcome.leg.name:<11} {outcome.line()}")
    if is_covered is None:
        print("coverage    not measured: that is done on the production leg")
    elif not is_covered:
        print(f"coverage    below {COVERAGE_FLOOR} %")
    failed = sum(outcome.failed for outcome in outcomes) + (1 if is_covered is False else 0)
    passed = sum(outcome.passed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0

"""`clustr test` itself: what it says about legs, and `clustr bench`."""

import re
from pathlib import Path

import pytest

from clustr.cli import legs
from clustr.cli.legs import LEGS, NOTHING_COLLECTED, Leg, Outcome, leg_of_once
from clustr.cli.test import _summarize
from tests.support.processes import Process, clean_environment, cli

LAST_LINE = re.compile(r"^\d+ passed, \d+ failed, \d+ skipped$")
EMBEDDED, PRODUCTION = LEGS[0], LEGS[1]


def report(folder: Path, *, tests: int, failures: int = 0, errors: int = 0, skipped: int = 0) -> Path:
    path = folder / "report.xml"
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    path.write_text(f"<testsuites><testsuite {counts}/></testsuites>")
    return path


def read(path: Path, code: int, *, insists: bool = False, leg: Leg = EMBEDDED) -> Outcome:
    return Outcome.read(leg, path, code, 1.0, insists=insists)


def test_a_report_is_counted(tmp_path: Path) -> None:
    outcome = read(report(tmp_path, tests=10, failures=2, errors=1, skipped=3), code=1)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (4, 3, 3)


def test_a_pytest_that_died_is_a_failure(tmp_path: Path) -> None:
    outcome = read(tmp_path / "none.xml", code=3)
    assert outcome.failed == 1
    assert "code 3" in outcome.line()


def test_a_leg_without_a_matching_test_is_none(tmp_path: Path) -> None:
    assert read(report(tmp_path, tests=0), code=NOTHING_COLLECTED).failed == 0


def test_where_everything_must_run_a_skipped_test_is_a_failure(tmp_path: Path) -> None:
    outcome = read(report(tmp_path, tests=5, skipped=2), code=0, insists=True)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (3, 2, 0)


def test_what_runs_once_runs_on_the_last_full_leg_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    missing: set[str] = set()
    monkeypatch.setattr(legs, "missing_for", lambda leg: "away" if leg.name in missing else None)
    assert leg_of_once(LEGS) is PRODUCTION
    assert leg_of_once([EMBEDDED, LEGS[-1]]) is EMBEDDED
    missing.add("production")
    assert leg_of_once(LEGS) is EMBEDDED
    assert leg_of_once([LEGS[-1]]) is None
    assert "not once" in EMBEDDED.pytest_options(with_once=False)[1]
    assert "once" not in EMBEDDED.pytest_options()[1]


def test_the_last_line_is_the_plain_sum(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [Outcome(EMBEDDED, passed=7, skipped=1), Outcome(PRODUCTION, passed=5, failed=2)]
    assert _summarize(outcomes, is_covered=True) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "12 passed, 2 failed, 1 skipped"
    assert any(line.startswith("production") and "FAILED" in line for line in lines)


def test_coverage_that_was_not_measured_is_said_and_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert _summarize([Outcome(EMBEDDED, passed=7)], is_covered=None) == 0
    assert "not measured" in capsys.readouterr().out


def test_too_little_coverage_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert _summarize([Outcome(EMBEDDED, passed=7)], is_covered=False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize(("insists", "code"), [("", 0), ("all", 1)])
def test_a_leg_that_cannot_run_is_named_with_its_reason(insists: str, code: int) -> None:
    environment = clean_environment(
        PATH="/nowhere",
        CLUSTR_TEST_DATABASE_URL="postgres://postgres@127.0.0.1:1/postgres",
        CLUSTR_TEST_REDIS_URL="redis://127.0.0.1:1/0",
        CLUSTR_TEST_REQUIRE=insists,
    )
    legs = ("--leg", "production", "--leg", "browser")
    with Process(cli("test", *legs), environment=environment) as process:
        assert process.wait() == code, process.output
    production = next(line for line in process.lines if line.startswith("production"))
    assert "not run: PostgreSQL does not answer" in production
    assert "Redis does not answer" in production
    assert "browser     not run: no chromium on the PATH" in process.lines
    assert LAST_LINE.match(process.lines[-1])


def test_bench_lists_what_there_is_and_refuses_what_there_is_not() -> None:
    with Process(cli("bench")) as process:
        assert process.wait() == 0
        assert "latency" in process.output
    with Process(cli("bench", "nothing")) as process:
        assert process.wait() == 1
        assert "There is no benchmark 'nothing'" in process.output


def test_an_unknown_command_is_one_sentence() -> None:
    with Process(cli("dance")) as process:
        assert process.wait() == 1
        assert "Use one of these commands" in process.output


def test_manage_is_djangos_own(tmp_path: Path) -> None:
    environment = clean_environment(CLUSTR_DATA_DIR=str(tmp_path / "new"))
    with Process(cli("manage", "makemigrations", "--check", "--dry-run"), environment=environment) as process:
        assert process.wait() == 0, process.output
        assert "No changes detected" in process.output

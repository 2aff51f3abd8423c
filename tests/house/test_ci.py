"""What runs elsewhere is at least well-formed here, and names things that exist."""

import os
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from tests.support.processes import ROOT


def parsed(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


@pytest.mark.parametrize("name", [".ci/run", "deploy/make-secrets"])
def test_scripts_parse_and_can_be_run(name: str) -> None:
    subprocess.run(["bash", "-n", ROOT / name], check=True)
    assert os.access(ROOT / name, os.X_OK)


def test_hooks_are_the_projects_own_tools() -> None:
    repositories = parsed(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/"), hook["id"]


def test_the_workflow_runs_everything_on_the_oldest_and_a_new_python() -> None:
    jobs = parsed(".github/workflows/ci.yml")["jobs"]
    assert any(".ci/run" in step.get("run", "") for step in jobs["all"]["steps"])
    versions = jobs["all"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={versions[0]}"
    assert len(versions) > 1


def test_every_setting_of_compose_and_its_example_is_known() -> None:
    """A misspelt name would be refused at the start, in production."""
    from clustr.env import SECRETS, Environment

    known = {f"CLUSTR_{name.upper()}" for name in Environment.__struct_fields__}
    known |= {f"CLUSTR_{name.upper()}_FILE" for name in SECRETS}
    for name, service in parsed("docker-compose.yml")["services"].items():
        used = {key for key in service.get("environment", {}) if key.startswith("CLUSTR_")}
        assert used <= known, (name, used - known)


def test_the_example_names_only_what_compose_reads() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    for line in (ROOT / ".env.example").read_text().splitlines():
        if line and not line.startswith("#"):
            name = line.partition("=")[0]
            assert f"${{{name}:-" in compose, name

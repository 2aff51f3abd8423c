"""What is checked with node: its packages come from their own lock, and are fetched where they are not there yet."""

import shutil
import subprocess

import pytest

from tests.support.pages import ROOT

NODE = ROOT / "tests" / "node"


@pytest.fixture(scope="session")
def node_modules() -> None:
    """Skips where there is no node, or no way to its packages; CLUSTR_TEST_REQUIRE=all makes a failure of that."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("needs node and npm")
    if not (NODE / "node_modules" / ".package-lock.json").exists():
        got = subprocess.run(
            [npm, "ci"],
            cwd=NODE,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if got.returncode:
            pytest.skip(f"npm ci failed: {got.stderr.strip().splitlines()[-1:]}")

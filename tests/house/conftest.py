"""ClustR as processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.apps import Demo, start

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The processes choose their own databases: another leg has nothing to add."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.once)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first `demo` leaves it. Seeding takes seconds: it is done once and copied."""
    data = tmp_path_factory.mktemp("seeded")
    with start("demo", data) as process:
        process.expect("ClustR is ready:")
        assert process.stop() == 0, process.output
    return data


@pytest.fixture
def data(seeded: Path, tmp_path: Path) -> Path:
    """A seeded data folder for one test."""
    return shutil.copytree(seeded, tmp_path / "data")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo, for tests that only look at it."""
    data = tmp_path_factory.mktemp("demo")
    with start("demo", data) as process:
        yield Demo(process, data)
        assert process.stop() == 0, process.output
        assert "Traceback" not in process.output

"""What only node can say: the AsyncAPI document is valid, and the pages' scripts are what their JSDoc says."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from realtime.specification.document import asyncapi
from tests.support.node import NODE

pytestmark = pytest.mark.once

DOCUMENT = asyncapi()


def node(*arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(shutil.which("node")), *arguments],
        cwd=NODE,
        input=given,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def parse(document: Any) -> "subprocess.CompletedProcess[str]":
    return node("asyncapi.js", given=json.dumps(document))


@pytest.mark.usefixtures("node_modules")
def test_the_parser_of_the_specification_accepts_the_document():
    answer = parse(DOCUMENT)

    assert answer.returncode == 0, answer.stderr
    assert f"{len(DOCUMENT['components']['messages'])} messages" in answer.stdout


@pytest.mark.usefixtures("node_modules")
def test_the_parser_would_find_a_mistake():
    answer = parse({**DOCUMENT, "channels": {}})

    assert answer.returncode == 1
    assert "operations" in answer.stderr


@pytest.mark.usefixtures("node_modules")
def test_the_client_library_is_what_its_types_say():
    answer = node("node_modules/typescript/bin/tsc", "--project", "tsconfig.json")

    assert answer.returncode == 0, answer.stdout


def test_the_lock_of_nodes_packages_names_no_registry():
    lock = json.loads((NODE / "package-lock.json").read_text())

    assert all("integrity" in one for path, one in lock["packages"].items() if path)
    assert not any("resolved" in one for one in lock["packages"].values())

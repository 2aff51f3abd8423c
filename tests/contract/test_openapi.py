"""Schemathesis over the whole OpenAPI document: nothing breaks, and every answer is as the document says."""

import os

import pytest
from allauth.headless.spec.internal import schema as allauth_document
from rest_framework.test import APIClient
from schemathesis.generation.modes import GenerationMode

from tests.support.endpoints import document, thing_in
from tests.support.schemathesis_in_process import SOUND, operations, play
from tests.support.world import World

#: Cases for each operation, kind and person: more of them with `CLUSTR_TEST_EXAMPLES=100`.
EXAMPLES = int(os.environ.get("CLUSTR_TEST_EXAMPLES", "4"))


@pytest.mark.timeout(0 if EXAMPLES > 10 else 600)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_documented(cast, mode):
    """`positive`: what the document allows. `negative`: what it does not, which nobody may get away with."""
    world = World(cast.musa).fill()
    people = {
        "manager": cast.musa.api,
        "resident": cast.ada.api,
        "guard": cast.gate.api,
        "stranger": cast.stranger.api,
        "nobody": APIClient(),
    }
    found: dict[tuple[str, str], str] = {}
    for operation in operations(document()):
        found |= play(operation, mode, people, examples=EXAMPLES, places=lambda place: thing_in(place, world))

    assert not found, told(found)


def told(found: dict[tuple[str, str], str]) -> str:
    return "\n\n".join(f"{label} as {name}: {words}" for (label, name), words in found.items())


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_signing_in_stands_what_its_own_document_allows_and_what_not(cast, mode, monkeypatch):
    """By allauth's document of what is served below `/_allauth/`. Its answers are more than it says."""
    monkeypatch.setattr(allauth_document, "chroot", lambda spec: None)
    signed_in = APIClient()
    signed_in.force_login(cast.ada.user)
    people = {"resident": signed_in, "nobody": APIClient()}
    found: dict[tuple[str, str], str] = {}
    for operation in operations(allauth_document.get_schema()):
        found |= play(
            operation, mode, people, examples=EXAMPLES, places=lambda place: "browser", checks=SOUND
        )

    assert not found, told(found)

"""The provider of the demo."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.ids import new_id
from notifications import voice
from notifications.sms import get_provider
from notifications.sms.base import Message
from notifications.sms.console import ConsoleProvider
from notifications.states import State, Work
from tests.notifications.conftest import GATE, Post


def test_a_text_is_one_line_and_counts_as_sent(
    post: Post, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    delivery = post.sweep(post.text())
    assert (delivery.state, delivery.work, delivery.provider) == (State.SENT, Work.NONE, "console")
    assert delivery.accepted_at
    line = f"2026-03-01T12:00:00+0000 SMS to {GATE}: SOS at B-14\n"
    assert capsys.readouterr().err == line
    assert (tmp_path / "sms.log").read_text() == line


def test_an_outbox_that_cannot_be_written_does_not_print_it_again(
    post: Post, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.DATA_DIR = tmp_path / "file"
    assert post.sweep_for(30, post.text()).state == State.SENT
    assert capsys.readouterr().err.count("SOS at B-14") == 1


def test_a_text_cannot_forge_a_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    body = "help\n2026-03-01 SMS to +1: fine\x1b[2J\x9b\r"
    ConsoleProvider().send(Message(delivery_id=new_id(), to=GATE, body=body))
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "\x1b" not in printed
    assert "\r" not in printed


def test_an_unknown_provider_is_named(settings: Any) -> None:
    settings.CLUSTR_SMS_PROVIDER = "pigeon"
    with pytest.raises(ImproperlyConfigured, match="pigeon"):
        get_provider()


def test_a_call_is_one_line_and_counts_as_sent_to_nobody(
    post: Post, capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    delivery = post.sweep(post.call(body="S O S. Unit B 14."))
    assert (delivery.state, delivery.work, delivery.provider) == (State.SENT, Work.NONE, "console")
    assert delivery.delivered_at is None
    line = f"2026-03-01T12:00:00+0000 Call to {GATE}: S O S. Unit B 14.\n"
    assert capsys.readouterr().err == line
    assert (tmp_path / "calls.log").read_text() == line


def test_an_unknown_provider_of_calls_is_named(settings: Any) -> None:
    settings.CLUSTR_VOICE_PROVIDER = "drums"
    with pytest.raises(ImproperlyConfigured, match="drums"):
        voice.get_provider()

"""A worker of its own, killed with SIGKILL at each point of sending one text or placing one call."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from notifications.services import sending
from notifications.services.claiming import CALL_LEASE
from notifications.states import Channel, State
from tests.notifications.conftest import GATE, Post, make_post
from tests.support.background import Background
from tests.support.server import database_url
from tests.support.twilio import FakeTwilio

pytestmark = pytest.mark.fault

#: Run in the worker: at the named point it kills itself, as the machine would.
WORKER = """
import os, signal, sys
import django
django.setup()
from notifications.services import sending
from notifications.sms import twilio as sms
from notifications.voice import twilio as voice

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

kind, verb = (voice.TwilioProvider, "place") if sys.argv[2] == "voice" else (sms.TwilioProvider, "send")
send = getattr(kind, verb)
match sys.argv[1]:
    case "before claiming":
        sending.claim_due = lambda rows, limit: die()
    case "after claiming":
        sending.begin_call = lambda row, provider: die()
    case "before the call":
        setattr(kind, verb, die)
    case "after the call":
        setattr(kind, verb, lambda self, message: (send(self, message), die()))
    case "before writing down":
        sending.record_sent = die
sending.sweep(is_emergency=True)
"""


@pytest.fixture
def post(transactional_db: None, background: Background) -> Post:
    """On committed rows, in real time: the worker has its own clock."""
    background.hold()
    return make_post(clock=None)


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
@pytest.mark.parametrize(
    "point", ["before claiming", "after claiming", "before the call", "after the call", "before writing down"]
)
def test_killed_and_sent_once_all_the_same(
    post: Post, twilio: FakeTwilio, point: str, channel: Channel
) -> None:
    delivery = post.text(channel=channel)
    made = twilio.rings if channel == Channel.VOICE else twilio.messages
    environment = {**os.environ, **twilio.environment(), "CLUSTR_DATABASE_URL": database_url()}
    command = [sys.executable, "-c", WORKER, point, channel.value]
    worker = subprocess.run(command, env=environment, timeout=50, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert len(made) == (1 if point in ("after the call", "before writing down") else 0)
    with time_machine.travel(datetime.now(UTC) + CALL_LEASE + timedelta(seconds=1)):
        sending.sweep(is_emergency=True)
    assert post.again(delivery).state == State.ACCEPTED
    assert [one.to for one in made] == [GATE]

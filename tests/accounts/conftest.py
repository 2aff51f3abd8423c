import pytest

from notifications import one_time_codes, one_time_mails
from tests.support.app import App
from tests.support.inbox import Mailboxes, Phones


@pytest.fixture
def phones(monkeypatch):
    stand_in = Phones()
    monkeypatch.setattr(one_time_codes, "get_provider", lambda: stand_in)
    return stand_in


@pytest.fixture
def mailboxes(monkeypatch):
    stand_in = Mailboxes()
    monkeypatch.setattr(one_time_mails, "get_provider", lambda: stand_in)
    return stand_in


@pytest.fixture
def app():
    return App()

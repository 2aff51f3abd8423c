"""Words of this folder: a code is made, somebody asks, a letter goes out and is opened."""

import re
from dataclasses import dataclass, field

import pytest
from rest_framework.test import APIClient

from accounts import mails, texts
from accounts.models import User
from estates.models import Membership
from tests.support.cast import PASSWORD

#: Kept by Ofcom for drama, and not the cast's.
NEW_PHONE = "+447700900777"


@dataclass
class Post:
    """What was texted and mailed: the address, and what was written there."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    works: bool = True

    def text(self, phone: str, body: str, valid_s: int) -> bool:
        self.sent.append((phone, body))
        return self.works

    def mail(self, to: str, subject: str, text: str, html: str) -> bool:
        self.sent.append((to, f"{subject}\n{text}"))
        return self.works

    def token(self, at: int = -1) -> str:
        """The end of the link in the letter."""
        found = re.search(r"/invited/#(\S+)", self.sent[at][1])
        assert found, self.sent[at]
        return found[1]


@pytest.fixture
def post(monkeypatch) -> Post:
    """Whatever would go out by text or mail."""
    box = Post()
    monkeypatch.setattr(texts, "_senders", [box.text])
    monkeypatch.setattr(mails, "_senders", [box.mail])
    return box


@pytest.fixture
def newcomer(cast) -> User:
    """Somebody with an account who belongs nowhere."""
    return User.objects.create_user(
        name="New Comer", phone="+447700900701", email="new@example.test", password=PASSWORD
    )


@pytest.fixture
def code(cast) -> str:
    """Palm Court's join code."""
    return renew(cast.musa).json()["code"]


def as_user(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def renew(person):
    return person.api.post(person.url("join-code/"))


def ask(client, code, **more):
    body = {"code": code, "unit": "B-15", "kind": "tenant", **more}
    return client.post("/api/v1/me/join-requests/", body, format="json")


def decide(person, request_id, verb, **body):
    return person.api.post(person.url(f"join-requests/{request_id}/{verb}/"), body, format="json")


def asked(person, query=""):
    return person.api.get(person.url(f"join-requests/?{query}")).json()["results"]


def invite(person, **more):
    body = {"name": "Ife Ojo", "phone": NEW_PHONE, "unit": "B-15", "kind": "tenant", **more}
    body = {name: value for name, value in body.items() if value is not None}
    return person.api.post(person.url("invitations/"), body, format="json")


def open_letter(token, client=None):
    return (client or APIClient()).post("/api/v1/invitations/open/", {"token": token}, format="json")


def accept(token, client=None, **body):
    return (client or APIClient()).post(
        "/api/v1/invitations/accept/", {"token": token, **body}, format="json"
    )


def decline(token, client=None):
    return (client or APIClient()).post("/api/v1/invitations/decline/", {"token": token}, format="json")


def membership(estate, user) -> Membership | None:
    return Membership.objects.of(estate).filter(user=user).first()

"""Browsers without a browser: Django's client, signed in as one of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.cast import Person

Visitor = Callable[[Person], Client]


@pytest.fixture
def as_(transactional_db: None) -> Visitor:
    """`as_(cast.ada).get(...)`"""

    def signed_in(person: Person) -> Client:
        client = Client()
        client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in

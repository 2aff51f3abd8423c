"""People whose passwords are quickly tried, for tests that sign in many times."""

import pytest

from tests.support.cast import PASSWORD


@pytest.fixture
def quick(cast, settings):
    """The cast; what is tested is not what Argon2 costs."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    for person in (cast.ada, cast.bola, cast.musa, cast.chief, cast.stranger):
        person.user.set_password(PASSWORD)
        person.user.save()
    return cast

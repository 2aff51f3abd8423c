"""Email and password are enough, whatever is known of a phone."""

import pytest

from accounts.models import User
from tests.support.cast import PASSWORD


@pytest.mark.parametrize("known", [{"is_phone_verified": False}, {"phone": None, "is_phone_verified": False}])
def test_without_a_proved_phone_one_signs_in_by_email(cast, client, known):
    User.objects.filter(pk=cast.ada.user.pk).update(**known)
    body = {"email": cast.ada.email, "password": PASSWORD}
    answer = client.post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["meta"]["access_token"]

"""What follows in estates from what happens to an account."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver

from accounts.models import User
from accounts.second_factor import TYPES
from estates.services.security import reconsider_second_factor


@receiver([authenticator_added, authenticator_removed])
def a_second_factor_changes_what_he_may_do(
    sender: type[Authenticator], user: User, authenticator: Authenticator, **_: Any
) -> None:
    if authenticator.type in TYPES:
        reconsider_second_factor(user)

"""Make somebody a platform admin, or no longer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.phones import PhoneNotValid, e164
from accounts.platform_admins import set_platform_admin
from accounts.second_factor import second_factors_of


class Command(BaseCommand):
    help = "Make a user a platform admin, who enters estates by announced support access; without --remove for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="his email or phone")
        parser.add_argument(
            "--remove", action="store_true", help="he is one no longer; his access ends at once"
        )

    def handle(self, *args: object, login: str, remove: bool, **options: Any) -> None:
        user = _user(login)
        changed = set_platform_admin(user=user, is_admin=not remove)
        state = "no platform admin" if remove else "a platform admin"
        self.stdout.write(f"{user.name} is {state}{'' if changed else ', as before'}.")
        if not remove and not second_factors_of(user).exists():
            self.stdout.write("He can enter nothing until he has set up a second step, at /settings/.")


def _user(login: str) -> User:
    try:
        found = User.objects.filter(
            **({"email__iexact": login} if "@" in login else {"phone": e164(login)})
        ).first()
    except PhoneNotValid as error:
        raise CommandError(error.detail) from None
    if found is None:
        raise CommandError(f"Nobody signs in with {login}.")
    return found

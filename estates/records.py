"""Tells `accounts` on whose record a user's sign-ins and the like belong."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from accounts.record import says_where
from core.actors import Actor
from estates.selectors import memberships_of


@says_where
def _estates_of(user: User) -> Iterable[tuple[UUID, Actor]]:
    for row in memberships_of(user):
        yield row.estate_id, Actor(kind="member", id=row.pk, name=user.name)

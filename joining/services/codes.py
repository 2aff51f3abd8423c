"""The code with which somebody can ask to join."""

import secrets
from typing import Final

from django.db import IntegrityError

from accounts.models import User
from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.members import Member
from estates.models import Estate
from estates.permissions import Permission, require
from estates.services.holding import hold_estate
from joining.errors import JoinCodeUnknown, TooManyCodes
from joining.limits import count_try
from joining.models import JoinCode
from joining.selectors import join_code_view
from joining.shapes import JoinCodeView

#: Without what is read for something else: I, L, O, 0, 1.
LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
#: 31^8 codes: at ten tries in a quarter of an hour nobody finds one.
LENGTH: Final = 8
TRIES: Final = 10
TRIES_OF_ADDRESS: Final = 60
WINDOW_S: Final = 900


def read_join_code(*, actor: Member, estate: Estate) -> JoinCodeView:
    """The code, for who may let people in."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    return join_code_view(estate)


def renew_join_code(*, actor: Member, estate: Estate) -> JoinCodeView:
    """Another code, which works from now on; the old one does not."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        row = _with_free_code(estate)
        record(actor, "joining.code.renewed", row)
        return join_code_view(estate)


def switch_off_join_code(*, actor: Member, estate: Estate) -> JoinCodeView:
    """Nobody can ask by it any more; open requests stay. Done again it changes nothing."""
    require(actor, Permission.MANAGE_PEOPLE, estate)
    with unit_of_work():
        hold_estate(estate)
        row = JoinCode.objects.of(estate).filter(is_active=True).first()
        if row is not None:
            row.is_active = False
            row.save(update_fields=["is_active"])
            record(actor, "joining.code.switched_off", row)
        return join_code_view(estate)


def estate_behind(*, user: User, code: str, address: str) -> Estate:
    """The estate that somebody with this code may ask; each try counts, for the user and for his address.

    Raises `JoinCodeUnknown`, `TooManyCodes`.
    """
    count_try(
        TooManyCodes,
        (f"code:user:{user.pk}", TRIES, WINDOW_S),
        (f"code:address:{address}", TRIES_OF_ADDRESS, WINDOW_S),
    )
    tidy = "".join(letter for letter in code.upper() if letter.isalnum())
    active = JoinCode.objects.across_estates().filter(is_active=True, estate__is_suspended=False)
    row = active.filter(code=tidy).select_related("estate").first()
    if row is None:
        raise JoinCodeUnknown(field="code")
    return row.estate


def _with_free_code(estate: Estate) -> JoinCode:
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        values = {"code": code, "is_active": True, "renewed_at": now()}
        try:
            with unit_of_work():
                row, _ = JoinCode.objects.across_estates().update_or_create(estate=estate, defaults=values)
                return row
        except IntegrityError:
            # Once in a hundred years another estate has it.
            continue

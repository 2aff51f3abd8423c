"""The desk's page of who may do what."""

from typing import Any

from django.http import HttpResponse

from console.visits import Visit, estate_page
from estates.people import role_view, roles_of
from estates.permissions import FOR_EVERYBODY, FOR_SUPPORT, MATRIX, PLATFORM, Permission, RoleKey

#: A platform admin while he has support access: no role, and in the last column.
SUPPORT = "Support access"
TITLES = {row.permission.value: row.title for row in MATRIX}


@estate_page(Permission.READ_ROLES)
def roles(visit: Visit) -> HttpResponse:
    """The role matrix, straight from the table that `require` reads, and the estate's own roles."""
    areas: dict[str, list[dict[str, Any]]] = {}
    for row in MATRIX:
        cells = [(role.label, role in row.roles) for role in RoleKey]
        cells.append((SUPPORT, row.permission in FOR_SUPPORT or row.roles == PLATFORM))
        line = {"title": row.title, "cells": cells}
        areas.setdefault(row.area, []).append(line)
    own = [role_view(role) for role in roles_of(visit.estate).filter(estate=visit.estate).order_by("name")]
    return visit.draw(
        "console/desk_roles.html",
        areas=areas,
        roles=[*(role.label for role in RoleKey), SUPPORT],
        may_manage=visit.actor.may(Permission.MANAGE_ROLES),
        may_manage_security=visit.actor.may(Permission.MANAGE_SECURITY),
        own=[
            {"key": role.key, "name": role.name, "titles": [TITLES[value] for value in role.permissions]}
            for role in own
        ],
        choices=[row for row in MATRIX if row.permission not in FOR_EVERYBODY and row.roles != PLATFORM],
    )

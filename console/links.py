"""Which pages a member has, and which one he starts on."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from backoffice.setting_up import set_up_of
from estates.members import Member
from estates.models import Estate
from estates.permissions import MANAGEMENT, Permission, RoleKey
from estates.selectors import as_member, memberships_of


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    url: str


def page_url(name: str, estate_id: UUID) -> str:
    return reverse(f"console:{name}", kwargs={"estate_id": estate_id})


def start_url(member: Member, estate: Estate) -> str:
    """Management starts at the desk, a new estate's manager where he sees what it needs, guards at the board, everybody
    else at home.
    """
    if estate.is_being_set_up and member.may(Permission.MANAGE_PEOPLE) and set_up_of(estate).is_shown_first:
        return page_url("desk-start", member.estate_id)
    if member.role_keys & MANAGEMENT:
        return page_url("desk-alerts", member.estate_id)
    if RoleKey.GUARD in member.role_keys:
        return page_url("board", member.estate_id)
    return page_url("home", member.estate_id)


def links_of(member: Member) -> list[Link]:
    """What the menu offers: the pages this member may open."""
    # A manager may keep a household, where he has one: his own page is no part of the desk.
    keeps = member.role_keys & {RoleKey.OWNER, RoleKey.TENANT}
    household = [("Household", "household", Permission.KEEP_HOUSEHOLD)] if keeps else []
    offered = [
        ("Guard board", "board", Permission.ACKNOWLEDGE_ALERT),
        ("Home and SOS", "home", Permission.RAISE_ALERT),
        *household,
        ("Neighbours", "neighbours", Permission.READ_DIRECTORY),
        ("Set up the estate", "desk-start", Permission.MANAGE_PEOPLE),
        ("Alerts", "desk-alerts", Permission.READ_ALERTS),
        ("Who is told when", "desk-ladder", Permission.READ_POLICIES),
        ("Guard posts", "desk-posts", Permission.MANAGE_POSTS),
        ("People", "desk-people", Permission.READ_PEOPLE),
        ("Units", "desk-units", Permission.READ_PEOPLE),
        ("Who asks to join", "desk-requests", Permission.MANAGE_PEOPLE),
        ("Invitations", "desk-invitations", Permission.MANAGE_PEOPLE),
        ("Import and export", "desk-lists", Permission.EXPORT_LISTS),
        ("Who did what", "desk-audit", Permission.READ_OWN_AUDIT),
        ("API keys", "desk-keys", Permission.MANAGE_KEYS),
        ("Support access", "desk-support", Permission.READ_SUPPORT),
        ("Who may do what", "desk-roles", Permission.READ_ROLES),
    ]
    return [
        Link(title, page_url(name, member.estate_id))
        for title, name, permission in offered
        if member.may(permission)
    ]


def other_estates(user: User, estate: Estate) -> list[Link]:
    """Where else the user belongs, each with the page where he starts. Whoever belongs once costs one query."""
    others = memberships_of(user).exclude(estate=estate)
    return [Link(row.estate.name, start_url(as_member(row), row.estate)) for row in others]

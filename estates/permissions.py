"""What may be done, by whom: the role matrix of the whole product, on one page.

A permission is granted to roles, a role to a membership. `require` is the first line of every service.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from estates.errors import EstateNotFound, PermissionMissing, SecondFactorMissing


class RoleKey(StrEnum):
    """The built-in roles."""

    MANAGER = "manager"
    SECURITY_HEAD = "security_head"
    GUARD = "guard"
    OWNER = "owner"
    TENANT = "tenant"
    HOUSEHOLD_MEMBER = "household_member"
    CHILD = "child"
    DOMESTIC_STAFF = "domestic_staff"
    SERVICEMAN = "serviceman"
    ACCOUNTANT = "accountant"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Permission(StrEnum):
    """Things that can be done. The value stands in audit entries and in an estate's own roles."""

    READ_ESTATE = "estates.estate.read"
    READ_ROLES = "estates.role.read"
    MANAGE_SECURITY = "estates.security.manage"
    READ_PEOPLE = "estates.member.read"
    MANAGE_PEOPLE = "estates.member.manage"
    KEEP_HOUSEHOLD = "estates.household.keep"
    MANAGE_ROLES = "estates.role.manage"
    EXPORT_PEOPLE = "estates.member.export"
    IMPORT_PEOPLE = "estates.member.import"
    USE_REALTIME = "realtime.session.open"
    TAKE_DUTY = "estates.duty.take"
    READ_DUTY = "estates.duty.read"
    MANAGE_POSTS = "staff.post.manage"
    PAIR_POSTS = "staff.post.pair"
    RAISE_ALERT = "emergency.alert.raise"
    READ_OWN_ALERTS = "emergency.alert.read_own"
    READ_ALERTS = "emergency.alert.read"
    ACKNOWLEDGE_ALERT = "emergency.alert.acknowledge"
    CLOSE_ALERT = "emergency.alert.close"
    READ_POLICIES = "emergency.policy.read"
    MANAGE_POLICIES = "emergency.policy.manage"
    KEEP_CONTACTS = "emergency.contact.keep"
    KEEP_NOTIFICATIONS = "notifications.preference.keep"
    MANAGE_KEYS = "estates.key.manage"
    READ_DIRECTORY = "community.directory.read"
    KEEP_PRIVACY = "community.privacy.keep"
    READ_SUPPORT = "estates.support.read"
    END_SUPPORT = "estates.support.end"
    RUN_PLATFORM = "platform.estate.manage"
    KEEP_SUBSCRIPTIONS = "notifications.push.keep"
    READ_AUDIT = "core.audit.read"
    READ_SECURITY_AUDIT = "core.audit.read_security"
    READ_FINANCE_AUDIT = "core.audit.read_finance"
    READ_OWN_AUDIT = "core.audit.read_own"
    EXPORT_LISTS = "backoffice.list.export"
    IMPORT_LISTS = "backoffice.list.import"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix."""

    area: str
    permission: Permission
    title: str
    roles: frozenset[RoleKey]


EVERYONE = frozenset(RoleKey)
MANAGEMENT = frozenset({RoleKey.MANAGER, RoleKey.SECURITY_HEAD})
RESPONDERS = frozenset({RoleKey.MANAGER, RoleKey.SECURITY_HEAD, RoleKey.GUARD})
MANAGER_ALONE = frozenset({RoleKey.MANAGER})
GROWN_UP_RESIDENTS = frozenset({RoleKey.OWNER, RoleKey.TENANT, RoleKey.HOUSEHOLD_MEMBER})
#: A platform admin has it; no role of an estate does.
PLATFORM: frozenset[RoleKey] = frozenset()

MATRIX: tuple[Row, ...] = (
    Row("Estate", Permission.READ_ESTATE, "See the estate he belongs to", EVERYONE),
    Row("Estate", Permission.READ_ROLES, "See the role matrix", MANAGEMENT),
    Row("Estate", Permission.MANAGE_SECURITY, "Say who needs a second step to sign in", MANAGER_ALONE),
    Row(
        "Estate",
        Permission.READ_PEOPLE,
        "See people, units and occupancies",
        MANAGEMENT | {RoleKey.ACCOUNTANT},
    ),
    Row(
        "Estate",
        Permission.MANAGE_PEOPLE,
        "Add and change units, let people in, move them in and out, end a membership",
        MANAGER_ALONE,
    ),
    Row(
        "Estate",
        Permission.KEEP_HOUSEHOLD,
        "Say who lives in his own home",
        frozenset({RoleKey.MANAGER, RoleKey.OWNER, RoleKey.TENANT}),
    ),
    Row(
        "Estate",
        Permission.MANAGE_ROLES,
        "Give and take roles, make roles of the estate's own",
        MANAGER_ALONE,
    ),
    Row("Estate", Permission.EXPORT_PEOPLE, "Take units and residents out as files", MANAGER_ALONE),
    Row("Estate", Permission.IMPORT_PEOPLE, "Bring units and residents in from files", MANAGER_ALONE),
    Row("Estate", Permission.MANAGE_KEYS, "Make and revoke API keys for other programs", MANAGER_ALONE),
    Row("Support", Permission.READ_SUPPORT, "See who of the platform had access, and why", MANAGER_ALONE),
    Row("Support", Permission.END_SUPPORT, "End a platform admin's access", MANAGER_ALONE),
    Row(
        "Support", Permission.RUN_PLATFORM, "Enter estates for support, suspend and reinstate them", PLATFORM
    ),
    Row("Live feed", Permission.USE_REALTIME, "Keep a live connection", EVERYONE),
    Row("Live feed", Permission.KEEP_SUBSCRIPTIONS, "Have his own devices woken", EVERYONE),
    Row(
        "Duty", Permission.TAKE_DUTY, "Go on and off duty", frozenset({RoleKey.GUARD, RoleKey.SECURITY_HEAD})
    ),
    Row("Duty", Permission.READ_DUTY, "See who is on duty", RESPONDERS),
    Row("Duty", Permission.PAIR_POSTS, "Say which tablet stands at a guard post", RESPONDERS),
    Row("Duty", Permission.MANAGE_POSTS, "Add, change and archive guard posts", MANAGEMENT),
    Row("Emergency", Permission.RAISE_ALERT, "Raise an SOS", EVERYONE),
    Row("Emergency", Permission.READ_OWN_ALERTS, "See the alerts he raised", EVERYONE),
    Row("Emergency", Permission.KEEP_CONTACTS, "Keep his own emergency contacts", EVERYONE),
    Row(
        "Emergency",
        Permission.READ_ALERTS,
        "See every alert of the estate, its record and deliveries",
        RESPONDERS,
    ),
    Row(
        "Emergency", Permission.ACKNOWLEDGE_ALERT, "Acknowledge, respond to and resolve an alert", RESPONDERS
    ),
    Row("Emergency", Permission.CLOSE_ALERT, "Close an alert that somebody else raised", MANAGEMENT),
    Row("Emergency", Permission.READ_POLICIES, "See the escalation policies", RESPONDERS),
    Row("Emergency", Permission.MANAGE_POLICIES, "Change the escalation policies", MANAGER_ALONE),
    Row(
        "Notifications",
        Permission.KEEP_NOTIFICATIONS,
        "Choose what he is told, by which way and when not",
        EVERYONE,
    ),
    Row(
        "Neighbours",
        Permission.READ_DIRECTORY,
        "See the neighbours who show themselves, as far as each does",
        GROWN_UP_RESIDENTS,
    ),
    Row("Neighbours", Permission.KEEP_PRIVACY, "Say what his neighbours see of him", GROWN_UP_RESIDENTS),
    Row(
        "Record", Permission.READ_AUDIT, "Read the whole audit log, and check that it is whole", MANAGER_ALONE
    ),
    Row(
        "Record",
        Permission.READ_SECURITY_AUDIT,
        "Read the audit log of emergencies, gate, staff and sign-ins",
        MANAGEMENT,
    ),
    Row(
        "Record",
        Permission.READ_FINANCE_AUDIT,
        "Read the audit log of money",
        frozenset({RoleKey.MANAGER, RoleKey.ACCOUNTANT}),
    ),
    Row(
        "Record",
        Permission.READ_OWN_AUDIT,
        "Read in the audit log what he did himself",
        MANAGEMENT | {RoleKey.OWNER, RoleKey.TENANT, RoleKey.ACCOUNTANT},
    ),
    Row(
        "Lists",
        Permission.EXPORT_LISTS,
        "Take lists out as files, each as far as he may read it",
        MANAGEMENT | {RoleKey.OWNER, RoleKey.TENANT, RoleKey.ACCOUNTANT},
    ),
    Row("Lists", Permission.IMPORT_LISTS, "Bring lists in from files", MANAGER_ALONE),
)

GRANTS: dict[Permission, frozenset[RoleKey]] = {row.permission: row.roles for row in MATRIX}

#: What any member may do, whatever his roles.
FOR_EVERYBODY: frozenset[Permission] = frozenset(row.permission for row in MATRIX if row.roles == EVERYONE)


#: What is left to somebody from whom the estate wants a second factor that he has not: his SOS, and what becomes of it.
WITHOUT_SECOND_FACTOR: frozenset[Permission] = frozenset(
    {Permission.RAISE_ALERT, Permission.READ_OWN_ALERTS, Permission.USE_REALTIME}
)

#: What a platform admin may do in an estate while he has support access: set up, appoint, and read. No alert, no
#: position, nothing that is said between people, and no key that would outlive it.
FOR_SUPPORT: frozenset[Permission] = frozenset(
    {
        Permission.READ_ESTATE,
        Permission.READ_ROLES,
        Permission.MANAGE_SECURITY,
        Permission.MANAGE_ROLES,
        Permission.READ_PEOPLE,
        Permission.READ_AUDIT,
        Permission.READ_SECURITY_AUDIT,
        Permission.READ_FINANCE_AUDIT,
        Permission.READ_OWN_AUDIT,
        Permission.READ_SUPPORT,
        Permission.END_SUPPORT,
        Permission.USE_REALTIME,
    }
)

#: What an API key can be given: reading, and keeping people and homes. Whatever else there is needs a person (an SOS,
#: its answers, duty, the live feed, his own data, what he says to others), or says who may do what.
FOR_KEYS: frozenset[Permission] = frozenset(
    {
        Permission.READ_ESTATE,
        Permission.READ_ROLES,
        Permission.READ_PEOPLE,
        Permission.MANAGE_PEOPLE,
        Permission.EXPORT_PEOPLE,
        Permission.EXPORT_LISTS,
        Permission.READ_DUTY,
        Permission.READ_POLICIES,
        Permission.READ_AUDIT,
        Permission.READ_SECURITY_AUDIT,
        Permission.READ_FINANCE_AUDIT,
        Permission.READ_OWN_AUDIT,
    }
)

#: What a key gets besides, because the door to it asks for this first.
COMES_WITH: dict[Permission, Permission] = {
    Permission.READ_AUDIT: Permission.READ_OWN_AUDIT,
    Permission.READ_SECURITY_AUDIT: Permission.READ_OWN_AUDIT,
    Permission.READ_FINANCE_AUDIT: Permission.READ_OWN_AUDIT,
    Permission.EXPORT_PEOPLE: Permission.EXPORT_LISTS,
}


def permissions_of(role_keys: Iterable[str]) -> frozenset[Permission]:
    """Everything that any of the built-in roles allows."""
    held = set(role_keys)
    return frozenset(permission for permission, roles in GRANTS.items() if held & roles)


class Holder(Protocol):
    """Somebody who acts in one estate with what he may do there: a `Member`."""

    @property
    def estate_id(self) -> UUID: ...

    @property
    def permissions(self) -> frozenset[Permission]: ...

    @property
    def lacks_second_factor(self) -> bool: ...


class HasId(Protocol):
    @property
    def pk(self) -> UUID: ...


def require(actor: Holder, permission: Permission, estate: HasId) -> None:
    """Raises `EstateNotFound` for the actor of another estate, `PermissionMissing` where no role allows it, and
    `SecondFactorMissing` where one might.
    """
    if actor.estate_id != estate.pk:
        raise EstateNotFound
    if permission not in actor.permissions:
        if actor.lacks_second_factor:
            raise SecondFactorMissing
        raise PermissionMissing(permission=permission.value)

"""Residents from a file: who is new joins and moves in, who is known (by phone or email) is brought up to date."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import F
from django.db.models.functions import Lower

from accounts.models import User
from core.audit import record
from core.clock import now
from core.unit_of_work import unit_of_work
from estates.exchanging import Progress, Row, RowProblem, Taken
from estates.members import Member
from estates.models import Estate, Membership, Occupancy, Role, RoleGrant, Unit
from estates.permissions import Permission, require
from estates.selectors import current_on, today
from estates.services.people import ROLE_OF, ensure_built_in_roles
from estates.services.units_in_bulk import portions, units_by_name


@dataclass(slots=True)
class _Course:
    """What is kept from portion to portion."""

    actor: Member
    estate: Estate
    is_trial: bool
    day: date
    units: dict[str, Unit]
    roles: dict[str, Role]
    taken: Taken = field(default_factory=Taken)
    seen: dict[str, int] = field(default_factory=dict)


def take_people(
    rows: Iterable[Row], *, actor: Member, estate: Estate, is_trial: bool, progress: Progress
) -> Taken:
    """Rows of `name`, `phone`, `email`, `unit` (names), `kind`, in one unit of work; a trial writes nothing.

    Rows with problems are named and left out. The role follows the kind. An account is changed only while it is this
    estate's alone and nobody has made it his own by signing in or proving his number: whoever could change another's
    number or address could sign in as him. Whoever has an account and is nobody here is invited, and is nobody until he
    accepts. Nobody is moved out.
    """
    require(actor, Permission.IMPORT_PEOPLE, estate)
    with nullcontext() if is_trial else unit_of_work():
        roles = {} if is_trial else ensure_built_in_roles()
        course = _Course(actor, estate, is_trial, today(estate), units_by_name(estate), roles)
        for portion in portions(rows):
            _Portion(course, portion).take()
            progress(len(portion))
    return course.taken


class _Portion:
    """Some hundred rows: what is known of them is read at once, what is new is written at once."""

    def __init__(self, course: _Course, rows: list[Row]) -> None:
        self.course = course
        self.rows = rows
        self.new: dict[str, list[Any]] = defaultdict(list)
        self.changed_users: list[User] = []
        self.outdated: set[UUID] = set()

    def take(self) -> None:
        self._look_up()
        for row in self.rows:
            if problem := self._problem(row):
                self.course.taken.problems.append(problem)
            else:
                self._take_one(row)
        if not self.course.is_trial:
            self._write()

    def _look_up(self) -> None:
        estate = self.course.estate
        phones = [row["phone"] for row in self.rows if row["phone"]]
        emails = [row["email"].lower() for row in self.rows if row["email"]]
        by_email = User.objects.annotate(lower=Lower("email")).filter(lower__in=emails)
        users = {user.pk: user for user in [*User.objects.filter(phone__any_of=phones), *by_email]}
        self.by_phone = {user.phone: user for user in users.values() if user.phone}
        self.by_email = {user.email.lower(): user for user in users.values() if user.email}
        members = Membership.objects.of(estate).filter(user__pk__any_of=list(users))
        self.known = set(users)
        self.members = {member.user_id: member for member in members}
        elsewhere = Membership.objects.across_estates().exclude(estate=estate)
        self.elsewhere = set(elsewhere.filter(user__pk__any_of=list(users)).values_list("user_id", flat=True))
        ids = [member.pk for member in members]
        self.homes: dict[UUID, dict[UUID, Occupancy]] = defaultdict(dict)
        current = Occupancy.objects.of(estate).filter(current_on(self.course.day))
        for home in current.filter(membership__pk__any_of=ids):
            self.homes[home.membership_id][home.unit_id] = home
        self.held: dict[UUID, set[str]] = defaultdict(set)
        grants = RoleGrant.objects.of(estate).filter(membership__pk__any_of=ids, role__estate=None)
        for member_id, key in grants.values_list("membership_id", "role__key"):
            self.held[member_id].add(key)

    def _problem(self, row: Row) -> RowProblem | None:
        for name in row["unit"]:
            if name.casefold() not in self.course.units:
                return row.problem("unit", f"There is no unit “{name}”. Import the units first.")
        if not row["phone"] and not row["email"]:
            return row.problem(
                "phone", "Give a phone number or an email address: by one of them he signs in."
            )
        for column in ("phone", "email"):
            key = (row[column] or "").lower()
            if key and (first := self.course.seen.setdefault(key, row.number)) != row.number:
                return row.problem(column, f"The same stands in row {first}.")
        return self._contradiction(row)

    def _contradiction(self, row: Row) -> RowProblem | None:
        """Where the file says otherwise about an account than the account itself.

        Of somebody who is nobody here not even that is said: it would tell that he has an account.
        """
        user = self._user(row)
        if user is None or not self._is_here(user):
            return None
        other = self.by_email.get((row["email"] or "").lower())
        if other is not None and other.pk != user.pk and self._is_here(other):
            return row.problem("email", "This address is another resident's.")
        if not self._is_free(user):
            if row["phone"] and user.phone and row["phone"] != user.phone:
                return row.problem("phone", "He signs in with another number, which stays. Leave this empty.")
            if row["email"] and user.email and row["email"].lower() != user.email.lower():
                return row.problem(
                    "email", "He signs in with another address, which stays. Leave this empty."
                )
        return None

    def _user(self, row: Row) -> User | None:
        found = self.by_phone.get(row["phone"]) if row["phone"] else None
        return found or (self.by_email.get(row["email"].lower()) if row["email"] else None)

    def _is_here(self, user: User) -> bool:
        """Or was. Who was invited and has not accepted is nobody."""
        member = self.members.get(user.pk)
        return member is not None and member.is_known

    def _is_free(self, user: User) -> bool:
        """Whether the estate's office may still correct the account."""
        is_own = user.last_login is not None or user.has_proved_an_address or user.has_usable_password()
        return self._is_here(user) and user.pk not in self.elsewhere and not is_own

    def _take_one(self, row: Row) -> None:
        user = self._user(row)
        is_changed = False
        if user is None:
            user = self._new_user(row)
        elif self._is_free(user):
            is_changed = self._correct(user, row)
        member = self.members.get(user.pk)
        is_new = member is None
        if member is None:
            # Whoever has an account already is asked: by his number alone nobody is taken in, nor learned about.
            status = Membership.Status.PENDING if user.pk in self.known else Membership.Status.ACTIVE
            is_known = status == Membership.Status.ACTIVE
            member = Membership(estate=self.course.estate, user=user, status=status, is_known=is_known)
            self.members[user.pk] = member
            self.new["members"].append(member)
        elif member.status == Membership.Status.ENDED and user.pk in self.known and not self._is_free(user):
            member.status = Membership.Status.PENDING
            self.new["invited"].append(member)
            is_changed = True
        elif member.status == Membership.Status.ENDED:
            member.status = Membership.Status.ACTIVE
            self.new["returned"].append(member)
            is_changed = True
        is_changed |= self._house(member, row, is_new=is_new)
        self.course.taken.created += is_new
        self.course.taken.updated += is_changed and not is_new
        self.course.taken.unchanged += not is_changed and not is_new

    def _new_user(self, row: Row) -> User:
        # As `make_password(None)`, which takes a third of a millisecond for its letters.
        password = UNUSABLE_PASSWORD_PREFIX + token_urlsafe(30)
        user = User(name=row["name"], phone=row["phone"], email=row["email"], password=password)
        self.new["users"].append(user)
        return user

    def _correct(self, user: User, row: Row) -> bool:
        wanted = {"name": row["name"], "phone": row["phone"] or user.phone}
        # An address that somebody of another estate has is left out without a word.
        if row["email"] and self.by_email.get(row["email"].lower(), user).pk == user.pk:
            wanted["email"] = row["email"]
        changes = {
            name: [getattr(user, name), value]
            for name, value in wanted.items()
            if getattr(user, name) != value
        }
        for name, (_, value) in changes.items():
            setattr(user, name, value)
        if changes:
            self.changed_users.append(user)
            self._record("estates.member.changed", self.members[user.pk], changes)
        return bool(changes)

    def _house(self, member: Membership, row: Row, *, is_new: bool) -> bool:
        """Let him live where and as what the row says. Returns whether anything is different from before."""
        kind, homes, is_changed = row["kind"], self.homes[member.pk], False
        left: set[str] = set()
        for name in row["unit"]:
            unit = self.course.units[name.casefold()]
            home = homes.get(unit.pk)
            if home is not None and home.kind == kind:
                continue
            if home is not None:
                left.add(ROLE_OF[Occupancy.Kind(home.kind)])
                self.new["ended"].append(home)
            homes[unit.pk] = Occupancy(
                estate=self.course.estate,
                unit=unit,
                membership=member,
                kind=kind,
                starts_on=self.course.day,
                begun_at=now(),
            )
            self.new["homes"].append(homes[unit.pk])
            is_changed = True
        wanted = ROLE_OF[kind]
        if wanted not in self.held[member.pk]:
            self.held[member.pk].add(wanted)
            self.new["grants"].append((member, wanted))
            is_changed = True
        for key in left - {ROLE_OF[Occupancy.Kind(home.kind)] for home in homes.values()}:
            self.new["revoked"].append((member, key))
        if is_changed and not is_new:
            self.outdated.add(member.pk)
        return is_changed

    def _write(self) -> None:
        estate, new = self.course.estate, self.new
        User.objects.bulk_create(new["users"])
        if self.changed_users:
            User.objects.bulk_update(self.changed_users, ["name", "phone", "email"])
        Membership.objects.bulk_create(new["members"])
        added = {member.pk for member in new["members"]}
        for member in new["members"]:
            action = "added" if member.status == Membership.Status.ACTIVE else "invited"
            self._record(f"estates.member.{action}", member, {"roles": sorted(self.held[member.pk])})
        for member in new["returned"]:
            Membership.objects.of(estate).filter(pk=member.pk).update(status=Membership.Status.ACTIVE)
            self._record("estates.member.returned", member)
        for member in new["invited"]:
            Membership.objects.of(estate).filter(pk=member.pk).update(status=Membership.Status.PENDING)
            self._record("estates.member.invited", member)
        for home in new["ended"]:
            Occupancy.objects.of(estate).filter(pk=home.pk).update(ends_on=self.course.day)
            self._record("estates.occupancy.ended", home)
        Occupancy.objects.bulk_create(new["homes"])
        for home in new["homes"]:
            self._record("estates.occupancy.started", home, {"unit": home.unit.name, "kind": home.kind})
        roles = self.course.roles
        RoleGrant.objects.bulk_create(
            [RoleGrant(estate=estate, membership=member, role=roles[key]) for member, key in new["grants"]]
        )
        for member, key in new["grants"]:
            if member.pk not in added:
                self._record("estates.role.granted", member, {"role": key.value})
        for member, key in new["revoked"]:
            RoleGrant.objects.of(estate).filter(membership=member, role=roles[key]).delete()
            self._record("estates.role.revoked", member, {"role": key})
        outdated = [*self.outdated, *(member.pk for member in new["returned"])]
        # What was signed under the older roles no longer holds.
        Membership.objects.of(estate).filter(pk__in=outdated).update(role_epoch=F("role_epoch") + 1)

    def _record(self, action: str, target: Any, changes: dict[str, Any] | None = None) -> None:
        if not self.course.is_trial:
            record(self.course.actor, action, target, changes)

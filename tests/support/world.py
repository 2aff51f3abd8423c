"""A row of every model of an estate, made from the models alone: nothing in it is true, but all of it is there.

Whatever model is added is in it by itself. Where a row cannot be made of types alone, `GIVEN` says what it needs.
"""

import itertools
import uuid
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from core import audit
from core.clock import now
from core.models import AuditEntry
from core.unit_of_work import unit_of_work
from emergency.policies import DEFAULT, plain_steps
from estates.models import Estate, Membership
from tests.support.cast import Person

#: What types do not say, by model.
GIVEN: dict[str, dict[str, Any]] = {
    "emergency.Alert": {"state": "active", "policy": {"steps": plain_steps(DEFAULT)}},
    "emergency.AlertStep": {"spec": plain_steps(DEFAULT)[0]},
    "emergency.EscalationPolicy": {"steps": plain_steps(DEFAULT)},
    "notifications.Delivery": {"subject": "emergency.alert", "subject_id": "emergency.Alert"},
    "notifications.QuietHours": {"begins": time(22), "ends": time(6), "time_zone": ""},
    "backoffice.Import": {"list_name": "units"},
    "joining.Invitation": {"email": None, "host": None, "roles": [], "state": "open"},
    "joining.JoinRequest": {"state": "declined"},
    "estates.Role": {"key": "own", "permissions": []},
    "community.DirectoryEntry": {"shows_name": True, "shows_unit": True},
}
#: What must be there too, for a row to be seen: members that it shares with the row, by model.
BESIDE: dict[str, tuple[str, ...]] = {"community.DirectoryEntry": ("estates.Occupancy", "membership_id")}
#: Of the process, of no estate and of nobody.
NOBODYS = frozenset({"realtime.Pulse", "emergency.AuditorRun", "core.AuditChain", "core.AuditEntry"})
#: Packages whose rows belong to a person.
BORROWED = frozenset({"account", "mfa", "usersessions"})
#: No browser or person has such a word: where it comes out, it came out of this world.
MARK = "Quibblewick"


def all_models() -> Iterator[type[models.Model]]:
    """Every model whose rows belong to an estate or to a person."""
    for config in apps.get_app_configs():
        if config.label in BORROWED or (not config.name.startswith("django.") and "." not in config.name):
            for model in config.get_models():
                if model._meta.label not in NOBODYS and model._meta.app_label != "sessions":
                    yield model


class World:
    """The rows of one estate around one of its people, each with `MARK` in its words."""

    def __init__(self, person: Person, mark: str = MARK) -> None:
        self.person = person
        self.mark = mark
        self.rows: dict[type[models.Model], Any] = {
            Estate: person.estate,
            Membership: person.membership,
            type(person.user): person.user,
        }
        self._counter = itertools.count(1)

    def fill(self) -> "World":
        """A row of every model."""
        for model in all_models():
            self.row(model)
        self.rows[AuditEntry] = self.note()
        return self

    def note(self) -> AuditEntry:
        """An entry of the estate's record: the only row that may not be made by hand."""
        estate, action = self.person.estate, f"core.{self.mark.lower()}.filled"
        with unit_of_work():
            audit.record(self.person.member, action, estate, {"word": self.mark}, estate_id=estate.pk)
        return AuditEntry.objects.filter(estate_id=estate.pk).latest("seq")

    def row(self, model: type[models.Model]) -> Any:
        """The one that others refer to."""
        if model not in self.rows:
            self.rows[model] = self.make(model)
        return self.rows[model]

    def make(self, model: type[models.Model], **given: Any) -> Any:
        """Another one. Raises what the database says where the types do not suffice: see `GIVEN`."""
        given = {**self._given(model), **given}
        last: Exception | None = None
        # With everything, else with what must be there alone: some members exclude each other. Around the same rows,
        # else around others where there is only one of a kind.
        for is_full, is_fresh in itertools.product((True, False), (False, True)):
            try:
                values = {
                    field.attname if field.is_relation else field.name: self._value(model, field, is_fresh)
                    for field in model._meta.concrete_fields
                    if not {field.name, field.attname} & set(given) and self._is_wanted(field, is_full)
                }
                with transaction.atomic():
                    row = model(**values, **given)
                    models.Model.save(row, force_insert=True)
                    if beside := BESIDE.get(model._meta.label):
                        label, *shared = beside
                        self.make(apps.get_model(label), **{name: getattr(row, name) for name in shared})
                return row
            except IntegrityError as error:
                last = error
        raise AssertionError(
            f"say in tests/support/world.py, GIVEN, what {model._meta.label} needs: {last}"
        ) from last

    def ids(self) -> dict[str, str]:
        """The key of each row, by the model's label."""
        return {model._meta.label: str(row.pk) for model, row in self.rows.items()}

    def _given(self, model: type[models.Model]) -> dict[str, Any]:
        given = dict(GIVEN.get(model._meta.label, {}))
        for name, value in given.items():
            if isinstance(value, str) and "." in value and name.endswith("_id"):
                given[name] = self.row(apps.get_model(value)).pk
            elif isinstance(value, str) and _is_unique(model, name):
                given[name] = f"{value}-{self.mark.lower()}-{next(self._counter)}"
        return given

    def _is_wanted(self, field: Any, is_full: bool) -> bool:
        if field.is_relation:
            is_needed = not field.null or (is_full and field.related_model is not field.model)
            return bool(is_needed) and not isinstance(field, models.AutoField)
        if isinstance(field, models.AutoField) or field.has_default():
            # A word that is empty unless somebody writes it is a place in which something can leak.
            return is_full and isinstance(field, models.CharField | models.TextField) and not field.choices
        return not field.null or (is_full and isinstance(field, models.CharField | models.TextField))

    def _value(self, model: type[models.Model], field: Any, is_fresh: bool) -> Any:
        if not field.is_relation:
            return self._plain(field)
        if field.related_model is Estate:
            return self.person.estate.pk
        other = self.make if is_fresh and _is_unique(model, field.name) else self.row
        return other(field.related_model).pk

    def _plain(self, field: Any) -> Any:
        number = next(self._counter)
        if field.choices:
            return next(value for value, _ in field.flatchoices if value not in ("", None))
        match field:
            case models.EmailField():
                return f"{self.mark.lower()}{number}@example.test"
            case models.UUIDField():
                return uuid.uuid4()
            case models.CharField() | models.TextField() if "phone" in field.name:
                # Ofcom keeps these for drama.
                return f"+4477009{80000 + number:05}"
            case models.CharField() | models.TextField():
                return f"{self.mark} {number}"[-(field.max_length or 80) :]
            case models.DateTimeField():
                return now() + timedelta(seconds=number)
            case models.DateField():
                return date(2020, 1, 1)
            case models.TimeField():
                return time(22)
            case models.BooleanField():
                return False
            case models.IntegerField() | models.FloatField() | models.DecimalField():
                return number
            case models.BinaryField():
                return self.mark.encode()
            case models.GenericIPAddressField():
                return "192.0.2.1"
            case models.JSONField():
                return {"word": self.mark}
            case models.DurationField():
                return timedelta(seconds=number)
        raise AssertionError(f"say in tests/support/world.py what {field!r} holds")


def _is_unique(model: type[models.Model], name: str) -> bool:
    field = model._meta.get_field(name)
    if getattr(field, "unique", False):
        return True
    return any(
        name in constraint.fields
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    )

"""Whatever is held of people is declared, documented, and has an end."""

import pytest
from django.apps import apps

from accounts.models import User
from core.personal_data import holdings
from estates.models import Membership
from tests.support.pages import page

pytestmark = pytest.mark.once

#: Of an estate and of nobody in it.
IMPERSONAL = frozenset(
    {
        "estates.Estate",
        "estates.Block",
        "estates.Unit",
        "estates.Role",
        "emergency.AlertCounter",
        "emergency.EscalationPolicy",
        "emergency.AlertStep",
        "emergency.AuditorRun",
        "realtime.Pulse",
    }
)


def test_every_kind_of_data_is_documented_with_its_period():
    rows = page("docs/privacy.md").table("What is held", "holding")

    assert [tuple(row.values()) for row in rows] == [
        (
            holding.key,
            holding.what,
            holding.why,
            f"{holding.days} days" if holding.days else holding.kept,
            holding.on_deletion,
        )
        for holding in sorted(holdings.values(), key=lambda one: one.key)
    ]


def test_every_model_that_belongs_to_a_person_or_an_estate_is_declared():
    """A new one says in its feature's `holdings.py` what it holds of people, or here that it holds nothing."""
    declared = {label for holding in holdings.values() for label in holding.models}
    ours = {
        model._meta.label
        for config in apps.get_app_configs()
        if "." not in config.name
        for model in config.get_models()
    }
    of_people = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model in (User, Membership)
    }

    assert declared <= {model._meta.label for model in apps.get_models()}
    assert (ours | of_people) - IMPERSONAL <= declared


def test_whatever_goes_with_time_says_how():
    for holding in holdings.values():
        assert (holding.days is None) == (holding.purge is None), holding.key
        assert holding.on_deletion, holding.key

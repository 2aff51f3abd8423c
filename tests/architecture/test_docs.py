"""The documentation says what the code says."""

import importlib
import inspect
import json
import re
import shlex
import tomllib
from typing import Any

import msgspec
import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver
from prometheus_client import REGISTRY
from rest_framework.permissions import AllowAny

from clustr.cli.legs import LEGS
from clustr.env import SECRETS, Environment
from clustr.health import CHECKS
from core import background
from core.registry import DECLARING_ROOMS
from emergency import policies, shapes
from emergency.events import AlertView, Category
from emergency.states import TRANSITIONS
from estates.http import EstateView
from estates.permissions import MATRIX, RoleKey
from notifications.states import REACHED_FROM
from notifications.states import State as DeliveryState
from realtime import frames
from realtime.close_codes import CloseCode
from realtime.commands import commands
from realtime.events import fact_types
from realtime.specification.document import asyncapi
from realtime.specification.facts import story_of
from realtime.specification.reference import reference_page
from tests.support.pages import ROOT, listed, page

pytestmark = pytest.mark.once

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = PROJECT["tool"]["importlinter"]["root_packages"]

PROTOCOL = page("docs/realtime-protocol.md")
ESCALATION = page("docs/escalation.md")
API = page("docs/api.md")


# --- configuration, operation -----------------------------------------------------------------------------------------


def shown(default):
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return text or "empty"


def test_every_setting_stands_in_the_configuration_with_its_default():
    rows = {row["variable"]: row for row in page("docs/configuration.md").table("Configuration", "variable")}
    fields = {f"CLUSTR_{field.name.upper()}": field for field in msgspec.structs.fields(Environment)}

    assert set(rows) == set(fields)
    for name, row in rows.items():
        is_secret = fields[name].name in SECRETS
        assert row["what it is"].startswith("*secret*") == is_secret, name
        if name != "CLUSTR_SECRET_KEY":
            assert row["default"] == shown(fields[name].default), name


def test_the_runbook_names_every_metric_and_every_check():
    runbook = page("docs/runbook.md")
    exported = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in REGISTRY.collect()
        if family.name.startswith("clustr_")
    }

    assert {row["metric"] for row in runbook.table("Metrics", "metric")} == exported
    assert {row["check"] for row in runbook.table("Watch", "check")} == set(CHECKS)


def test_the_deployment_page_starts_what_compose_starts():
    deployment = page("docs/deployment.md")
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    rows = deployment.table("Several processes, with Docker Compose", "service")
    commands_by_name = dict(re.split(r"  +", line) for line in deployment.blocks("text")[0].splitlines())

    assert [row["service"] for row in rows] == list(services)
    assert set(commands_by_name) - {"static files"} <= set(services)
    for name, command in commands_by_name.items():
        if name != "static files":
            written = shlex.split(command)
            # Each on the address and port where it is reached there.
            shared = written[: written.index("--host")] if "--host" in written else written
            assert services[name]["command"][: len(shared)] == shared, name


def test_the_development_page_names_the_legs_and_the_rooms():
    development = page("docs/development.md")

    assert [row["leg"] for row in development.table("Legs", "leg")] == [leg.name for leg in LEGS]
    rooms = set(re.findall(r"`(\w+)`", development.section("The rooms of a feature")))
    assert set(DECLARING_ROOMS) <= rooms


# --- architecture -----------------------------------------------------------------------------------------------------


def test_the_layers_are_those_of_the_import_contract():
    drawn = [
        re.split(r"  +", line)[0] for line in page("docs/architecture.md").blocks("text")[0].splitlines()
    ]
    (contract,) = [one for one in PROJECT["tool"]["importlinter"]["contracts"] if one["id"] == "layers"]

    assert drawn == contract["layers"]


def test_every_task_stands_in_the_architecture_with_its_queue_and_period():
    rows = page("docs/architecture.md").table("Background work", "task")
    periods = {tick.name: f"{tick.seconds:g} s" for tick in background.ticks}

    assert {row["task"]: (row["queue"], row["every"]) for row in rows} == {
        name: (queue, periods.get(name, "")) for name, queue in background.queues.items()
    }


# --- events and the wire ----------------------------------------------------------------------------------------------

TOPICS = {row["topic"] for row in PROTOCOL.table("Topics", "topic")}


EVENTS = page("docs/events.md")
OURS = {name: fact for name, fact in fact_types.items() if fact.__module__.split(".")[0] in PACKAGES}


def test_every_event_is_documented_with_its_topics_audience_and_data():
    parts = (
        "Alerts",
        "What is said on an alert",
        "Duty",
        "Guard posts",
        "Joining",
        "Imports",
        "Support access",
    )
    rows = [row for part in parts for row in EVENTS.table(part, "event")]

    assert {row["event"] for row in rows} == set(OURS)
    for row in rows:
        told = story_of(OURS[row["event"]]).told
        assert listed(row["data"]) == list(OURS[row["event"]].__struct_fields__), row["event"]
        assert listed(row["topics"]) == [one.topic for one in told], row["event"]
        assert row["who hears it"] == "; ".join(one.audience for one in told), row["event"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_fact_begins_with_its_topics_and_who_hears_it_there(name):
    told, meaning = story_of(OURS[name])

    assert {one.topic for one in told} <= TOPICS
    assert meaning.endswith(".")


def test_the_reference_is_what_the_code_says_now():
    """Made anew by `clustr manage asyncapi --page --file docs/realtime-reference.md`."""
    assert page("docs/realtime-reference.md").text == reference_page(asyncapi())


def test_the_alert_in_the_events_page_is_a_whole_one():
    (block,) = page("docs/events.md").blocks("json")

    msgspec.json.decode(block, type=AlertView)
    assert list(json.loads(block)) == list(AlertView.__struct_fields__)


STRUCTS = [
    struct
    for _, struct in inspect.getmembers(frames, inspect.isclass)
    if issubclass(struct, msgspec.Struct) and struct.__module__ == frames.__name__
]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_frame_is_documented_with_its_fields(struct):
    heading = struct.__struct_config__.tag or struct.__name__

    assert [row["field"] for row in PROTOCOL.table(heading, "field")] == list(struct.__struct_fields__)


def test_the_documented_session_is_made_of_valid_frames():
    lines = [line for block in PROTOCOL.blocks("text") for line in block.splitlines()]
    types = {"C": frames.ClientFrame, "S": frames.ServerFrame}

    decoded = [msgspec.json.decode(line[2:], type=types[line[0]]) for line in lines]

    assert {type(frame) for frame in decoded} >= {
        frames.Connect,
        frames.Welcome,
        frames.EventFrame,
        frames.Error,
    }


def test_the_close_codes_are_documented():
    rows = PROTOCOL.table("Close codes", "code")

    assert {(int(row["code"]), row["name"], row["when"]) for row in rows} == {
        (code.value, code.name, code.meaning) for code in CloseCode
    }


def test_the_limits_are_those_of_the_code():
    for row in PROTOCOL.table("Limits", "limit"):
        module, _, constant = row["constant"].rpartition(".")
        assert float(row["value"]) == getattr(importlib.import_module(module), constant), row["constant"]


def test_the_commands_are_documented():
    assert {tuple(row.values()) for row in PROTOCOL.table("Commands", "command")} == {
        (one.name, one.shape.__name__, one.permission.value, "yes" if one.exempt else "no")
        for one in commands.values()
    }


# --- escalation -------------------------------------------------------------------------------------------------------


def test_the_transitions_are_those_of_the_table():
    rows = [tuple(row.values()) for row in ESCALATION.table("An alert", "from")]

    assert rows == [(str(state), str(action), str(to)) for (state, action), to in TRANSITIONS.items()]


def test_the_default_ladder_is_documented():
    rows = ESCALATION.table("The ladder", "step")

    assert [(row["after"], row["channel"], listed(row["audience"]), row["again every"]) for row in rows] == [
        (
            f"{step.after_s} s",
            step.channel,
            step.audience,
            f"{step.repeat_every_s} s" if step.repeat_every_s else "",
        )
        for step in policies.DEFAULT
    ]
    assert [row["audience"] for row in ESCALATION.table("The ladder", "audience")] == list(policies.Audience)


def test_the_states_of_a_delivery_are_documented():
    rows = ESCALATION.table("Deliveries", "state")

    assert [row["state"] for row in rows] == list(DeliveryState)
    assert {row["state"]: set(listed(row["comes from"])) for row in rows} == {
        state.value: {before.value for before in REACHED_FROM[state]} for state in DeliveryState
    }


def test_what_a_caller_sends_is_documented():
    rows = ESCALATION.table("What a caller sends", "shape")
    documented: dict[str, set[str]] = {}
    for row in rows:
        documented.setdefault(row["shape"], set()).add(row["member"])

    assert set(documented) == {one.shape.__name__ for one in commands.values()} | {"GivenPosition"}
    for name, members in documented.items():
        assert members == set(getattr(shapes, name).__struct_fields__), name
    assert all(f"`{category.value}`" in ESCALATION.section("An alert") for category in Category)


# --- the API ----------------------------------------------------------------------------------------------------------


def endpoints(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from endpoints(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith("api/v1/"):
            view: Any = entry.callback
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                if hasattr(view.cls, method.lower()):
                    yield method, path, view.cls


def needed_for(method, view):
    if issubclass(view, EstateView):
        return view.permissions[method].value
    return "nothing" if AllowAny in view.permission_classes else "signed in"


def test_every_endpoint_is_documented_with_its_permission():
    expected = {
        (
            method,
            "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", path),
            needed_for(method, view),
        )
        for method, path, view in endpoints()
    }

    rows = API.table("Endpoints", "method")
    assert {(row["method"], row["path"], row["permission"]) for row in rows} == expected


def test_the_role_matrix_is_documented():
    def names(roles):
        ordered = [role.value.replace("_", " ") for role in RoleKey if role in roles]
        if not ordered:
            return "platform admins"
        return "everybody" if len(ordered) == len(RoleKey) else ", ".join(ordered)

    rows = API.table("Roles", "permission")
    assert {(row["permission"], row["who"]) for row in rows} == {
        (row.permission.value, names(row.roles)) for row in MATRIX
    }

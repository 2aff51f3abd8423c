"""`clustr demo` and `clustr serve`: what is there when they run, and how they refuse to start."""

import socket
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.house.apps import Demo, start
from tests.support.processes import Process, cli, refusal_of

pytestmark = pytest.mark.timeout(300)


def test_demo_json_says_who_can_sign_in(demo: Demo) -> None:
    content = demo.sign_ins
    assert set(content) == {"base_url", "estate_id", "people"}
    assert content["base_url"] == demo.url
    assert stat.S_IMODE((demo.data / "demo.json").stat().st_mode) == 0o600
    fields = {"name", "role", "estate_id", "member_id", "email", "phone", "password"}
    assert all(set(person) == fields for person in content["people"])
    roles = [person["role"] for person in content["people"]]
    wanted = {
        "owner",
        "tenant",
        "security_head",
        "manager",
        "accountant",
        "child",
        "domestic_staff",
        "stranger",
    }
    assert wanted <= set(roles)
    assert roles.count("guard") == 2
    strangers = [person for person in content["people"] if person["estate_id"] != content["estate_id"]]
    assert [person["role"] for person in strangers] == ["stranger"]


def test_the_people_of_the_demo_can_sign_in(demo: Demo) -> None:
    for name in ("ada", "gate", "musa", "sam"):
        assert demo.app(name).call("")["id"] == demo.cast[name]["estate_id"]


def test_the_demo_prints_what_demo_json_says(demo: Demo) -> None:
    for person in demo.cast.values():
        assert person["password"] in demo.process.output
        assert person["email"] in demo.process.output
    assert f"{demo.url}/sign-in/" in demo.process.output


def test_nobody_of_the_demo_can_be_reached(demo: Demo) -> None:
    database = sqlite3.connect(demo.data / "clustr.sqlite3")
    numbers = [number for (number,) in database.execute("SELECT phone FROM accounts_user")]
    numbers += [number for (number,) in database.execute("SELECT phone FROM emergency_contact")]
    emails = [email for (email,) in database.execute("SELECT email FROM accounts_user")]
    database.close()
    assert len(numbers) > 40
    # Ofcom keeps +44 7700 900000 to 900999 for drama; RFC 2606 keeps .example.
    assert all(number.startswith("+447700900") and len(number) == 13 for number in numbers)
    assert all(email.endswith(".example") for email in emails)


def test_the_demo_has_two_weeks_of_life_and_nothing_open(demo: Demo) -> None:
    manager = demo.app("musa")
    assert manager.call("alerts/?state=open")["results"] == []
    closed = manager.call("alerts/?state=closed")["results"]
    assert len(closed) >= 10
    assert len({alert["category"] for alert in closed}) >= 6
    assert any(alert["is_drill"] for alert in closed)
    assert {"real", "false_alarm", "test"} <= {alert["outcome"] for alert in closed}
    for alert in closed:
        times = [entry["at"] for entry in manager.call(f"alerts/{alert['id']}/timeline/")["results"]]
        assert times == sorted(times)
    deliveries = [
        row for alert in closed for row in manager.call(f"alerts/{alert['id']}/deliveries/")["results"]
    ]
    assert {"delivered", "failed"} <= {row["state"] for row in deliveries}
    assert not [row for row in deliveries if row["state"] in ("intended", "accepted")]


def test_a_second_start_on_the_same_data_is_refused_in_one_sentence(demo: Demo) -> None:
    with start("demo", demo.data) as second:
        sentence = refusal_of(second)
    assert f"process {demo.process.pid}" in sentence
    assert "--data-dir" in sentence


def test_a_busy_port_is_refused_in_one_sentence_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        with Process(cli("demo", "--port", port, "--data-dir", str(tmp_path))) as process:
            sentence = refusal_of(process)
    assert f"Port {port} on 127.0.0.1 is in use" in sentence
    assert not (tmp_path / "clustr.sqlite3").exists()


def test_a_data_folder_that_cannot_be_written_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with start("serve", tmp_path / "file" / "data") as process:
        assert "Cannot write to the data folder" in refusal_of(process)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_production_is_refused_in_one_sentence(command: str, tmp_path: Path) -> None:
    with start(command, tmp_path, CLUSTR_MODE="production") as process:
        assert "production" in refusal_of(process)


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with start("serve", tmp_path, CLUSTR_HEARTBEAT_S="often") as process:
        assert process.wait() == 1
        assert "CLUSTR_HEARTBEAT_S" in process.output
        assert "Traceback" not in process.output


def test_an_option_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    with start("serve", tmp_path, "--port", "70000") as process:
        assert process.wait() == 2
        assert "70000" in process.output
        assert "Traceback" not in process.output

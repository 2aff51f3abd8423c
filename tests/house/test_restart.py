"""ClustR is stopped, killed and started again."""

import json
import os
import signal
import sqlite3
import stat
import time
import urllib.error
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.house.apps import Demo, call, start
from tests.support.processes import refusal_of

STRANGERS_WORDS = "These are the words of a stranger."

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_with_a_socket_open(sign: signal.Signals, data: Path) -> None:
    with start("demo", data) as process:
        guard = Demo(process, data).app("gate")
        with connect(guard.ws, compression=None) as tablet:
            tablet.send(guard.connect_frame())
            assert json.loads(tablet.recv(10))["type"] == "welcome"
            assert process.stop(sign, timeout_s=8) == 0
            code = _close_code(tablet)
    assert code == 4000
    assert process.lines[-1] == "ClustR has stopped."
    assert "Traceback" not in process.output
    assert "ERROR" not in process.output


def _close_code(tablet: object) -> int:
    try:
        while True:
            tablet.recv(5)  # type: ignore[attr-defined]
    except ConnectionClosed as closed:
        assert closed.rcvd is not None
        return closed.rcvd.code


def test_it_stops_while_it_is_still_starting(tmp_path: Path) -> None:
    with start("demo", tmp_path) as process:
        process.expect("Preparing the database")
        process.stop(signal.SIGINT)
        assert "Traceback" not in process.output
    with start("demo", tmp_path) as process:
        assert len(Demo(process, tmp_path).cast) == 12
        assert process.stop() == 0


def test_after_a_kill_everything_committed_is_still_there(data: Path) -> None:
    alert_id = str(uuid4())
    with start("demo", data) as process:
        before = Demo(process, data)
        raised = before.app("ada").call(
            "alerts/", {"id": alert_id, "category": "medical", "note": "still here"}
        )
        assert raised["id"] == alert_id
        process.stop(signal.SIGKILL)
    with start("demo", data) as process:
        after = Demo(process, data)
        assert after.cast == before.cast
        assert after.sign_ins["base_url"] == after.url
        [alert] = after.app("musa").call("alerts/?state=open")["results"]
        assert (alert["id"], alert["note"]) == (alert_id, "still here")
        assert process.stop() == 0


def test_sign_ins_that_were_deleted_are_made_anew(data: Path) -> None:
    old = json.loads((data / "demo.json").read_text())["people"][0]
    (data / "demo.json").unlink()
    with start("demo", data) as process:
        demo = Demo(process, data)
        new = demo.cast["ada"]
        assert new["password"] != old["password"]
        assert new["member_id"] == old["member_id"]
        demo.app("ada")
        with pytest.raises(urllib.error.HTTPError):
            call(
                f"{demo.url}/_allauth/app/v1/auth/login", {"email": old["email"], "password": old["password"]}
            )


def test_an_empty_serve_keeps_its_key_works_and_rests(tmp_path: Path) -> None:
    """Nothing is seeded; the secret key is made once and private; the workers run; idle costs little."""
    with start("serve", tmp_path) as process:
        url = process.expect("ClustR is ready:").split()[3]
        _wait_until_ready(url)
        before, began = _cpu_seconds(process.pid), time.monotonic()
        time.sleep(4)
        share = (_cpu_seconds(process.pid) - before) / (time.monotonic() - began)
        assert process.stop() == 0
    assert share < 0.25
    key = tmp_path / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = key.read_text()
    assert len(made) >= 50
    with start("serve", tmp_path) as process:
        process.expect("ClustR is ready:")
        assert process.stop() == 0
    assert key.read_text() == made
    database = sqlite3.connect(tmp_path / "clustr.sqlite3")
    assert database.execute("SELECT count(*) FROM estates_estate").fetchone() == (0,)
    database.close()
    assert not (tmp_path / "demo.json").exists()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            assert call(f"{url}/readyz")["status"] == "ok"
            return
        except urllib.error.HTTPError:
            assert time.monotonic() < deadline, "the workers did not run"
            time.sleep(0.3)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_demo_does_not_run_into_another_estate(seeded: Path, tmp_path: Path) -> None:
    """A folder with a real estate in it is not the demo's to touch."""
    (tmp_path / "clustr.sqlite3").write_bytes((seeded / "clustr.sqlite3").read_bytes())
    database = sqlite3.connect(tmp_path / "clustr.sqlite3")
    database.execute("UPDATE accounts_user SET email = 'x' || email")
    database.commit()
    database.close()
    with start("demo", tmp_path) as process:
        assert "holds another estate" in refusal_of(process)
    assert not (tmp_path / "demo.json").exists()


def test_a_database_that_is_none_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "clustr.sqlite3").write_text(STRANGERS_WORDS * 100)
    with start("serve", tmp_path) as process:
        assert "cannot be used" in refusal_of(process)
    assert (tmp_path / "clustr.sqlite3").read_text() == STRANGERS_WORDS * 100

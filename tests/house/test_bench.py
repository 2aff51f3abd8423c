"""`clustr bench`: each bench in miniature, on its own servers. Counts must be right; times are anybody's."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.load import compiled
from bench.peers import PEERS
from bench.peers.bare import Bare
from bench.report import table
from bench.suites.fanout import COLUMNS
from clustr.cli.bench import _benches
from clustr.cli.refusal import Refusal
from tests.support.processes import Process, cli

#: What the fan-out's rows must have, whatever else they carry.
ROW = {
    *("name", "sockets", "cpu_us_per_delivery", "deliveries_per_s"),
    *("first_ms", "median_ms", "p99_ms", "last_ms", "lost", "duplicated"),
}

runs = [pytest.mark.fault, pytest.mark.timeout(240)]


def bench(folder: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """Run it to its end; returns what it wrote and what it said."""
    file = folder / "figures.json"
    with Process(cli("bench", *arguments, "--json", str(file))) as process:
        assert process.wait() == 0, process.output
        return json.loads(file.read_text()), process.output


def test_only_benches_are_listed() -> None:
    known = {"fanout", "import", "latency", "lists", "rest", "soak", "sos", "stall", "storm"}
    assert set(_benches()) == known
    assert all(about.endswith((".", ":")) or about for about in _benches().values())


def test_every_peer_but_the_limit_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    for peer in PEERS:
        if peer is not Bare:
            assert peer.missing(), peer.name


def test_without_a_compiler_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(Refusal, match="install cc"):
        compiled("clients")


def test_a_table_is_markdown() -> None:
    assert table([{"name": "a", "us": 1.234}, {"name": "b", "us": None}], ["name", "us"]).splitlines() == [
        "| name |   us |",
        "|------|-----:|",
        "| a    | 1.23 |",
        "| b    |    - |",
    ]


class TestFanOut:
    pytestmark = runs

    def test_every_socket_gets_every_event_once(self, tmp_path: Path) -> None:
        figures, said = bench(tmp_path, *"fanout --sockets 20 --events 6 --rounds 2".split())
        (row,) = figures["rows"]
        assert row.keys() >= ROW
        assert (row["name"], row["sockets"]) == ("clustr", 20)
        assert (row["deliveries"], row["lost"], row["duplicated"]) == (20 * 6 * 2, 0, 0)
        assert row["cpu_us_per_delivery"] > 0
        assert 0 < row["first_ms"] <= row["median_ms"] <= row["p99_ms"]
        assert row["first_ms"] <= row["last_ms"]
        assert all(column in said for column in COLUMNS)

    def test_bursts_and_peers_are_counted_as_exactly(self, tmp_path: Path) -> None:
        arguments = (
            "fanout --sockets 20 --events 8 --rounds 1 --in-flight 4 --peers --only write stock mosquitto"
        )
        figures, said = bench(tmp_path, *arguments.split())
        rows = {row["name"]: row for row in figures["rows"]}
        for name in ("clustr", "one write() per frame, C", "stock Channels, daphne", "mosquitto"):
            # What is not installed is named, never silently skipped.
            assert (name in rows) != (f"{name}: left out, " in said), name
        assert {"clustr", "one write() per frame, C", "stock Channels, daphne"} <= rows.keys()
        for name, row in rows.items():
            assert (row["deliveries"], row["lost"], row["duplicated"]) == (20 * 8, 0, 0), name


class TestStall:
    pytestmark = runs

    def test_a_reader_that_stalls_is_cut_off_and_comes_back_to_everything(self, tmp_path: Path) -> None:
        figures, _ = bench(tmp_path, *"stall --sockets 5 --events 120 --bytes 60000 --rounds 2".split())
        rows = {row["name"]: row for row in figures["rows"]}
        assert rows.keys() == {"all read", "one stalls"}
        for row in rows.values():
            assert (row["rounds"], row["events"], row["lost"], row["duplicated"]) == (2, 240, 0, 0)
            assert 0 < row["median_ms"] <= row["p99_ms"]
        stalled = figures["stalled"]
        assert (stalled["stalls"], stalled["cut_off"], stalled["cut_off_while_all_read"]) == (2, 2, 0)
        assert stalled["behind_p50"] > 0
        assert (stalled["lost"], stalled["duplicated"], stalled["reordered"], stalled["resyncs"]) == (
            0,
            0,
            0,
            0,
        )


class TestStorm:
    pytestmark = runs

    @pytest.mark.parametrize("way", [["--signal", "KILL"], ["--signal", "TERM"], ["--no-restart"]])
    def test_all_come_back_and_miss_nothing(self, way: list[str], tmp_path: Path) -> None:
        figures, _ = bench(tmp_path, *"storm --sockets 20 --events 3 --spread-s 0.1".split(), *way)
        assert (figures["lost"], figures["duplicated"]) == (0, 0)
        assert figures["all_live_s"] >= figures["welcomed_s"] > 0
        assert figures["cpu_us_per_session"] > 0
        assert figures["queries"] > 0


class TestSos:
    pytestmark = runs

    def test_every_guard_gets_every_alert(self, tmp_path: Path) -> None:
        figures, _ = bench(tmp_path, *"sos --guards 20 --rounds 3 --rest-load 10".split())
        idle, beside = figures["rows"]
        for row in (idle, beside):
            assert (row["guards"], row["rounds"], row["lost"], row["duplicated"]) == (20, 3, 0, 0)
            assert 0 < row["p50_ms"] <= row["max_ms"]
        assert beside["rest_requests"] > 0
        assert set(beside["rest_status"]) <= {"200", "201", "204"}


class TestLatency:
    pytestmark = runs

    def test_it_measures_a_demo_of_its_own(self, tmp_path: Path) -> None:
        figures, _ = bench(tmp_path, "latency", "--rounds", "3")
        assert figures["rounds"] == 3
        assert 0 < figures["p50"] <= figures["max"]


class TestRest:
    pytestmark = runs

    def test_both_servers_answer_all_that_they_are_asked(self, tmp_path: Path) -> None:
        figures, _ = bench(tmp_path, *"rest --seconds 1 --people 20 --database sqlite".split())

        asked = {(row["server"], row["what"]): row for row in figures["rows"]}
        assert set(asked) == {
            (server, what) for server in ("gunicorn", "uvicorn") for what in ("sign_in", "list", "create")
        }
        assert all(row["requests"] > 0 and row["failed"] == 0 and row["cpu_ms"] > 0 for row in asked.values())
        # A password costs what it costs: a bench in which it did not would measure another product.
        assert asked["gunicorn", "sign_in"]["cpu_ms"] > asked["gunicorn", "create"]["cpu_ms"]


class TestLists:
    pytestmark = runs

    def test_every_list_is_asked_in_every_way(self, tmp_path: Path) -> None:
        figures, said = bench(
            tmp_path, *"lists --people 30 --units 10 --rows 12 --rounds 2 --database sqlite".split()
        )

        lists = {row["list"] for row in figures["rows"]}
        assert {"people", "units", "alerts", "audit", "posts"} <= lists
        people = {row["asked"]: row["rows"] for row in figures["rows"] if row["list"] == "people"}
        assert people["first page"] >= 30
        assert people["search in vain"] == 0
        assert {"by name", "by -name", "further on", "page of 200"} <= set(people)
        assert figures["explained"]["plan"]
        assert "queries, the slowest" in said


class TestImport:
    pytestmark = runs

    def test_what_is_good_is_brought_in_and_what_is_bad_is_named(self, tmp_path: Path) -> None:
        arguments = "import --rows 300 --kind csv xlsx --database sqlite"
        figures, _ = bench(tmp_path, *arguments.split())

        csv, xlsx, bad = figures["rows"]
        assert csv["state"] == xlsx["state"] == "done"
        assert csv["created"] == xlsx["created"] == 300
        assert csv["written_by_trial"] == 0
        assert (bad["state"], bad["bad_rows"], bad["created"]) == ("checked", 20, 0)
        assert bad["named"] == [f"{number}:email" for number in range(2, 300, 15)]


@pytest.mark.fault
def test_more_sockets_than_the_machine_allows_are_refused_in_a_sentence() -> None:
    with Process(
        ["bash", "-c", 'ulimit -n 500 && exec "$@"', "-", *cli("bench", "fanout", "--sockets", "400")]
    ) as process:
        assert process.wait() == 1
        assert "400 sockets need 600 open files and this machine allows 500" in process.output

"""Alert rules and dashboard: of metrics that the exporter has, tested by promtool, and run by a real Prometheus."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from time import monotonic, time
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from okx_doctor.causes.clock import Offset
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import Health
from okx_doctor.watching.board import Board
from okx_doctor.watching.metrics import Metrics
from okx_doctor.watching.rounds import AddressResult
from okx_doctor.watching.serve import Pages, Server
from tests.cli.running import CLI, at
from tests.needs import needs, program
from tests.watching.keys import accounts, result, state, write

pytestmark = pytest.mark.slow

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "okx-doctor.rules.yml"
TESTS = DEPLOY / "prometheus" / "okx-doctor.tests.yml"
DASHBOARD = DEPLOY / "grafana" / "okx-doctor.json"
PATIENCE = 120.0


def _rules() -> Sequence[Mapping[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return list(group["rules"])


def _queries() -> Sequence[str]:
    """Every query of the dashboard, with all keys chosen."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"].replace("$profile", ".*") for panel in panels for target in panel["targets"]]


def _board() -> Board:
    """Keys with every fault that is alerted on, and one that is well; each metric has a sample."""
    board = Board(lambda event: None, monotonic)
    board.keep(("well", "refused", "away"))
    offset = {"uncertainty": 0.5}
    offsets = (Offset(seconds=-40, reference="OKX", **offset), Offset(seconds=-40, reference="time servers", **offset))
    board.note_address(AddressResult(base_url="x", state=state(Health.HEALTHY), offsets=offsets), time())
    permissions = ("read_only", "withdraw")
    board.note_key("well", result(time(), state(Health.HEALTHY, "api-key-expiring"), permissions=permissions, bound=0))
    board.note_key("refused", result(time() - 7_200, state(Health.UNHEALTHY, "api-key-unknown")))
    board.note_key("away", result(time(), state(Health.UNDETERMINED, "connection-timeout"), asked=False))
    return board


@contextmanager
def _exporter(board: Board, port: int = 0) -> Iterator[int]:
    """The real exporter, on a free port where none is named."""
    pages = Pages(
        snapshot=board.snapshot,
        metrics=Metrics(board.snapshot).exposition,
        now=time,
        monotonic=monotonic,
        patience=1e9,
        on_loopback=True,
    )
    with Server("127.0.0.1", port, pages) as server:
        yield server.port


def _exported() -> Mapping[str, set[str]]:
    """The samples of the exporter by name, each with its labels."""
    found: dict[str, set[str]] = {}
    for family in Metrics(_board().snapshot).families():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("query", [*(rule["expr"] for rule in _rules()), *_queries()])
def test_a_query_asks_for_metrics_and_labels_that_are_exported(query: str) -> None:
    exported = _exported()
    asked = re.findall(r"(okx_doctor_\w+)(?:\{([^}]*)\})?", query)

    assert asked
    for name, matchers in asked:
        assert name in exported
        assert set(re.findall(r"(\w+)(?:=~|!=|=)", matchers)) <= exported[name]


def test_every_rule_has_a_test_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    rows = [row for test in yaml.safe_load(TESTS.read_text("utf-8"))["tests"] for row in test["alert_rule_test"]]
    fires = {row["alertname"] for row in rows if row["exp_alerts"]}
    silent = {row["alertname"] for row in rows if not row["exp_alerts"]}
    names = {rule["alert"] for rule in _rules()}

    assert fires == names
    assert silent >= names - {"OkxKeyMayWithdraw"}, "of that one the other permissions are the silent case"


def test_the_dashboard_shows_state_by_cause_the_clock_with_its_band_and_a_table_of_keys() -> None:
    panels = {panel["title"]: panel for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]}
    steps = panels["Clock against OKX and time servers"]["fieldConfig"]["defaults"]["thresholds"]["steps"]

    assert "sum by (cause)" in panels["Keys by cause"]["targets"][0]["expr"]
    assert [step["value"] for step in steps] == [None, -30, 30]
    assert panels["Keys"]["type"] == "table"
    assert len({panel["id"] for panel in panels.values()}) == len(panels)


@needs("promtool")
def test_promtool_takes_the_rules_and_their_tests() -> None:
    for command in (("check", "rules", RULES), ("test", "rules", TESTS)):
        done = subprocess.run(
            [program("promtool"), *command], capture_output=True, text=True, timeout=PATIENCE, cwd=RULES.parent
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """A real one that scrapes the exporter every second."""

    def __init__(self, port: int) -> None:
        self._port = port

    def ask(self, query: str) -> Any:
        """``None`` where it does not answer yet."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': query})}")
            answer = connection.getresponse()
            body = answer.read()
            return json.loads(body)["data"] if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def wait_for(self, query: str) -> Any:
        """The first answer to a query that holds something."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            found = self.ask(query)
            if found and found["result"]:
                return found
            Event().wait(0.2)
        pytest.fail(f"Prometheus has no answer for {query}")


@contextmanager
def _prometheus(folder: Path, exporter: int) -> Iterator[Prometheus]:
    rules = folder / "rules.yml"
    rules.write_text(re.sub(r"for: \d+[mh]", "for: 0s", RULES.read_text("utf-8")), "utf-8")
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(rules)],
                "scrape_configs": [{"job_name": "okx", "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}],
            }
        ),
        "utf-8",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [
            program("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Prometheus(port)
    finally:
        running.kill()
        running.wait()


def _well(board: Board) -> None:
    """Every fault is put right."""
    offsets = tuple(Offset(seconds=0.0, uncertainty=0.1, reference=each) for each in ("OKX", "time servers"))
    board.note_address(AddressResult(base_url="x", state=state(Health.HEALTHY), offsets=offsets), time())
    for name in board.snapshot().standings:
        board.note_key(name, result(time(), state(Health.HEALTHY), bound=1))


@needs("prometheus")
def test_a_real_prometheus_answers_every_query_of_the_dashboard_and_each_alert_fires_and_resolves(
    tmp_path: Path,
) -> None:
    board = _board()
    board.keep(("well", "refused", "away", "lost"))
    board.note_key("lost", result(time(), state(Health.HEALTHY), bound=1))
    fired = 'ALERTS{alertstate="firing"}'
    with _exporter(board) as exporter, _prometheus(tmp_path, exporter) as prometheus:
        for query in _queries():
            assert prometheus.wait_for(query)["result"]
        prometheus.wait_for('okx_doctor_key_ip_bound{profile="lost"} == 1')
        board.note_key("lost", result(time(), state(Health.HEALTHY), bound=0))
        for rule in _rules():
            if rule["alert"] != "OkxNobodyWatches":
                prometheus.wait_for(fired.replace("}", f',alertname="{rule["alert"]}"}}'))
        _well(board)
        prometheus.wait_for(f"absent({fired})")

    (tmp_path / "another").mkdir()
    with _prometheus(tmp_path / "another", exporter) as prometheus:
        prometheus.wait_for(fired.replace("}", ',alertname="OkxNobodyWatches"}'))
        with _exporter(board, exporter):
            prometheus.wait_for(f"absent({fired})")


@needs("prometheus")
def test_a_rotation_that_writes_a_wrong_secret_is_alerted_on_until_the_right_one_is_back(tmp_path: Path) -> None:
    """The whole way: OKX's answer, the command that watches, its metrics, the rule, the alert."""
    (key,) = accounts(1)
    file = write(tmp_path / "keys.toml", {"bot": key})
    right = file.read_text("utf-8")
    command = (*CLI, "watch", "--credentials", str(file), "--all-profiles", "--timeout", "60", "--listen", "0")
    alert = 'ALERTS{alertstate="firing",alertname="OkxKeyUnhealthy",profile="bot"}'
    with Exchange(Plan(accounts=(key,), ntp="answers")) as exchange:
        environ = {**at(exchange), "PYTHONUNBUFFERED": "1"}
        watching = subprocess.Popen(
            [sys.executable, *command], env=environ, cwd=tmp_path, bufsize=0, stdout=subprocess.PIPE
        )
        try:
            assert watching.stdout is not None
            port = int(watching.stdout.readline().decode().rpartition(":")[2].partition("/")[0])
            with _prometheus(tmp_path, port) as prometheus:
                prometheus.wait_for('okx_doctor_healthy{profile="bot"} == 1')
                file.write_text(right.replace(key.secret.reveal(), "0123456789ABCDEF" * 2), "utf-8")
                prometheus.wait_for(alert)
                causes = prometheus.wait_for('okx_doctor_cause{profile="bot"} == 1')["result"]
                file.write_text(right, "utf-8")
                prometheus.wait_for(f"absent({alert})")
        finally:
            watching.kill()
            watching.communicate()

    assert [each["metric"]["cause"] for each in causes] == ["secret-wrong"]

"""The metrics as Prometheus reads them, and the pages that are served beside them."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain
from prometheus_client.registry import Collector

from okx_doctor.causes.clock import Offset
from okx_doctor.model import Health
from okx_doctor.watching import metrics as metrics_module
from okx_doctor.watching.board import Board
from okx_doctor.watching.metrics import Checked, Encoder, Metrics, _Lines
from okx_doctor.watching.rounds import AddressResult
from okx_doctor.watching.serve import Pages, Server
from tests.watching.keys import NOON, result, state

PATIENCE = 60.0
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Clock:
    def __init__(self) -> None:
        self.time = 0.0


def _board(clock: Clock) -> Board:
    """Three keys: one well, one that lapsed, one that nobody was asked about yet."""
    board = Board(lambda event: None, lambda: clock.time)
    board.keep(("well", "lapsed", "new"))
    offsets = (
        Offset(seconds=-31.0, uncertainty=0.4, reference="OKX"),
        Offset(seconds=-30.5, uncertainty=0.1, reference="time servers"),
    )
    found = AddressResult(base_url="https://www.okx.com", state=state(Health.HEALTHY), offsets=offsets)
    board.note_address(found, NOON)
    board.note_key("well", result(NOON, state(Health.HEALTHY, "api-key-expiring"), permissions=("trade",), bound=0))
    board.note_key("lapsed", result(NOON, state(Health.HEALTHY)))
    board.note_key("lapsed", result(NOON + 600, state(Health.UNHEALTHY, "api-key-unknown")))
    return board


Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def _samples(written: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in plain(written)
        for sample in family.samples
    }


def _value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


def test_every_metric_has_its_name_and_labels() -> None:
    samples = _samples(Metrics(_board(Clock()).snapshot).text())
    place = {"site": "global", "environment": "live"}

    assert _value(samples, "okx_doctor_healthy", profile="well", **place) == 1
    assert _value(samples, "okx_doctor_healthy", profile="lapsed", **place) == 0
    assert _value(samples, "okx_doctor_undetermined", profile="lapsed", **place) == 0
    cause = {"severity": "error", "confidence": "stated"}
    assert _value(samples, "okx_doctor_cause", profile="lapsed", cause="api-key-unknown", **cause) == 1
    assert _value(samples, "okx_doctor_check_duration_seconds", profile="well") == 0.25
    assert _value(samples, "okx_doctor_last_check_timestamp_seconds", profile="lapsed") == NOON + 600
    assert _value(samples, "okx_doctor_last_healthy_timestamp_seconds", profile="lapsed") == NOON
    assert _value(samples, "okx_doctor_clock_offset_seconds", reference="okx") == -31
    assert _value(samples, "okx_doctor_clock_uncertainty_seconds", reference="ntp") == 0.1
    assert _value(samples, "okx_doctor_key_permission", profile="well", permission="trade") == 1
    assert _value(samples, "okx_doctor_key_permission", profile="well", permission="withdraw") == 0
    assert _value(samples, "okx_doctor_key_ip_bound", profile="well") == 0
    assert _value(samples, "okx_doctor_checks_total", result="healthy") == 2
    assert _value(samples, "okx_doctor_checks_total", result="undetermined") == 0
    assert [value for (name, _), value in samples.items() if name == "okx_doctor_build_info"] == [1]


def test_a_key_that_was_not_checked_yet_has_no_sample() -> None:
    assert 'profile="new"' not in Metrics(_board(Clock()).snapshot).text()


def test_while_okx_is_away_the_time_of_the_last_check_stays_and_the_key_is_undetermined() -> None:
    board = _board(Clock())
    board.note_key("well", result(NOON + 900, state(Health.UNDETERMINED, "connection-timeout"), asked=False))
    samples = _samples(Metrics(board.snapshot).text())

    assert _value(samples, "okx_doctor_undetermined", profile="well", site="global", environment="live") == 1
    assert _value(samples, "okx_doctor_last_check_timestamp_seconds", profile="well") == NOON
    assert _value(samples, "okx_doctor_key_ip_bound", profile="well") == 0


def test_counters_never_fall_when_a_key_is_gone() -> None:
    board = _board(Clock())
    board.keep(("new",))

    assert _value(_samples(Metrics(board.snapshot).text()), "okx_doctor_checks_total", result="healthy") == 2


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "ключ", ""])
def test_any_name_of_a_profile_comes_back_from_both_formats(name: str) -> None:
    board = Board(lambda event: None, lambda: 0.0)
    board.keep((name,))
    board.note_key(name, result(NOON, state(Health.HEALTHY)))
    metrics = Metrics(board.snapshot)

    for accept, read in (("text/plain", plain), (OPENMETRICS, openmetrics)):
        written, content_type = metrics.exposition(accept)
        assert content_type.startswith(accept.partition(";")[0])
        found = {
            sample.labels["profile"]
            for family in read(written.decode())
            for sample in family.samples
            if family.name == "okx_doctor_healthy"
        }
        assert found == {name}


class _Anew(Collector):
    """The same metrics, written by the library without anything that was kept."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics.families()


@pytest.mark.parametrize("follows", [False, True], ids=["alone", "following the board"])
@pytest.mark.parametrize("accept", ["", OPENMETRICS, f"{OPENMETRICS}; escaping=allow-utf-8"])
def test_what_is_kept_from_scrape_to_scrape_never_differs_from_what_is_written_anew(accept: str, follows: bool) -> None:
    board = _board(Clock())
    metrics = Metrics(board.snapshot)
    if follows:
        board.follow(metrics.write_ahead)
    encoder, content_type = choose_encoder(accept)

    def agree() -> None:
        for _ in range(2):
            assert metrics.exposition(accept) == (encoder(_Anew(metrics)), content_type)

    agree()
    board.note_key("well", result(NOON + 1_200, state(Health.UNHEALTHY, "wrong-site", "clock-drift")))
    agree()
    board.keep(("lapsed", "new", 'a\n"b'))
    agree()
    board.note_key('a\n"b', result(NOON + 1_300, state(Health.HEALTHY)))
    board.note_key("lapsed", result(NOON + 1_300, state(Health.HEALTHY)))
    agree()
    board.keep(())
    agree()


def test_a_scrape_writes_only_the_keys_that_were_checked_since_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    board = _board(Clock())
    written: list[str] = []

    def choose(accept: str) -> tuple[Callable[[Collector], bytes], str]:
        encoder, content_type = choose_encoder(accept)

        def noting(source: Collector) -> bytes:
            samples = (sample for family in source.collect() for sample in family.samples)
            written.extend(dict.fromkeys(sample.labels["profile"] for sample in samples if "profile" in sample.labels))
            return encoder(source)

        return noting, content_type

    monkeypatch.setattr("okx_doctor.watching.metrics.choose_encoder", choose)
    metrics = Metrics(board.snapshot)

    metrics.exposition("")
    assert written == ["lapsed", "well"]
    board.note_key("well", result(NOON + 600, state(Health.HEALTHY)))
    metrics.exposition("")
    metrics.exposition("")
    assert written == ["lapsed", "well", "well"]


NAMES = ("bot-1", "bot-2", 'a"b', "ключ")
EVENTS = st.one_of(
    st.tuples(st.just("check"), st.sampled_from(NAMES), st.sampled_from(Health)),
    st.tuples(st.just("keep"), st.sets(st.sampled_from(NAMES)), st.none()),
    st.tuples(st.just("scrape"), st.sampled_from(("", OPENMETRICS)), st.none()),
)


@given(st.lists(EVENTS, max_size=30))
def test_after_anything_that_happens_a_scrape_is_what_the_library_writes_anew(
    events: list[tuple[str, Any, Health | None]],
) -> None:
    board = Board(lambda event: None, lambda: 0.0)
    board.keep(NAMES)
    metrics = Metrics(board.snapshot)
    board.follow(metrics.write_ahead)

    for number, (what, subject, health) in enumerate((*events, ("scrape", "", None), ("scrape", OPENMETRICS, None))):
        if what == "keep":
            board.keep(subject)
        elif health is not None:
            board.note_key(subject, result(NOON + number, state(health, "clock-drift")))
        else:
            encoder, content_type = choose_encoder(subject)
            assert metrics.exposition(subject) == (encoder(_Anew(metrics)), content_type)


def test_the_lines_of_a_key_are_written_when_it_was_checked_and_not_by_the_scrape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = _board(Clock())
    metrics = Metrics(board.snapshot)
    board.follow(metrics.write_ahead)
    metrics.exposition("")
    board.note_key("well", result(NOON + 600, state(Health.UNHEALTHY, "clock-drift")))
    board.note_key("new", result(NOON + 600, state(Health.HEALTHY)))

    written: list[str] = []
    lines = metrics_module._lines

    def noting(encoder: Encoder, rows: list[Checked]) -> dict[str, _Lines]:
        written.extend(row[0] for row in rows)
        return lines(encoder, rows)

    monkeypatch.setattr(metrics_module, "_lines", noting)
    assert _value(_samples(metrics.text()), "okx_doctor_check_duration_seconds", profile="new") is not None
    assert written == []
    board.note_key("well", result(NOON + 700, state(Health.HEALTHY)))
    assert written == ["well"] * 2, "in each of the formats that Prometheus asks for"


def test_prometheus_asks_for_a_format_that_is_written_ahead() -> None:
    accept = (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    )
    metrics = Metrics(_board(Clock()).snapshot)
    expected = set(metrics._written)

    assert metrics.exposition(accept)[1] in expected


def test_a_scraper_that_names_ever_other_formats_makes_nothing_grow() -> None:
    metrics = Metrics(_board(Clock()).snapshot)
    for number in range(20):
        metrics.exposition(f"application/openmetrics-text; version=1.0.{number}")
        metrics.exposition("")

    assert len(metrics._written) == len(metrics._encoders) <= 4
    assert choose_encoder("")[1] in metrics._written, "a format that is asked for again and again stays"


def test_keys_that_come_and_go_leave_no_line_in_a_format_that_nobody_asks_for() -> None:
    board = Board(lambda event: None, lambda: 0.0)
    metrics = Metrics(board.snapshot)
    board.follow(metrics.write_ahead)
    for number in range(20):
        board.keep((f"bot-{number}",))
        board.note_key(f"bot-{number}", result(NOON, state(Health.HEALTHY)))

    assert {tuple(kept) for kept in metrics._written.values()} == {("bot-19",)}


class Served:
    """A server of these pages on a free port, and how to ask it."""

    def __init__(self, clock: Clock, *, on_loopback: bool = True) -> None:
        board = _board(clock)
        self.server = Server(
            "127.0.0.1",
            0,
            Pages(
                snapshot=board.snapshot,
                metrics=Metrics(board.snapshot).exposition,
                now=lambda: NOON + 660,
                monotonic=lambda: clock.time,
                patience=1_800.0,
                on_loopback=on_loopback,
            ),
        )

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
        """Status, content type and body."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(clock: Clock) -> Iterator[Served]:
    asked = Served(clock)
    with asked.server:
        yield asked


def test_a_scrape_reads_the_metrics_in_the_format_it_asks_for(served: Served) -> None:
    status, content_type, body = served.get("/metrics", Accept=OPENMETRICS)

    assert status == 200
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith("# EOF\n")
    assert served.get("/metrics")[1].startswith("text/plain")


def test_the_status_tells_each_key_with_its_age(served: Served) -> None:
    status, content_type, body = served.get("/status")
    rows = {row["name"]: row for row in json.loads(body)["profiles"]}

    assert (status, content_type) == (200, "application/json")
    assert (rows["lapsed"]["status"], rows["lapsed"]["age_seconds"]) == ("unhealthy", 60)
    assert [cause["id"] for cause in rows["lapsed"]["causes"]] == ["api-key-unknown"]
    assert (rows["well"]["status"], rows["well"]["age_seconds"]) == ("healthy", 660)
    assert rows["new"]["age_seconds"] is None


def test_a_web_page_that_has_its_own_name_lead_here_reads_no_status(served: Served) -> None:
    assert served.get("/status", Host="attacker.example")[0] == 403
    assert served.get("/status", Host="[::1")[0] == 403
    assert served.get("/status", Host="localhost:9464")[0] == 200


def test_beyond_loopback_there_are_metrics_and_health_alone(clock: Clock) -> None:
    asked = Served(clock, on_loopback=False)
    with asked.server:
        assert [asked.get(path)[0] for path in ("/metrics", "/healthz", "/status")] == [200, 200, 404]


def test_health_is_lost_once_the_loop_gives_no_sign_of_life(served: Served, clock: Clock) -> None:
    clock.time = 1_800.0
    assert served.get("/healthz")[0] == 200
    clock.time = 1_801.0
    assert served.get("/healthz")[0] == 503


def test_a_reader_of_the_lines_that_does_not_read_holds_up_no_scrape() -> None:
    read: list[int] = []
    board = Board(lambda event: read.append(board.snapshot().rounds), lambda: 0.0)
    board.keep(("bot",))
    board.note_key("bot", result(NOON, state(Health.UNHEALTHY, "api-key-unknown")))

    assert read == [0], "the board can be read while a line is written"


def test_other_paths_and_methods_are_refused(served: Served) -> None:
    assert served.get("/secrets")[0] == 404
    assert served.get("/metrics", "POST")[0] == 501
    assert served.get("/metrics", "HEAD")[::2] == (200, "")


def test_readers_that_say_nothing_keep_none_out_that_ask_later(served: Served) -> None:
    idle = [socket.create_connection(("127.0.0.1", served.server.port), PATIENCE) for _ in range(8)]
    try:
        assert served.get("/healthz")[0] == 200
    finally:
        for each in idle:
            each.close()

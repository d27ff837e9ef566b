"""A snapshot as metrics, by Prometheus' conventions. No label holds a key, a user or an address of the network.

prometheus_client writes them, so that escaping and both formats are those that Prometheus reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from okx_doctor import __version__
from okx_doctor.model import Health
from okx_doctor.watching.board import Snapshot
from okx_doctor.watching.standing import Result, Standing

PERMISSIONS: Final = ("read_only", "trade", "withdraw")
_EXPECTED: Final = ("", "application/openmetrics-text; version=1.0.0")
"""Formats that a browser and Prometheus accept."""
_FORMATS: Final = 4
"""Formats whose lines are kept: those that were asked for last."""


Checked = tuple[str, Standing, Result]


class Metrics:
    """Writes what the board holds whenever it is scraped; nothing is measured for that.

    Where ``write_ahead`` follows the board, the lines of a key are written when it was checked, in each format that was
    asked for before or that Prometheus asks for: of a thousand keys, to write all of them within a scrape would take
    longer than a scrape may. Safe to use from several threads.
    """

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot
        self._encoders = {content_type: encoder for encoder, content_type in map(choose_encoder, _EXPECTED)}
        self._written: dict[str, dict[str, _Lines]] = {content_type: {} for content_type in self._encoders}
        self._lock = threading.Lock()

    def families(self) -> list[Metric]:
        """Every metric, with a sample for each key that was checked."""
        snapshot = self._snapshot()
        return [*_of_keys(_checked(snapshot)), *_of_all(snapshot)]

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the format that a scraper accepts, and its content type."""
        encoder, content_type = choose_encoder(accept)
        with self._lock:
            return self._write(encoder, content_type), content_type

    def text(self) -> str:
        """The metrics as node_exporter reads them from a file."""
        return self.exposition("")[0].decode("utf-8")

    def write_ahead(self, name: str, standing: Standing) -> None:
        """Write the lines of a key that was checked, so that no scrape has to."""
        if standing.latest is None:
            return
        with self._lock:
            known = self._snapshot().standings
            for content_type, written in self._written.items():
                for gone in written.keys() - known.keys():
                    del written[gone]
                written |= _lines(self._encoders[content_type], [(name, standing, standing.latest)])

    def _write(self, encoder: Encoder, content_type: str) -> bytes:
        snapshot = self._snapshot()
        checked = _checked(snapshot)
        before = self._written.get(content_type, {})
        again = [row for row in checked if row[0] not in before or before[row[0]].standing is not row[1]]
        lines = {**before, **_lines(encoder, again)}
        kept = {name: lines[name] for name, _, _ in checked}
        self._written.pop(content_type, None)
        if len(self._written) >= _FORMATS:  # a scraper may name any version of a format
            oldest = next(iter(self._written))
            del self._written[oldest], self._encoders[oldest]
        self._encoders[content_type], self._written[content_type] = encoder, kept
        parts: list[bytes] = []
        for number, head in enumerate(_heads(encoder)):
            parts.append(head)
            parts.extend(each.of_families[number] for each in kept.values())
        return b"".join((*parts, encoder(_Given(_of_all(snapshot)))))


Encoder = Callable[[Collector], bytes]


class _Lines(Struct, frozen=True):
    """The lines of a key for each of its metrics, and the standing that they were written from."""

    standing: Standing
    of_families: tuple[bytes, ...]


class _Given(Collector):
    """Metrics that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _lines(encoder: Encoder, checked: list[Checked]) -> dict[str, _Lines]:
    """The lines of each key. A gauge has one line for each sample, and no other that does not begin with ``#``."""
    families = _of_keys(checked)
    samples = [(number, sample) for number, family in enumerate(families) for sample in family.samples]
    written = [line for line in encoder(_Given(families)).splitlines(keepends=True) if not line.startswith(b"#")]
    found = {name: [b""] * len(families) for name, _, _ in checked}
    for (number, sample), line in zip(samples, written, strict=True):
        found[sample.labels["profile"]][number] += line
    return {name: _Lines(standing, tuple(found[name])) for name, standing, _ in checked}


def _heads(encoder: Encoder) -> list[bytes]:
    """The comments above the lines of each metric of the keys."""
    return [
        b"".join(line for line in encoder(_Given([family])).splitlines(keepends=True) if line != b"# EOF\n")
        for family in _of_keys([])
    ]


def _checked(snapshot: Snapshot) -> list[Checked]:
    return [(name, each, each.latest) for name, each in sorted(snapshot.standings.items()) if each.latest]


def _of_keys(checked: list[Checked]) -> list[Metric]:
    """The metrics that have a sample for each key, named by the label ``profile``."""
    return [*_health(checked), *_times(checked), *_facts(checked)]


def _of_all(snapshot: Snapshot) -> list[Metric]:
    """The metrics that are there once for all keys."""
    total = CounterMetricFamily("okx_doctor_checks", "Checks by their result.", labels=["result"])
    for health, number in snapshot.checks.items():
        total.add_metric([health.value], number)
    build = _gauge("okx_doctor_build_info", "The version of okx-doctor; always 1.", ["version"], [([__version__], 1)])
    return [*_clock(snapshot), total, build]


def _gauge(name: str, said: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _health(checked: list[Checked]) -> Iterable[Metric]:
    place = ["profile", "site", "environment"]
    for name, said, health in (
        ("okx_doctor_healthy", "1 where the last check found the key in order.", Health.HEALTHY),
        ("okx_doctor_undetermined", "1 where the last check could not judge.", Health.UNDETERMINED),
    ):
        yield _gauge(
            name,
            said,
            place,
            [([key, one.site, one.environment], one.state.health is health) for key, _, one in checked],
        )
    yield _gauge(
        "okx_doctor_cause",
        "1 for each cause that the last check named.",
        ["profile", "cause", "severity", "confidence"],
        [
            ([key, cause.id, cause.severity, cause.confidence], 1)
            for key, _, one in checked
            for cause in one.state.causes
        ],
    )


def _times(checked: list[Checked]) -> Iterable[Metric]:
    yield _gauge(
        "okx_doctor_check_duration_seconds",
        "How long the last check took.",
        ["profile"],
        [([key], one.seconds) for key, _, one in checked],
    )
    yield _gauge(
        "okx_doctor_last_check_timestamp_seconds",
        "When OKX could last be asked about the key.",
        ["profile"],
        [([key], each.judged.at) for key, each, _ in checked if each.judged],
    )
    yield _gauge(
        "okx_doctor_last_healthy_timestamp_seconds",
        "When the key was last found in order.",
        ["profile"],
        [([key], each.last_healthy) for key, each, _ in checked if each.last_healthy is not None],
    )


def _facts(checked: list[Checked]) -> Iterable[Metric]:
    known = [(key, each.facts) for key, each, _ in checked if each.facts]
    yield _gauge(
        "okx_doctor_key_permission",
        "1 where the key has the permission, by OKX's last word on it.",
        ["profile", "permission"],
        [([key, name], name in facts.permissions) for key, facts in known for name in PERMISSIONS],
    )
    yield _gauge(
        "okx_doctor_key_ip_bound",
        "1 where the key is bound to an address, by OKX's last word on it.",
        ["profile"],
        [([key], facts.bound_addresses > 0) for key, facts in known],
    )


def _clock(snapshot: Snapshot) -> Iterable[Metric]:
    rows = sorted(snapshot.offsets.items())
    yield _gauge(
        "okx_doctor_clock_offset_seconds",
        "The reference's clock minus this machine's.",
        ["reference"],
        [([name], offset.seconds) for name, offset in rows],
    )
    yield _gauge(
        "okx_doctor_clock_uncertainty_seconds",
        "How far the offset may be off, either way.",
        ["reference"],
        [([name], offset.uncertainty) for name, offset in rows],
    )

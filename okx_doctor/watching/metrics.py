"""A snapshot as metrics, by Prometheus' conventions. No label holds a key, a user or an address of the network.

prometheus_client writes them, so that escaping and both formats are those that Prometheus reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from okx_doctor import __version__
from okx_doctor.model import Health
from okx_doctor.watching.board import Snapshot
from okx_doctor.watching.standing import Result, Standing

PERMISSIONS = ("read_only", "trade", "withdraw")


class SnapshotCollector(Collector):
    """Reads the board when it is scraped; nothing is measured for it."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        """Every metric, with a sample for each key that was checked."""
        snapshot = self._snapshot()
        checked = [(name, each, each.latest) for name, each in sorted(snapshot.standings.items()) if each.latest]
        yield from _health(checked)
        yield from _times(checked)
        yield from _facts(checked)
        yield from _clock(snapshot)
        total = CounterMetricFamily("okx_doctor_checks", "Checks by their result.", labels=["result"])
        for health, number in snapshot.checks.items():
            total.add_metric([health.value], number)
        yield total
        yield _gauge("okx_doctor_build_info", "The version of okx-doctor; always 1.", ["version"], [([__version__], 1)])


def registry(snapshot: Callable[[], Snapshot]) -> CollectorRegistry:
    """A registry that holds these metrics alone."""
    made = CollectorRegistry(auto_describe=False)
    made.register(SnapshotCollector(snapshot))
    return made


def exposition(source: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """The metrics in the format that a scraper accepts, and its content type."""
    encoder, content_type = choose_encoder(accept)
    return encoder(source), content_type


def text(source: CollectorRegistry) -> str:
    """The metrics as node_exporter reads them from a file."""
    return generate_latest(source).decode("utf-8")


Checked = tuple[str, Standing, Result]


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

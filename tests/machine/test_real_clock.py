"""A really wrong clock and a real time server: faketime around the command line, chronyd as its reference.

The exchange and chronyd keep this machine's true time; only the command line's process lives at another.
"""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ntplib
import pytest
import trustme
from msgspec import Struct

from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve import certificates
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.another_time import shifted
from tests.cli.running import CREDENTIALS, Outcome, account, at, clean, in_a_process
from tests.needs import needs, program

pytestmark = [pytest.mark.machine, needs("chronyd", "faketime")]

ATTEMPTS = 1_000
JSON = ("--format", "json")


@pytest.fixture(scope="module")
def chronyd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``host:port`` of a real chronyd that serves this machine's own time and touches no clock."""
    found = program("chronyd")
    folder = tmp_path_factory.mktemp("chronyd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    conf = folder / "chrony.conf"
    conf.write_text(
        f"port {port}\nlocal stratum 8\nallow 127.0.0.1\nbindaddress 127.0.0.1\ncmdport 0\n"
        f"pidfile {folder / 'chronyd.pid'}\n"
    )
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([found, "-x", "-d", "-U", "-f", str(conf)], stdout=log, stderr=log)
    try:
        _await_time_server(running, port, folder / "log")
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        try:
            running.wait(120)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _await_time_server(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Ask until it answers: each question waits at most a tenth of a second for its answer."""
    for _ in range(ATTEMPTS):
        if running.poll() is not None:
            break
        try:
            answer = ntplib.NTPClient().request("127.0.0.1", port=port, version=4, timeout=0.1)
        except (ntplib.NTPException, OSError):
            continue
        if answer.stratum == 8:
            return
    pytest.fail(f"chronyd serves no time: {log.read_text('utf-8', 'replace')}")


class Machine(Struct, frozen=True):
    """Runs the command line at another time, against an exchange and chronyd at the true one."""

    okx: Exchange
    ntp: str
    folder: Path

    def check(self, shift: str, *arguments: str, **variables: str) -> Outcome:
        """``okx-doctor check`` with its clock off by ``shift``, as faketime writes it."""
        return in_a_process(
            "check",
            *arguments,
            env=at(self.okx, OKX_DOCTOR_NTP=self.ntp, **variables),
            cwd=self.folder,
            wrapper=shifted(shift),
        )


@pytest.fixture
def machine(chronyd: str, tmp_path: Path) -> Iterator[Machine]:
    with Exchange(Plan(accounts=(account(),), sites=("global", "eea"))) as okx:
        yield Machine(okx, chronyd, tmp_path)


def agreeing(done: Outcome, offset: float) -> set[str]:
    """The references by which the report says in words that the clock is off by so many seconds, positive where it is
    behind: to a tenth, within the uncertainty that it tells. A busy machine makes that larger, and the offset no less
    true."""
    told = " ".join(line for cause in done.report["verdict"]["causes"] for line in cause["because"])
    pattern = r"clock is ([\d.]+) s (behind|ahead of) (OKX|time servers) \(± ([\d.]+) s\)"
    return {
        reference
        for seconds, way, reference, uncertainty in re.findall(pattern, told)
        if abs((float(seconds) if way == "behind" else -float(seconds)) - offset) <= float(uncertainty) + 0.1
    }


def test_what_a_killed_run_left_behind_stops_no_other_that_gets_its_process_id() -> None:
    """faketime by itself ends at ``sem_open: File exists``."""
    left = 'touch /dev/shm/sem.faketime_sem_$$ /dev/shm/faketime_shm_$$; echo $$; exec "$@"'
    command = ("/bin/sh", "-c", left, "sh", *shifted("+1d"), "date", "+%s")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pid, seconds = done.stdout.split()
    assert float(seconds) - time.time() == pytest.approx(86_400, abs=60)
    assert [left.name for left in Path("/dev/shm").glob(f"*faketime_*_{pid}")] == []


def test_a_clock_that_is_right_is_healthy_against_a_real_time_server(machine: Machine) -> None:
    done = machine.check("+0s", *JSON)
    assert (done.status, done.causes) == (0, {})
    assert done.checks["clock.ntp"] == done.checks["clock.exchange"] == "pass"


@pytest.mark.parametrize("shift", [45, -45])
def test_45_seconds_are_proven_clock_drift_with_the_exact_offset(machine: Machine, shift: int) -> None:
    done = machine.check(f"{shift:+}s", *JSON)
    assert (done.status, done.causes) == (1, {"clock-drift": "proven"})
    assert agreeing(done, -shift) == {"OKX", "time servers"}
    codes = [handled.code for handled in machine.okx.handled if handled.trace]
    assert codes[:3] == ["50102", "0", "50102"], "refused, accepted with OKX's time, refused again"


def test_45_seconds_are_told_in_text_with_the_gauge(machine: Machine) -> None:
    done = machine.check("+45s")
    assert done.status == 1
    assert "clock-drift: proven" in done.text
    assert re.search(r"local clock is 4\d\.\d s ahead of OKX", done.flat)
    assert re.search(r"local clock is 4\d\.\d s ahead of time servers", done.flat)
    assert re.search(r"this clock, 4\d\.\d s ahead, outside", done.text)


def test_4_seconds_are_healthy(machine: Machine) -> None:
    for shift in ("+4s", "-4s"):
        done = machine.check(shift, *JSON)
        assert (done.status, done.causes) == (0, {})


def test_10_seconds_are_a_warning(machine: Machine) -> None:
    done = machine.check("+10s", *JSON)
    assert (done.status, done.causes) == (0, {"clock-drift": "likely"})
    assert done.report["verdict"]["causes"][0]["severity"] == "warning"
    assert "OKX" in agreeing(done, -10)
    assert machine.check("+10s", *JSON, "--fail-on", "warning").status == 1


def test_8_hours_are_a_time_zone(machine: Machine) -> None:
    for shift in ("+8h", "-8h"):
        done = machine.check(shift, *JSON)
        assert (done.status, done.causes) == (1, {"clock-timezone": "proven"})


def test_a_multiple_of_15_minutes_is_a_time_zone_and_20_minutes_are_drift(machine: Machine) -> None:
    assert machine.check("+345m", *JSON).causes == {"clock-timezone": "proven"}
    assert machine.check("-15m", *JSON).causes == {"clock-timezone": "proven"}
    assert machine.check("+20m", *JSON).causes == {"clock-drift": "proven"}


def valid_around_now(validity: str, now: float, names: Iterable[str]) -> certificates.Issued:
    """A certificate that began yesterday and ends tomorrow, as a short-lived one does."""
    issuer = trustme.CA()
    today, day = datetime.fromtimestamp(now, UTC), timedelta(days=1)
    leaf = issuer.issue_cert("localhost", *names, not_before=today - day, not_after=today + day)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    leaf.configure_cert(context)
    return certificates.Issued(context=context, ca_pem=issuer.cert_pem.bytes())


def test_2_days_with_a_certificate_that_is_valid_now_are_the_clocks_fault(
    chronyd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "issue", valid_around_now)
    with Exchange(Plan(accounts=(account(),), sites=("global",), tls="trusted")) as okx:
        (tmp_path / "ca.pem").write_bytes(okx.ca_pem)
        machine = Machine(okx, chronyd, tmp_path)
        trusted = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        now = machine.check("+0s", *JSON, **trusted)
        assert (now.status, now.causes) == (0, {})
        for shift, what in (("+2d", "expired"), ("-2d", "not yet valid")):
            done = machine.check(shift, *JSON, **trusted)
            assert done.status == 1
            assert done.causes == {"tls-clock": "likely", "clock-drift": "likely"}
            assert what in str(done.report["verdict"]["causes"][0]["because"])
    assert not any(handled.trace for handled in okx.handled if handled.code not in ("", "0"))


def test_a_certificate_that_begins_later_is_no_fault_of_a_clock_that_is_right(chronyd: str, tmp_path: Path) -> None:
    """Not yet valid, and chronyd says that the clock is right: the network's fault, status 3. Two days on, it is
    the other way round: the certificate is good, and it is OKX's clock that disagrees."""
    with Exchange(Plan(accounts=(account(),), sites=("global",), tls="not-yet-valid")) as okx:
        (tmp_path / "ca.pem").write_bytes(okx.ca_pem)
        machine = Machine(okx, chronyd, tmp_path)
        trusted = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        right = machine.check("+0s", *JSON, **trusted)
        assert (right.status, list(right.causes)) == (3, ["tls-untrusted"])
        late = machine.check("+2d", *JSON, **trusted)
        assert (late.status, late.causes) == (1, {"clock-drift": "proven"})


def test_a_wrong_clock_is_convicted_by_the_time_server_alone(chronyd: str, tmp_path: Path) -> None:
    """Nothing listens where OKX should be: a cause of its own beside the network's."""
    env = clean(OKX_API_BASE_URL="https://127.0.0.1:9", OKX_DOCTOR_NTP=chronyd)
    done = in_a_process(
        "check",
        *JSON,
        env={**env, **CREDENTIALS},
        cwd=tmp_path,
        wrapper=shifted("-45s"),
    )
    assert done.status == 1
    assert set(done.causes) == {"connection-refused", "clock-drift"}
    assert agreeing(done, 45) == {"time servers"}


def test_a_wrong_clock_hides_no_second_fault(machine: Machine) -> None:
    """OKX stops at the clock; the passphrase is wrong as well."""
    done = machine.check("+45s", *JSON, OKX_PASSPHRASE="Another-passphrase-7")
    assert done.status == 1
    assert done.causes == {"clock-drift": "proven", "passphrase-wrong": "stated"}


def test_the_time_allowed_is_kept_under_a_wrong_clock(machine: Machine) -> None:
    """No deadline is taken from the wall clock: ten times as fast, it would be over before anything was measured."""
    machine.okx.stage(Fault.HANG)
    done = in_a_process(
        "check",
        *JSON,
        "--timeout",
        "10",
        env=at(machine.okx, OKX_DOCTOR_NTP=machine.ntp),
        cwd=machine.folder,
        wrapper=shifted("+45s x10"),
    )
    assert done.status == 1
    assert set(done.causes) == {"connection-timeout", "clock-drift"}

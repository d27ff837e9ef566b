"""``okx-doctor watch`` from the outside: one round against an exchange, its outlets, and how it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.another_time import jumping
from tests.cli.running import CLI, PATIENCE, account, at, clean, okx_doctor
from tests.needs import needs
from tests.watching.keys import accounts, folder, shown, write

pytestmark = pytest.mark.slow

WATCHED = ("bot-1", "bot-2")


@pytest.fixture
def keys() -> tuple[Account, Account]:
    one, two = accounts(2)
    return one, two


@pytest.fixture
def file(tmp_path: Path, keys: tuple[Account, Account]) -> Path:
    return write(tmp_path / "keys.toml", dict(zip(WATCHED, keys, strict=True)))


@contextmanager
def _okx(*known: Account) -> Iterator[Exchange]:
    with Exchange(Plan(accounts=known, ntp="answers")) as exchange:
        yield exchange


def _round(exchange: Exchange, file: Path, *options: str) -> tuple[int, str, str]:
    done = okx_doctor(
        *("watch", "--credentials", str(file), "--all-profiles", "--rounds", "1", "--timeout", "60", *options),
        env=at(exchange),
        cwd=file.parent,
    )
    return done.status, done.text, done.said


def test_one_round_tells_what_is_not_well_and_sums_up(file: Path, keys: tuple[Account, Account]) -> None:
    with _okx(keys[0]) as exchange:
        status, out, said = _round(exchange, file)

    assert (status, said) == (0, "")
    assert [line.split(" ", 1)[1] for line in out.splitlines()] == [
        "bot-2 is unhealthy: api-key-unknown (stated)",
        "first round over 2: 1 healthy, 1 unhealthy",
    ]


def test_json_is_a_line_for_each_and_shows_no_credential(file: Path, keys: tuple[Account, Account]) -> None:
    with _okx(keys[0], replace(keys[1], ip_allowlist=("203.0.113.7",))) as exchange:
        _, out, _ = _round(exchange, file, "--format", "json")
    rows = [json.loads(line) for line in out.splitlines()]

    assert [(row["kind"], row.get("name")) for row in rows] == [("change", "bot-2"), ("notice", None)]
    assert rows[0]["appeared"] == ["ip-not-allowlisted"]
    assert shown(keys, out) == []


def test_parts_watch_all_keys_between_them_each_once(tmp_path: Path) -> None:
    known = {f"bot-{number}": each for number, each in enumerate(accounts(6))}
    file = write(tmp_path / "keys.toml", known)
    with _okx() as exchange:
        outs = [_round(exchange, file, "--shard", f"{index}/2")[1] for index in range(2)]
    told = [[line.split()[1] for line in out.splitlines() if "api-key-unknown" in line] for out in outs]

    assert sorted(told[0] + told[1]) == sorted(known)
    assert all(told)


def test_a_part_without_a_key_waits_for_one(file: Path) -> None:
    with _okx() as exchange:
        outs = [_round(exchange, file, "--shard", f"{index}/90") for index in range(90) if index in (0, 1, 2)]

    assert [status for status, _, _ in outs] == [0, 0, 0]
    assert any(f"no key is in shard {index}/90 yet" in out for index, (_, out, _) in enumerate(outs))


def test_the_one_key_of_the_environment_is_watched_without_a_file(tmp_path: Path) -> None:
    with _okx(account()) as exchange:
        done = okx_doctor("watch", "--rounds", "1", "--timeout", "60", env=at(exchange), cwd=tmp_path)

    assert done.status == 0
    assert done.text.endswith("first round over 1: 1 healthy\n")


def test_the_text_file_holds_the_round_and_nothing_secret(file: Path, keys: tuple[Account, Account]) -> None:
    with _okx(keys[0]) as exchange:
        _round(exchange, file, "--textfile", str(file.parent))
    written = (file.parent / "okx-doctor.prom").read_text("utf-8")

    assert 'okx_doctor_healthy{environment="live",profile="bot-1",site="global"} 1.0' in written
    assert 'okx_doctor_healthy{environment="live",profile="bot-2",site="global"} 0.0' in written
    assert shown(keys, written) == []
    assert "127.0.0.1" not in written


def test_the_program_is_started_for_each_change_and_knows_no_credential(
    file: Path, keys: tuple[Account, Account]
) -> None:
    code = (
        "import json, os, sys; open('got', 'a').write(json.dumps([sys.argv[1:], dict(os.environ), sys.stdin.read()]))"
    )
    with _okx(keys[0]) as exchange:
        _round(exchange, file, "--exec", sys.executable, "-c", code, "--rounds", "$HOME")
    arguments, environ, change = json.loads((file.parent / "got").read_text("utf-8"))

    assert arguments == ["--rounds", "$HOME"]
    assert json.loads(change)["name"] == "bot-2"
    assert shown((*keys, account()), json.dumps([environ, change])) == []
    assert not {"OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"} & set(environ)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--every", "soon"), "--every 'soon' is no interval from 10s to 7d"),
        (("--every", "1s"), "--every '1s' is no interval"),
        (("--listen", "example.com:80"), "--listen 'example.com:80' is no address of this machine"),
        (("--listen", "127.0.0.1:99999"), "is no address of this machine"),
        (("--exec",), "--exec is followed by PROGRAM"),
        (("notify",), "--exec is followed by PROGRAM"),
        (("--textfile", "nowhere"), "cannot write into --textfile nowhere: No such file or directory"),
        (("--credentials", "-"), "name a file or a directory to watch"),
        (("--all-profiles", "--profile", "a"), "leave --profile and --env-file out"),
        (("--shard", "0/2"), "add --all-profiles"),
        *(
            (("--all-profiles", "--shard", part), f"--shard '{part}' is no part; with three of them write 0/3")
            for part in ("3/3", "1", "-1/3", "0/0", "1/1000", "a/b")
        ),
        (("--credentials", "nowhere.toml"), "cannot read the credentials file nowhere.toml"),
        (("--site", "eea", "--timeout", "0"), "the timeout must lie between 0.5 and 600 seconds"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_one_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = okx_doctor("watch", "--rounds", "1", *options, env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert said in done.said


def test_a_port_that_is_taken_is_one_line(file: Path, keys: tuple[Account, Account]) -> None:
    with socket.socket() as taken, _okx(*keys) as exchange:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, out, said = _round(exchange, file, "--listen", str(port))

    assert (status, out) == (2, "")
    assert said == f"okx-doctor: 127.0.0.1, port {port} is taken; name another with --listen\n"


Before = tuple[tuple[str, ...], Mapping[str, str]]
"""What stands before a command, and variables that it is given."""


class Running:
    """A process that watches, and the lines that it tells."""

    def __init__(self, exchange: Exchange, file: Path, *options: str, before: Before = ((), {})) -> None:
        command = [sys.executable, *CLI, "watch", "--credentials", str(file), "--all-profiles", "--timeout", "60"]
        prefix, variables = before
        self.process = subprocess.Popen(
            [*prefix, *command, *options],
            env={**at(exchange), "PYTHONUNBUFFERED": "1", **variables},
            cwd=file.parent,
            bufsize=0,  # a line that was read ahead would not be seen by select
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def line(self, part: str) -> str:
        """The next line that holds this. The test fails where none comes."""
        assert self.process.stdout is not None
        passed_over: list[str] = []
        while select.select([self.process.stdout], [], [], PATIENCE)[0]:
            text = self.process.stdout.readline().decode()
            if part in text:
                return text
            assert text, f"it ended without a line with {part!r}, but with {passed_over}"
            passed_over.append(text)
        pytest.fail(f"no line with {part!r}, but {passed_over}")

    def get(self, port: int, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def end(self, number: int) -> tuple[int, bytes]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err


@contextmanager
def _running(exchange: Exchange, file: Path, *options: str, before: Before = ((), {})) -> Iterator[Running]:
    running = Running(exchange, file, *options, before=before)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)  # with what stands before the command, faketime
        running.process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_it_serves_reads_rotated_credentials_anew_and_ends_cleanly_on_sigterm(
    file: Path, keys: tuple[Account, Account]
) -> None:
    with _okx(*keys) as exchange, _running(exchange, file, "--listen", "0") as running:
        port = int(running.line("metrics at").rpartition(":")[2].partition("/")[0])
        running.line("first round over 2: 2 healthy")
        asked = len(exchange.handled)
        status, metrics = running.get(port, "/metrics")
        rows = json.loads(running.get(port, "/status")[1])["profiles"]

        scraped = len(exchange.handled)

        (stranger,) = accounts(1)
        write(file.parent / "next.toml", {"bot-1": keys[0], "bot-2": stranger}).replace(file)
        running.line("the credentials were read anew: 2 keys")
        changed = running.line("bot-2")

        running.process.send_signal(signal.SIGHUP)
        ended = running.end(signal.SIGTERM)

    assert status == 200
    assert scraped == asked, "OKX is asked nothing for a scrape"
    assert 'okx_doctor_healthy{environment="live",profile="bot-2",site="global"} 1.0' in metrics
    assert [row["status"] for row in rows] == ["healthy", "healthy"]
    assert "bot-2 is unhealthy: api-key-unknown (stated); it was healthy since " in changed
    assert ended == (0, b"")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_hangup_has_the_credentials_read_anew(file: Path, keys: tuple[Account, Account]) -> None:
    with _okx(*keys) as exchange, _running(exchange, file) as running:
        running.line("first round over 2")
        running.process.send_signal(signal.SIGHUP)
        running.line("the credentials were read anew: 2 keys")

        assert running.end(signal.SIGINT) == (0, b"")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_killed_at_any_moment_it_leaves_a_whole_text_file(file: Path, keys: tuple[Account, Account]) -> None:
    folder = file.parent / "metrics"
    folder.mkdir()
    with _okx(*keys) as exchange:
        for _ in range(2):
            with _running(exchange, file, "--textfile", str(folder)) as running:
                running.line("first round over 2")
                running.end(signal.SIGKILL)
            left = [each for each in folder.iterdir() if each.suffix == ".prom"]
            assert [each.name for each in left] in ([], ["okx-doctor.prom"])
            assert all("okx_doctor_build_info" in each.read_text("utf-8") for each in left)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_kubernetes_swap_of_all_mounted_secrets_has_them_read_anew_and_a_profile_that_vanished_is_told(
    tmp_path: Path, keys: tuple[Account, Account]
) -> None:
    mount = tmp_path / "keys"
    for name, key in zip(WATCHED, keys, strict=True):
        folder(mount / "..2026_11_26" / name, key)
        (mount / name).symlink_to(f"..data/{name}")
    (mount / "..data").symlink_to("..2026_11_26")
    (stranger,) = accounts(1)
    folder(mount / "..2026_11_27" / "bot-1", stranger)
    with _okx(*keys) as exchange, _running(exchange, mount) as running:
        running.line("first round over 2: 2 healthy")
        (mount / "..data_tmp").symlink_to("..2026_11_27")
        (mount / "..data_tmp").replace(mount / "..data")
        read = running.line("the credentials were read anew")
        changed = running.line("bot-1")

        assert running.end(signal.SIGTERM) == (0, b"")

    assert read.endswith("the credentials were read anew: 1 key, gone: bot-2\n")
    assert "bot-1 is unhealthy: api-key-unknown (stated); it was healthy since " in changed


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_file_that_becomes_unreadable_is_one_line_until_it_can_be_read_again(
    file: Path, keys: tuple[Account, Account]
) -> None:
    with _okx(*keys) as exchange, _running(exchange, file, "--listen", "0") as running:
        port = int(running.line("metrics at").rpartition(":")[2].partition("/")[0])
        running.line("first round over 2: 2 healthy")
        file.rename(file.with_suffix(".kept"))
        file.mkdir()
        lost = running.line("the keys that were read before go on being watched")
        health, (_, metrics) = running.get(port, "/healthz"), running.get(port, "/metrics")
        file.rmdir()
        file.with_suffix(".kept").rename(file)
        found = running.line("")

        assert running.end(signal.SIGTERM) == (0, b"")

    assert str(file) in lost
    assert health == (200, "ok\n")
    assert metrics.count("okx_doctor_healthy{") == 2
    assert found.endswith("the credentials were read anew: 2 keys\n")


@needs("faketime")
def test_a_clock_that_jumps_is_told_as_that_and_once_it_is_right_again_so_are_the_keys(
    file: Path, keys: tuple[Account, Account]
) -> None:
    clock = file.parent / "clock"
    clock.write_text("+0")
    options = ("--listen", "0", "--rounds", "3")
    with _okx(*keys) as exchange, _running(exchange, file, *options, before=jumping(clock)) as running:
        port = int(running.line("metrics at").rpartition(":")[2].partition("/")[0])
        running.line("first round over 2: 2 healthy")
        clock.write_text("+100")
        file.touch()
        told = sorted(running.line(" is unhealthy: clock-drift").split()[1] for _ in WATCHED)
        health, (_, metrics) = running.get(port, "/healthz"), running.get(port, "/metrics")
        clock.write_text("+0")
        os.utime(file, (1, 1))
        well = sorted(running.line(" is healthy; gone: clock-drift").split()[1] for _ in WATCHED)
        running.process.communicate(timeout=PATIENCE)

    assert running.process.returncode == 0
    assert told == well == sorted(WATCHED)
    assert health == (200, "ok\n"), "the loop's sign of life is on the monotonic clock"
    (offset,) = [
        line for line in metrics.splitlines() if line.startswith('okx_doctor_clock_offset_seconds{reference="okx"')
    ]
    assert abs(float(offset.split()[-1]) + 100) < 60


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root of a Linux can mount a small disk")
def test_a_disk_that_is_full_is_one_line_keeps_the_last_file_and_all_else_goes_on(
    file: Path, keys: tuple[Account, Account]
) -> None:
    small = file.parent / "small"
    small.mkdir()
    script = (
        'mount -t tmpfs -o size=16k tmpfs "$0" && echo old >"$0/okx-doctor.prom" && '
        '{ head -c 65536 /dev/zero >"$0/ballast" 2>"$0/said" || true; } && "$@"; status=$?; '
        'cat "$0/okx-doctor.prom"; ls -A "$0"; exit $status'
    )
    command = [sys.executable, *CLI, "watch", "--credentials", str(file), "--all-profiles", "--timeout", "60"]
    with _okx(*keys) as exchange:
        done = subprocess.run(
            ["unshare", "--mount", "/bin/sh", "-c", script, str(small), *command, "--rounds", "1", "--textfile", small],
            env=at(exchange),
            cwd=file.parent,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    if done.stderr.startswith(("mount:", "unshare:")):
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if "cannot write" in line] == [
        line for line in lines if line.endswith("okx-doctor.prom: No space left on device; the last one stays")
    ]
    assert sum("cannot write" in line for line in lines) == 1
    assert any(line.endswith("first round over 2: 2 healthy") for line in lines)
    assert lines[-4:] == ["old", "ballast", "okx-doctor.prom", "said"]

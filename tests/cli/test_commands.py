"""What each command prints and where: pages, suggestions, pipes, terminals, pure JSON."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import okx_doctor as package
from okx_doctor.catalogue.causes import ids
from okx_doctor.checking.simulation import STAGES
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.protocol.codes import all_codes
from tests.cli.running import CREDENTIALS, Outcome, Run, at, clean, in_a_process, okx_doctor, one_by_one, patched

pytestmark = pytest.mark.slow

COMMANDS = ("check", "explain", "diagnose", "guard")
WRONG_PASSPHRASE = {"OKX_PASSPHRASE": "Another-passphrase-7"}
ESCAPE = b"\x1b"
WINDOWS = sys.platform == "win32"


def all_of(runs: Mapping[str, tuple[str, ...]], cwd: Path, env: Mapping[str, str]) -> dict[str, Outcome]:
    asked: dict[str, Run] = {name: (arguments, env) for name, arguments in runs.items()}
    return one_by_one(asked, cwd=cwd)


# Help and version


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    done = okx_doctor("--version", env=clean(), cwd=tmp_path)
    assert (done.status, done.text) == (0, f"okx-doctor {package.__version__}\n")


def test_help_names_every_command_and_option_within_80_columns(tmp_path: Path) -> None:
    runs = {"": ("--help",), "alone": (), "short": ("-h",)}
    runs |= {name: (name, "--help") for name in COMMANDS}
    ended = all_of(runs, tmp_path, clean(COLUMNS="80"))
    for name, done in ended.items():
        assert (done.status, done.err) == (0, b""), name
        assert max(map(len, done.text.splitlines())) <= 80, name
        assert done.text.splitlines()[0].startswith("Usage: okx-doctor"), name
    assert all(command in ended[""].text for command in COMMANDS)
    assert ended[""].text == ended["alone"].text == ended["short"].text
    options = (
        "env-file site base-url demo live ntp require forbid websocket offline only skip try-case timeout fail-on "
        "format output simulate"
    )
    for option in (f"--{name}" for name in options.split()):
        assert option in ended["check"].text
    assert "Exit status" in ended["check"].text
    assert {"--format", "--output"} <= set(re.findall(r"--\w+", ended["diagnose"].text))


# explain


def test_the_index_names_every_cause_within_80_columns(tmp_path: Path) -> None:
    done = okx_doctor("explain", env=clean(), cwd=tmp_path)
    named = {line.split()[0] for line in done.text.splitlines() if line.startswith("  ")}
    assert set(ids()) <= named
    assert {line for line in done.text.splitlines() if len(line) > 80} == set()


def test_every_cause_and_every_code_can_be_explained(tmp_path: Path) -> None:
    subjects = [*ids(), *dict.fromkeys(row.code for row in all_codes())]
    ended = all_of({name: ("explain", name) for name in subjects}, tmp_path, clean())
    assert {name: done.said for name, done in ended.items() if done.status or done.err} == {}
    for name in ids():
        for heading in ("What it means", "How we know", "Fix", "Check the fix", "Not this if"):
            assert heading in ended[name].text, (name, heading)
    assert "passphrase-wrong" in ended["50105"].text
    assert not any(ESCAPE in done.out for done in ended.values())


def test_what_cannot_be_explained_is_told_with_the_near_one(tmp_path: Path) -> None:
    near = {"clock-drfit": "clock-drift", "050113": "50113", "5010": "", "50131": "", "99999": "", "x1": "", "": ""}
    ended = all_of({name: ("explain", name) for name in near}, tmp_path, clean())
    assert {name: done.said for name, done in ended.items() if not done.is_one_line_of_usage()} == {}
    suggested = {name: re.search(r"did you mean (.*)\?", done.said) for name, done in ended.items()}
    assert {name: found[1] if found else "" for name, found in suggested.items()} == near
    assert all("okx-doctor explain lists the causes" in done.said for done in ended.values())


# diagnose


@pytest.fixture(scope="module")
def saved(standing_okx: Exchange, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    env = at(standing_okx, **WRONG_PASSPHRASE)
    return okx_doctor("check", "--format", "json", env=env, cwd=tmp_path_factory.mktemp("saved")).out


def test_a_saved_report_is_judged_again_from_a_file_and_from_stdin(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_bytes(saved)
    named = okx_doctor("diagnose", "saved.json", "--format", "json", env=clean(), cwd=tmp_path)
    piped = okx_doctor("diagnose", "-", "--format", "json", env=clean(), cwd=tmp_path, stdin=saved)
    assert named.out == piped.out
    assert named.report == json.loads(saved)
    again = okx_doctor("diagnose", "-", "--format", "json", env=clean(), cwd=tmp_path, stdin=named.out)
    assert again.out == named.out


def test_a_report_is_judged_again_without_network(saved: bytes, tmp_path: Path) -> None:
    code = (
        "import socket\n"
        "def no(*_, **__): raise AssertionError('network')\n"
        "socket.getaddrinfo = socket.socket.connect = socket.socket.sendto = socket.socket.bind = no\n"
    )
    done = in_a_process("diagnose", "-", env=clean(), cwd=tmp_path, stdin=saved, start=patched(code))
    assert done.status == 1
    assert "passphrase-wrong" in done.text


NO_REPORT: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"okx-doctor: healthy\n",
    "binary": bytes(range(256)),
    "half": b'{"schema": "okx-doctor/report/1", "checks": [',
    "an array": b"[]",
    "null": b"null",
    "somebody else's": b'{"schema": "package-lock", "checks": []}',
    "another version": b'{"schema": "okx-doctor/report/2", "checks": []}',
    "another schema of ours": b'{"schema": "okx-doctor/inspection/1", "requests": []}',
    "no checks": b'{"schema": "okx-doctor/report/1"}',
    "checks of nothing": b'{"schema": "okx-doctor/report/1", "checks": [null], "target": {}}',
    "too deep": b"[" * 200_000,
    "terminal escapes": b'{"schema": "\x1b[31m"}',
    "escapes in JSON": b'{"schema": "okx-doctor/report/1", "\\u001b[31m": 1, "checks": "\\u001b[31m"}',
    "a huge number": b'{"schema": ' + b"9" * 10_000 + b"}",
    "utf-16": '{"schema": "okx-doctor/report/1"}'.encode("utf-16"),
    "17 megabytes": b'{"schema": "' + b"x" * 17_000_000 + b'"}',
}


def test_what_is_no_report_is_one_line_of_usage(tmp_path: Path) -> None:
    for number, data in enumerate(NO_REPORT.values()):
        (tmp_path / f"{number}.json").write_bytes(data)
    (tmp_path / "folder").mkdir()
    runs = {name: ("diagnose", f"{number}.json") for number, name in enumerate(NO_REPORT)}
    runs |= {name: ("diagnose", name) for name in ("folder", "missing.json", "/dev/null", "")}
    ended = all_of(runs, tmp_path, clean())
    assert {name: done.said for name, done in ended.items() if not done.is_one_line_of_usage()} == {}


def test_more_than_a_report_on_stdin_is_one_line_of_usage(tmp_path: Path) -> None:
    done = okx_doctor("diagnose", "-", env=clean(), cwd=tmp_path, stdin=b" " * 17_000_000)
    assert done.is_one_line_of_usage()


@pytest.mark.parametrize("depth", [900, 990, 5_000, 100_000])
def test_a_report_with_anything_beside_it_however_deep_is_judged_or_refused(
    depth: int, saved: bytes, tmp_path: Path
) -> None:
    deep = saved.rstrip()[:-1] + b', "more": ' + b"[" * depth + b"]" * depth + b"}"
    done = in_a_process("diagnose", "-", env=clean(), cwd=tmp_path, stdin=deep)
    assert done.status == 1 or done.is_one_line_of_usage()
    assert depth > 900 or done.status == 1


def damaged(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, object]]:
    """A report with one value after the other replaced, or left out, by what no run would write."""
    strange: tuple[object, ...] = (None, "\ud800", -1, 10**400, float("nan"), float("inf"), [], {}, "x", True)
    if isinstance(document, (dict, list)):
        for key in list(document) if isinstance(document, dict) else range(len(document)):
            at_key = f"{'/'.join(map(str, path))}/{key}"
            kept = document[key]
            for value in strange:
                document[key] = value
                yield f"{at_key} = {str(value)[:10]!a}", document
            document[key] = kept
            if isinstance(document, dict):
                order = dict(document)
                del document[key]
                yield f"{at_key} left out", document
                document.clear()
                document.update(order)
            yield from damaged(kept, (*path, key))


FUZZ = """
import contextlib, io, json, sys
from okx_doctor.cli.output import REPORT_FORMATS, render
from okx_doctor.checking.assemble import UnusableReport, judge_again
from okx_doctor.checking.checks import ALL
known = set()
for line in sys.stdin:
    name, text = json.loads(line)
    try:
        again = judge_again(text, ALL)
        again.exit_status()
        values = repr(again)
        if values in known:  # the damage was to what is not read: this report has been printed in every form
            continue
        known.add(values)
        for form in REPORT_FORMATS:
            rendered = render((again,), form, "a file")
            rendered.encode()
            if form == 'json':
                json.loads(rendered, parse_constant=lambda word: 1 / 0)
    except UnusableReport:
        pass
    except Exception as error:
        print(json.dumps([name, type(error).__name__]))
"""


def test_a_report_damaged_anywhere_is_judged_or_refused_and_crashes_nothing(saved: bytes, tmp_path: Path) -> None:
    """One damage at a time, thousands of them: too many for a process each, so below the command line."""
    peeled = ("wrong-site", "clock-drift,passphrase-wrong", "credentials-swapped", "env-file-mangled")
    runs = {cause: ("check", f"--simulate={cause}", "--format", "json") for cause in peeled}
    documents = [json.loads(saved), *(done.report for done in all_of(runs, tmp_path, clean()).values())]
    cases: list[str] = []
    for number, document in enumerate(documents):
        every = 5 if number == 0 else 3  # of the peeled ones only what the conversation says
        found = [
            json.dumps([name, json.dumps(document)])
            for name, _ in damaged(document)
            if "signed_calls" in name or "corrections" in name or not number
        ]
        cases += found[::every]
    for document in documents[1:]:
        for check in document["checks"]:
            without = {**document, "checks": [other for other in document["checks"] if other is not check]}
            cases.append(json.dumps([f"no {check['id']}", json.dumps(without)]))
            for name in check["observations"]:
                kept = {key: rows for key, rows in check["observations"].items() if key != name}
                checks = [{**other, "observations": kept} if other is check else other for other in document["checks"]]
                cases.append(json.dumps([f"no {name}", json.dumps({**document, "checks": checks})]))
    assert len(cases) > 500
    done = in_a_process(env=clean(), cwd=tmp_path, stdin="\n".join(cases).encode(), start=("-c", FUZZ), seconds=300)
    assert done.said == ""
    crashed: dict[str, list[str]] = {}
    for line in done.text.splitlines():
        name, error = json.loads(line)
        crashed.setdefault(error, []).append(name)
    assert {error: (len(names), names[:5]) for error, names in crashed.items()} == {}


# Simulation


def test_a_simulation_needs_no_account_and_no_settings(tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate", env=clean(), cwd=tmp_path)
    assert done.status == 0
    assert "healthy" in done.text
    assert "Simulated" in done.text
    assert list(tmp_path.iterdir()) == []


def test_a_simulation_reads_none_of_the_users_settings(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OKX_PASSPHRASE='\n")
    env = at(okx, OKX_DEMO="1", OKX_SITE="tr", OKX_API_BASE_URL="`x`", SSL_CERT_FILE="missing")
    assert okx_doctor("check", "--simulate", env=env, cwd=tmp_path).status == 0
    assert not okx.handled


def test_an_unknown_cause_to_simulate_is_told_with_the_choices(tmp_path: Path) -> None:
    unknown = okx_doctor("check", "--simulate=nothing-like-it-7", env=clean(), cwd=tmp_path)
    assert unknown.is_one_line_of_usage()
    assert all(cause in unknown.said for cause in STAGES)
    near = okx_doctor("check", "--simulate=clock-drif", env=clean(), cwd=tmp_path)
    assert "did you mean clock-drift" in near.said


def test_a_simulated_fault_is_found_alone_and_stacked(tmp_path: Path) -> None:
    runs = {
        name: ("check", f"--simulate={name}", "--format", "json")
        for name in ("clock-drift", "wrong-site", "clock-drift,wrong-environment")
    }
    ended = all_of(runs, tmp_path, clean())
    assert {name: ",".join(done.causes) for name, done in ended.items()} == {name: name for name in runs}
    assert {done.status for done in ended.values()} == {1}


# Pipes


def test_no_escape_sequence_goes_into_a_pipe(okx: Exchange, saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "saved.json").write_bytes(saved)
    forced = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    runs = {
        "healthy": ("check",),
        "diagnose": ("diagnose", "saved.json"),
        "explain": ("explain", "clock-drift"),
        "index": ("explain",),
        "help": ("check", "--help"),
        "usage": ("check", "--only", "nope"),
    }
    for done in all_of(runs, tmp_path, at(okx, **forced)).values():
        assert ESCAPE not in done.out + done.err


def test_a_report_is_readable_at_80_columns(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OKX_PASSPHRASE='Another-phrase-7'\n")
    runs = {
        "healthy": ("check",),
        "causes": ("check", "--require", "withdraw", "--base-url", "https://127.0.0.1:9"),
        "offline": ("check", "--offline"),
        "simulated": ("check", "--simulate=clock-drift,ip-not-allowlisted"),
    }
    for name, done in all_of(runs, tmp_path, at(okx)).items():
        assert {line for line in done.text.splitlines() if len(line) > 80} == set(), name


def test_json_on_stdout_is_pure_and_stderr_is_silent(okx: Exchange, tmp_path: Path) -> None:
    okx.stage(Fault.HANG)
    hanging = in_a_process("check", "--format", "json", "--timeout", "3", env=at(okx), cwd=tmp_path)
    okx.stage(None)
    (tmp_path / ".env").write_text("'\nOKX_PASSPHRASE='never closed\nOKX_PASSWORD=an-alias\n")
    odd = okx_doctor("check", "--format", "json", env=at(okx), cwd=tmp_path)
    simulated = okx_doctor("check", "--simulate", "--format", "json", env=clean(), cwd=tmp_path)
    for done in (hanging, odd, simulated):
        assert json.loads(done.out)["schema"] == "okx-doctor/report/1"
        assert done.err == b""


def test_a_process_without_utf_8_gets_a_report_all_the_same(okx: Exchange, tmp_path: Path) -> None:
    for variables in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}):
        done = in_a_process("check", env=at(okx, **variables), cwd=tmp_path)
        assert (done.status, done.err) == (0, b"")
        page = in_a_process("explain", "clock-drift", env=clean(**variables), cwd=tmp_path)
        assert (page.status, page.err) == (0, b"")


# Terminals


class Terminal:
    """A program on a pseudo-terminal: its stderr, and its stdout too unless that is piped."""

    def __init__(self, *arguments: str, env: Mapping[str, str], cwd: Path, piped: bool = False) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self._terminal, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.shown = b""
        self.piped = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "okx_doctor", *arguments],
            env={"TERM": "xterm-256color", **env},
            cwd=cwd,
            stdin=slave,
            stdout=subprocess.PIPE if piped else slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def until(self, pattern: bytes, seconds: float = 120.0) -> bytes:
        """Read until the pattern is shown, or to the end."""
        while not re.search(pattern, self.shown):
            ready, _, _ = select.select([self._terminal], [], [], seconds)
            assert ready, f"nothing more within {seconds} seconds; shown: {self.shown!r}"
            if not self._read():
                break
        return self.shown

    def _read(self) -> bool:
        try:
            more = os.read(self._terminal, 65536)
        except OSError:  # Linux says EIO when the last writer has gone
            return False
        self.shown += more
        return bool(more)

    def end(self) -> int:
        """Read everything to the end."""
        while True:
            ready, _, _ = select.select([self._terminal], [], [], 20.0)
            assert ready, f"not ended; shown: {self.shown!r}"
            if not self._read():
                break
        if self.process.stdout:
            with self.process.stdout as stream:
                self.piped = stream.read()
        return self.process.wait(120)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self._terminal)


@contextmanager
def terminal(*arguments: str, env: Mapping[str, str], cwd: Path, piped: bool = False) -> Iterator[Terminal]:
    shown = Terminal(*arguments, env=env, cwd=cwd, piped=piped)
    try:
        yield shown
    finally:
        shown.close()


on_a_terminal = pytest.mark.skipif(WINDOWS, reason="Windows has no pseudo-terminals in Python")
COLOUR = rb"\x1b\[[0-9;]*m"


@on_a_terminal
def test_a_terminal_shows_colour_and_no_color_and_dumb_ones_do_not(okx: Exchange, tmp_path: Path) -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        with terminal("check", env=at(okx, **WRONG_PASSPHRASE, **variables), cwd=tmp_path) as shown:
            assert shown.end() == 1
            assert bool(re.search(COLOUR, shown.shown)) is coloured
            assert b"passphrase-wrong" in shown.shown
            if not coloured:
                assert ESCAPE not in shown.shown


@on_a_terminal
def test_a_quick_run_shows_no_spinner(okx: Exchange, tmp_path: Path) -> None:
    with terminal("check", env=at(okx), cwd=tmp_path) as shown:
        assert shown.end() == 0
        assert b"waiting" not in shown.shown


@on_a_terminal
def test_a_spinner_names_what_is_pending_and_leaves_pure_json_on_stdout(okx: Exchange, tmp_path: Path) -> None:
    okx.stage(Fault.HANG)
    arguments = ("check", "--timeout", "4", "--format", "json")
    with terminal(*arguments, env=at(okx), cwd=tmp_path, piped=True) as shown:
        shown.until(rb"(network\.connection|signed\.config)")
        assert re.search(rb"waiting for [a-z., ]*(network\.connection|signed\.config)", shown.shown)
        assert b"credentials.shape" not in shown.shown
        assert shown.end() == 3
        assert json.loads(shown.piped)["status"] == "undetermined"
        assert ESCAPE not in shown.piped
        lines = re.split(rb"\r\x1b\[K", shown.shown)
        assert lines[-1] == b"", "the spinner wipes itself out"
        assert max(map(len, lines)) <= 80


@on_a_terminal
def test_a_spinner_stays_off_where_stderr_is_no_terminal(okx: Exchange, tmp_path: Path) -> None:
    okx.stage(Fault.HANG)
    done = in_a_process("check", "--timeout", "3", env=at(okx), cwd=tmp_path)
    assert (done.status, done.err) == (3, b"")


_LOST = """
import weakref
from okx_doctor import cli
from okx_doctor.__main__ import main

class Given:
    pass

def ctrl_c(_):
    raise KeyboardInterrupt

def get_command(self, ctx, name, found=cli.LazyGroup.get_command):
    given = Given()
    kept = weakref.ref(given, ctrl_c)
    del given
    return found(self, ctx, name)

cli.LazyGroup.get_command = get_command
main()
"""
"""The command line, which gets Ctrl-C where Python cannot raise it: at the callback of a reference, as imports have."""


@pytest.mark.parametrize("command", [("listen", "--generate", "--port", "0"), ("check", "--simulate")])
def test_ctrl_c_where_python_drops_it_is_not_lost(command: tuple[str, ...], tmp_path: Path) -> None:
    done = in_a_process(*command, env=clean(), cwd=tmp_path, start=("-c", _LOST))

    assert done.status == 130
    assert "Traceback" not in done.said and "ignored" not in done.said


@on_a_terminal
def test_ctrl_c_ends_a_run_at_once_with_130_and_no_traceback(okx: Exchange, tmp_path: Path) -> None:
    okx.stage(Fault.HANG)
    with terminal("check", "--timeout", "60", env=at(okx), cwd=tmp_path) as shown:
        shown.until(b"waiting for")
        os.killpg(shown.process.pid, signal.SIGINT)
        assert shown.end() == 130
        assert b"Traceback" not in shown.shown


@on_a_terminal
def test_a_file_that_is_written_has_no_colour_even_from_a_terminal(okx: Exchange, tmp_path: Path) -> None:
    with terminal("check", "--output", "report.txt", env=at(okx), cwd=tmp_path) as shown:
        assert shown.end() == 0
    assert ESCAPE not in (tmp_path / "report.txt").read_bytes()


def test_credentials_come_from_the_environment_before_any_file(okx: Exchange, tmp_path: Path) -> None:
    """The env file's passphrase is wrong; it is shadowed, and the report says so."""
    (tmp_path / ".env").write_text("OKX_PASSPHRASE='Another-phrase-7'\n")
    (tmp_path / "my.env").write_text(
        "".join(f"{name}='{value}'\n" for name, value in CREDENTIALS.items() if "PASS" not in name)
    )
    bare = {name: value for name, value in at(okx).items() if name not in ("OKX_API_KEY", "OKX_SECRET_KEY")}
    assert okx_doctor("check", "--env-file", "my.env", env=bare, cwd=tmp_path).status == 0
    assert okx_doctor("check", env=bare, cwd=tmp_path).status == 1
    only_file = {name: value for name, value in at(okx).items() if name != "OKX_PASSPHRASE"}
    assert okx_doctor("check", env=only_file, cwd=tmp_path).status == 1
    assert okx_doctor("check", "--no-env-file", env=at(okx), cwd=tmp_path).status == 0

"""The exit status of every command where stdout or stderr is closed, full, or read by nobody."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.cli.running import CREDENTIALS, clean

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")]

STATES = ("caught", "closed", "full", "left")
LOST = {"caught": None, "closed": 3, "full": 3, "left": 141}
"""What becomes of the status where stdout is so: 141 is what a shell says of a reader who left early."""

SIGNER = """
import base64, hmac, json, sys
for line in sys.stdin:
    asked = json.loads(line)
    text = asked["timestamp"] + asked["method"] + asked["path"] + asked["body"]
    print(base64.b64encode(hmac.digest(asked["secret"].encode(), text.encode(), "sha256")).decode())
"""
CAPTURE = {"method": "GET", "url": "https://www.okx.com/api/v5/account/balance", "headers": {"OK-ACCESS-KEY": "1"}}
COMMANDS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "nothing": ((), 0),
    "help": (("--help",), 0),
    "version": (("--version",), 0),
    "a command's help": (("explain", "--help"), 0),
    "check": (("check", "--offline"), 0),
    "check with a cause": (("check", "--offline", "--env-file", "cut.env"), 1),
    "check in JSON": (("check", "--offline", "--format", "json"), 0),
    "check for GitHub": (("check", "--offline", "--format", "github"), 0),
    "decode": (("decode", "50113"), 0),
    "explain": (("explain",), 0),
    "explain a cause": (("explain", "clock-drift"), 0),
    "explain a code": (("explain", "50102"), 0),
    "inspect": (("inspect", "capture.json"), 1),
    "inspect in JSON": (("inspect", "capture.json", "--format", "json"), 1),
    "listen": (("listen", "--generate", "--port", "0", "--until-idle", "0.1"), 3),
    "export vectors": (("test-signer", "--export", "-"), 0),
    "test-signer": (("test-signer", "--timeout", "300", "--", sys.executable, "-c", SIGNER), 0),
    "sign": (("sign", "GET", "/api/v5/account/balance"), 0),
    "env": (("env", "cut.env"), 1),
    "env dialects": (("env", "--dialects"), 0),
    "diagnose": (("diagnose", "report.json"), 0),
    "guard": (("guard", "leak.py"), 1),
    "wrong usage": (("check", "--bogus"), 2),
    "no such command": (("chekc",), 2),
    "an unreadable file": (("inspect", "missing.json"), 2),
}
SILENT = {"wrong usage", "no such command", "an unreadable file"}
"""These have nothing to write on stdout."""


def run_all(runs: Sequence[Mapping[str, object]], cwd: Path) -> list[dict[str, object]]:
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("streams.py")), str(writing)],
        env=clean(),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(writing,),
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as told, child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(runs).encode())
        child.stdin.close()
        rows = [json.loads(line) for line in told]
        said = child.stderr.read() if child.stderr else b""
    assert len(rows) == len(runs), (runs[len(rows)], said.decode())
    return rows


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("streams")
    (folder / "cut.env").write_text("OKX_PASSPHRASE=\"un$closed\nOKX_SECRET_KEY='a b' c\n")
    (folder / "capture.json").write_text(json.dumps(CAPTURE))
    (folder / "leak.py").write_text(f"OKX_SECRET_KEY = '{CREDENTIALS['OKX_SECRET_KEY']}'\n")
    saving = [sys.executable, "-m", "okx_doctor", "check", "--offline", "--format", "json", "--output", "report.json"]
    subprocess.run(saving, env=clean(**CREDENTIALS), cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def ended(place: Path) -> Mapping[tuple[str, str, str], dict[str, object]]:
    """Every command with stdout and stderr in every state."""
    asked = [(name, out, err) for name in COMMANDS for out in STATES for err in STATES]
    runs = []
    for name, out, err in asked:
        arguments = COMMANDS[name][0]
        env = clean(**({} if "cut.env" in arguments else CREDENTIALS))
        runs.append({"arguments": arguments, "env": env, "out": out, "err": err})
    return dict(zip(asked, run_all(runs, place), strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_status_says_what_became_of_a_command_whatever_its_streams_are(
    name: str, ended: Mapping[tuple[str, str, str], dict[str, object]]
) -> None:
    usual = COMMANDS[name][1]
    wrong = {}
    for out in STATES:
        for err in STATES:
            lost = None if name in SILENT else LOST[out]
            status = ended[name, out, err]["status"]
            if status != (usual if lost is None else lost):
                wrong[out, err] = status
    assert wrong == {}


def test_no_stream_brings_a_traceback_or_a_bug_of_its_own(
    ended: Mapping[tuple[str, str, str], dict[str, object]],
) -> None:
    said = {asked: base64.b64decode(str(done["err"])).decode() for asked, done in ended.items()}
    assert {asked: text for asked, text in said.items() if "Traceback" in text or "bug" in text} == {}


def test_a_report_that_is_lost_is_one_line_on_stderr(
    ended: Mapping[tuple[str, str, str], dict[str, object]],
) -> None:
    for name in sorted({*COMMANDS} - SILENT - {"guard"}):
        for out in ("closed", "full"):
            lines = base64.b64decode(str(ended[name, out, "caught"]["err"])).decode().splitlines()
            assert len(lines) == 1, (name, out, lines)
            assert lines[0].startswith("okx-doctor: "), (name, out, lines)


REALLY = {
    "check --bogus 2>/dev/full": 2,
    "check --bogus 2>&-": 2,
    "check --offline >/dev/full 2>/dev/full": 3,
    "explain >&-": 3,
    "--help >/dev/full": 3,
    "--version >&- 2>&-": 3,
}


def test_the_process_itself_ends_with_that_status(tmp_path: Path) -> None:
    """Through a shell, from the start of Python to its end."""
    statuses = {}
    for line in REALLY:
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$0" -m okx_doctor {line}', sys.executable],
            env=clean(**CREDENTIALS),
            cwd=tmp_path,
            capture_output=True,
            timeout=60,
            check=False,
        )
        statuses[line] = done.returncode
        assert b"Traceback" not in done.stderr
    assert statuses == REALLY

"""Nothing secret is written anywhere, and files are for their owner alone."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from websockets.sync.client import connect as open_socket

from okx_doctor.gate.accounts import Account
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret
from tests.cli.canary import Canary
from tests.cli.running import API_KEY, PASSPHRASE, SECRET, Run, clean, one_by_one
from tests.gate.bot import (
    ORDER,
    keyed,
    raw,
    send,
    signed,
    with_header,
)
from tests.listening.command import running, until

pytestmark = pytest.mark.slow

OTHER_KEY = "0badf00d-77aa-4e1c-9d52-64c1fe3ab985"
OTHER_SECRET = "D41E8A7730B95FC2664AE9017C3D85BF"
OTHER_PASSPHRASE = "Qj!7_Old-phrase%9&z"


def _forms(value: str) -> tuple[str, ...]:
    coded = base64.b64encode(value.encode()).decode()
    return value, quote(value, safe=""), coded, value.encode().hex(), value.swapcase(), json.dumps(value)[1:-1]


def _positions(right: WireRequest, text: str) -> Iterator[WireRequest]:
    """One piece of text wherever a bot could put it by mistake."""
    yield replace(right, target=f"{right.target}?x={text}")
    yield replace(right, target=f"/api/v5/{text}")
    yield replace(right, target=f"/{text}/public/time?{text}")
    for body in (text, json.dumps({"x": text}), f"x={quote(text)}", f"\xff{text}"):
        yield replace(right, method="POST", target=ORDER, body=body.encode("latin-1"))
    for name in ("OK-ACCESS-KEY", "OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP", "OK-ACCESS-PASSPHRASE"):
        yield with_header(right, name, text)
        yield replace(with_header(right, name, None), headers=(*right.headers, (name, text)))
    for name in (
        "OK_ACCESS_PASSPHRASE",
        "OK-ACCES-KEY",
        "User-Agent",
        "Authorization",
        "X-Secret",
        "Cookie",
        "Content-Type",
    ):
        yield replace(right, headers=(*right.headers, (name, text)))


def _of_another_account(account: Account) -> Iterator[WireRequest]:
    """Values that were not loaded, sent as credentials and, by mistake, elsewhere as well."""
    other = replace(account, api_key=OTHER_KEY, passphrase=Secret(OTHER_PASSPHRASE), secret=Secret(OTHER_SECRET))
    right = signed(other, now=time.time())
    for value in (OTHER_PASSPHRASE, OTHER_KEY):
        for text in _forms(value)[:1]:
            yield from _positions(right, text)
    known = replace(keyed(account, API_KEY), headers=(*right.headers, ("X-Secret-Key", OTHER_SECRET)))
    for text in _forms(OTHER_SECRET)[:1]:
        yield from _positions(known, text)


@pytest.mark.parametrize(("form", "spelled"), [("text", slice(0, 6, 2)), ("json", slice(1, 6, 2))])
def test_no_credential_is_written_wherever_a_bot_puts_it(tmp_path: Path, form: str, spelled: slice) -> None:
    with running(tmp_path, "--format", form, "--output", "out", "--record", "record") as okx:
        ready = okx.ready_file.read_bytes()
        right = signed(okx.account, now=time.time())
        sent = [
            request
            for value in (SECRET, PASSPHRASE, API_KEY)
            for text in _forms(value)[spelled]
            for request in _positions(right, text)
        ]
        answers = [send(okx.url, raw(request)).body for request in (*sent, *_of_another_account(okx.account))]
        with open_socket(f"{okx.ready['ws_url']}/ws/v5/private", proxy=None) as connection:
            for text in (SECRET, PASSPHRASE, OTHER_PASSPHRASE):
                fields = dict.fromkeys(("apiKey", "passphrase", "timestamp", "sign", "x"), text)
                connection.send(json.dumps({"op": "login", "args": [fields]}))
                answers.append(str(connection.recv(timeout=120)).encode())
                connection.send(json.dumps({"op": "subscribe", "args": [{"channel": f"candle{text}", "x": text}]}))
                connection.recv(timeout=120)
        status, out, err = okx.end(seconds=120)

    assert (status, err) == (1, "")
    canary = Canary((SECRET, PASSPHRASE, OTHER_SECRET, OTHER_PASSPHRASE), (API_KEY, OTHER_KEY))
    written = {"out": (tmp_path / "out").read_bytes(), "record": (tmp_path / "record").read_bytes()}
    assert written["out"].count(b"\n") >= len(sent) and written["record"].count(b"\n") > len(sent) // 2
    assert canary.leaks({**written, "stdout": out.encode(), "ready file": ready}) == {}
    assert Canary((SECRET, PASSPHRASE, OTHER_SECRET, OTHER_PASSPHRASE)).leaks({"answers": b"\n".join(answers)}) == {}


def test_the_worker_is_handed_the_credentials_by_its_pipe_and_nowhere_else(tmp_path: Path) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("reads /proc")
    with running(tmp_path) as okx:
        until(okx.workers)
        (worker,) = okx.workers()
        until(lambda: b"okx_doctor.listening" in Path(f"/proc/{worker}/cmdline").read_bytes())
        told = {name: Path(f"/proc/{worker}/{name}").read_bytes() for name in ("environ", "cmdline")}

    assert Canary((SECRET, PASSPHRASE), (API_KEY,)).leaks(told) == {}


def test_the_worker_runs_nothing_that_lies_in_the_folder_it_is_started_in(tmp_path: Path) -> None:
    for name in ("pickle", "struct", "json", "okx_doctor"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n")
    start = ("-P", "-c", "from okx_doctor.cli import main; main()")
    with running(tmp_path, "--output", "out", start=start) as okx:
        assert send(okx.url, okx.mistaken()).status == 401
        until(lambda: "OKX expects" in (tmp_path / "out").read_text())

    assert not (tmp_path / "run").exists()


OPTIONS = ("--output", "--record", "--ready-file", "--tls")


def test_every_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    named = [part for option in OPTIONS if option != "--ready-file" for part in (option, option.strip("-"))]
    (tmp_path / "output").write_text("of another run, longer than what comes now\n" * 100)
    (tmp_path / "output").chmod(0o644)
    with running(tmp_path, *named) as okx:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes == {"output": 0o600, "record": 0o600, "tls": 0o600, "ready.json": 0o600}
        assert "of another run" not in (tmp_path / "output").read_text()
        okx.end()


@pytest.mark.parametrize("what", ["symlink", "dangling symlink", "hard link", "FIFO", "folder"])
def test_a_target_that_leads_elsewhere_is_refused_in_one_line_and_untouched(tmp_path: Path, what: str) -> None:
    runs: dict[str, Run] = {}
    for option in OPTIONS:
        folder = tmp_path / option.strip("-")
        folder.mkdir()
        elsewhere, place = folder / "elsewhere", folder / "target"
        elsewhere.write_text("precious")
        elsewhere.chmod(0o644)
        match what:
            case "symlink":
                place.symlink_to(elsewhere)
            case "dangling symlink":
                place.symlink_to(folder / "nothing")
            case "hard link":
                os.link(elsewhere, place)
            case "FIFO":
                os.mkfifo(place)
            case "folder":
                place.mkdir()
        options = ("listen", "--generate", "--port", "0", "--until-idle", "0.1", option, str(place))
        runs[option] = (options, clean())
    if what == "hard link":
        del runs["--ready-file"]  # a new file takes its place, and the other name keeps what it holds

    ended = one_by_one(runs, cwd=tmp_path)

    assert {option: done.said for option, done in ended.items() if not done.is_one_line_of_usage()} == {}
    for option in OPTIONS:
        elsewhere = tmp_path / option.strip("-") / "elsewhere"
        assert (elsewhere.read_text(), stat.S_IMODE(elsewhere.stat().st_mode)) == ("precious", 0o644)
        assert {path.name for path in elsewhere.parent.iterdir()} == {"elsewhere", "target"}

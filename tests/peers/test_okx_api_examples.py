"""The examples in the README of npm's okx-api, as its package brings it, under ``okx-doctor run``.

Each runs as it is written there, at OKX's own addresses. Keys are put in where it says they go; and since two of them
would go on for ever, they are given an end: when what they asked for has come.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.confining.running import USERS, required
from tests.needs import needs, program
from tests.peers.installing import packages
from tests.peers.listeners import Keys, variables
from tests.peers.sealing import run_sealed

pytestmark = [pytest.mark.peer, pytest.mark.slow, needs("node", "npm")]

NODE = Path(__file__).parent / "node"
DEAD = "websocket-port-retired"
LOGGED_IN_TWICE = "60031"
"""For a call over a socket it logs in once more where it has just done so."""
KEYS = Keys(
    api_key="c0ffee00-1234-4abc-8def-0123456789ab",
    secret="5A1E7C0DE5A1E7C0DE5A1E7C0DE5A1E7",
    passphrase="Right-Passphrase7$#",
)
PLACES = {"apiKeyHere": KEYS.api_key, "apiSecretHere": KEYS.secret, "apiPassHere": KEYS.passphrase}
NAMES = {"API_KEY_COM": KEYS.api_key, "API_SECRET_COM": KEYS.secret, "API_PASSPHRASE_COM": KEYS.passphrase}
PUSHED = ("account", "positions", "instruments", "tickers")
ENDS_WHEN_PUSHED = f"""
const waited = new Set({json.dumps(PUSHED)});
wsClient.on('update', ({{ arg }}) => {{ if (waited.delete(arg.channel) && !waited.size) process.exit(0); }});
"""


class Ran(Struct, frozen=True, kw_only=True):
    """An example that was run: the lines about what it sent, and what it printed itself."""

    status: int
    rows: list[dict[str, Any]]
    printed: str

    @property
    def accepted(self) -> list[str]:
        """What it asked for over a socket and was given, and for what else it was accepted."""
        return [row["reason"] or str(row["target"]).partition("?")[0] for row in self.rows if row["accepted"]]

    @property
    def causes(self) -> set[str]:
        return {cause["id"] for row in self.rows for cause in row["causes"]}


@pytest.fixture(autouse=True)
def _sealable() -> None:
    required(USERS[0] if os.geteuid() == 0 else USERS[1])


def example(starting: str) -> str:
    """The one example of the README with these words in it."""
    text = (packages(NODE) / "node_modules/okx-api/README.md").read_text("utf-8")
    blocks: list[str] = re.findall(r"^```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    found = [code for code in blocks if starting in code]
    assert len(found) == 1, found
    return found[0]


def run(code: str, folder: Path) -> Ran:
    """Run an example sealed off, to its own end."""
    (folder / "node_modules").symlink_to(packages(NODE) / "node_modules")
    (folder / "example.mjs").write_text(code, "utf-8")
    done, rows = run_sealed([program("node"), "example.mjs"], folder, {**variables(KEYS), **NAMES})
    return Ran(status=done.returncode, rows=rows, printed=done.stdout + done.stderr)


def test_the_example_of_rest_buys_and_sells(tmp_path: Path) -> None:
    code = example("new RestClient({")
    for place, value in PLACES.items():
        assert place in code
        code = code.replace(place, value)

    ran = run(code, tmp_path)

    assert ran.accepted == ["/api/v5/account/balance", "/api/v5/trade/order", "/api/v5/trade/order"], ran.printed
    assert [row["answer"]["code"] for row in ran.rows] == ["0", "0", "0"]
    assert "Sell order result:" in ran.printed and "request failed" not in ran.printed
    assert ran.status == 0, ran.printed


def test_the_example_of_orders_over_a_socket_places_them(tmp_path: Path) -> None:
    code = example("new WebsocketAPIClient({")
    start = "\nstart();\n"
    assert code.endswith(start)

    ran = run(f"{code.removesuffix(start)}\nawait start();\nprocess.exit(0);\n", tmp_path)

    assert ran.accepted == ["login", "order", "batch-orders"], ran.printed
    assert "Exception with WS API" not in ran.printed
    assert {row["answer"]["code"] for row in ran.rows if row["kind"] == "message"} <= {"0", LOGGED_IN_TWICE}
    assert ran.causes == {DEAD}, ran.printed


def test_the_example_of_channels_is_pushed_each_of_them(tmp_path: Path) -> None:
    code = example("channel: 'tickers',")

    ran = run(f"{code}{ENDS_WHEN_PUSHED}", tmp_path)

    subscribed = {f"subscribe {name}" for name in PUSHED}
    assert set(ran.accepted) == {"login", *subscribed}, ran.printed
    assert {row["answer"]["code"] for row in ran.rows if row["kind"] == "message"} <= {"0", LOGGED_IN_TWICE}
    assert ran.causes == {DEAD}, ran.printed

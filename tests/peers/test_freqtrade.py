"""freqtrade with ``dry_run`` off, in spot and in futures: it enters, is filled, exits, and gives an order up."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.peers.freqtrade_settings import settings, trading
from tests.peers.listeners import Listener, clean_environment, variables

pytestmark = [
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("freqtrade") is None, reason="needs the Python package freqtrade"),
]
PATIENCE_SECONDS = 240
ORDERS = "select ft_order_side from orders where status = 'closed'"
GIVEN_UP = "order fully cancelled"
"""It says so; such an order is not kept in its database."""


@pytest.mark.parametrize(("mode", "entries"), [("spot", {"buy"}), ("futures", {"buy", "sell"})])
def test_it_enters_is_filled_exits_and_cancels(
    mode: str, entries: set[str], listen: Callable[..., Listener], tmp_path: Path
) -> None:
    at = listen()
    at.heard()
    database = tmp_path / "trades.sqlite"
    command = trading(tmp_path, _config(at, mode), f"sqlite:///{database}")
    said = tmp_path / "said.txt"
    with said.open("w", encoding="utf-8") as out:
        bot = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=clean_environment(HOME=str(tmp_path)))
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (_traded(database, entries) and GIVEN_UP in said.read_text("utf-8")):
            assert bot.poll() is None and time.monotonic() < deadline, said.read_text("utf-8")
            time.sleep(0.5)
        bot.send_signal(signal.SIGINT)
        assert bot.wait(PATIENCE_SECONDS) == 128 + signal.SIGINT
    finally:
        bot.kill()
        bot.wait()

    assert all(line.accepted for line in at.heard())


def _traded(database: Path, entries: set[str]) -> bool:
    """Whether orders were filled on each side and trades closed that began so."""
    if not database.exists():
        return False
    with closing(connect(database)) as held:
        if not held.execute("select name from sqlite_master where name = 'orders'").fetchone():
            return False
        filled = {side for (side,) in held.execute(ORDERS)}
        begun = {
            "sell" if short else "buy" for (short,) in held.execute("select is_short from trades where not is_open")
        }
    return filled == {"buy", "sell"} and begun >= entries


def _config(at: Listener, mode: str) -> dict[str, object]:
    return {
        **settings(at.url, at.ws_url, variables(at.keys), mode),
        "cancel_open_orders_on_exit": True,
        "unfilledtimeout": {"entry": 5, "exit": 20, "unit": "seconds"},
        "internals": {"process_throttle_secs": 1},
    }

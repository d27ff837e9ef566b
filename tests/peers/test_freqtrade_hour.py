"""freqtrade with ``dry_run`` off over an hour of the made-up market, in seconds: it trades as it does in an hour.

Bot and exchange have one clock. It stands still while either of them does something, and goes on by as much as the bot
sleeps: so everything happens at its time, in the same order, however slow the machine is, and no timestamp grows old.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import threading
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from sqlite3 import connect

import pytest
from msgspec import Struct

from okx_doctor.testing import OkxExchange
from tests.another_time import jumping
from tests.needs import needs
from tests.peers.freqtrade_settings import PYTHON, settings, trading
from tests.peers.listeners import clean_environment

pytestmark = [
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("freqtrade") is None, reason="needs the Python package freqtrade"),
    needs("faketime"),
]
BEGIN = 1_790_000_040
"""In 2026, at a full minute."""
HOUR = 3600
ROUND_SECONDS = 20
PATIENCE_SECONDS = 900
GIVEN_UP = "order fully cancelled"
"""It says so; such an order is not kept in its database."""


class Clock:
    """Goes on when it is told to, by whole seconds. ``file`` has the time for faketime."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.now = float(BEGIN)
        self.go_on(0)

    def go_on(self, seconds: float) -> None:
        self.now += math.ceil(seconds)
        written = self.file.with_suffix(".new")
        written.write_text(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self.now)), "utf-8")
        written.replace(self.file)


class Lived(Struct, frozen=True, kw_only=True):
    """How it ended and what it said; its database: the orders that were filled, how each trade began, if it is open."""

    status: int
    said: str
    filled: frozenset[str]
    trades: tuple[tuple[str, bool], ...]


@pytest.mark.parametrize(("mode", "entries"), [("spot", {"buy"}), ("futures", {"buy", "sell"})])
def test_for_an_hour_it_enters_is_filled_exits_and_cancels(mode: str, entries: set[str], tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    with OkxExchange(now=lambda: clock.now) as okx:
        lived = _lived(okx, clock, mode, tmp_path)
        okx.assert_all_valid()
        assert {request.code for request in okx.requests} == {"0"}
        orders = okx.orders

    assert lived.status == 128 + signal.SIGINT, lived.said
    assert {entry for entry, is_open in lived.trades if not is_open} == entries, lived.said
    assert lived.filled == {order.id for order in orders if order.state == "filled"}, lived.said
    given_up = [order for order in orders if order.state == "canceled"]
    assert len(given_up) == lived.said.count(GIVEN_UP) > 0
    assert {order.filled for order in given_up} == {0}


def _lived(okx: OkxExchange, clock: Clock, mode: str, folder: Path) -> Lived:
    database, errors = folder / "trades.sqlite", folder / "said.txt"
    before, variables = jumping(clock.file)
    start = str(PYTHON / "freqtrade_in_steps.py")
    command = [*before, *trading(folder, _config(okx, mode), f"sqlite:///{database}", start)]
    with errors.open("w", encoding="utf-8") as said:
        bot = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=clean_environment(HOME=str(folder), TZ="UTC", **variables),
            start_new_session=True,
        )
    guard = threading.Timer(PATIENCE_SECONDS, _kill, (bot,))
    guard.start()
    try:
        assert bot.stdin and bot.stdout
        for line in bot.stdout:
            if line.startswith("sleeps "):
                if clock.now >= BEGIN + HOUR:
                    break
                clock.go_on(float(line.split()[1]))
                bot.stdin.write("\n")
                bot.stdin.flush()
        bot.communicate()
    finally:
        guard.cancel()
        _kill(bot)
        bot.communicate()
    text = errors.read_text("utf-8")
    assert clock.now >= BEGIN + HOUR, text
    with closing(connect(database)) as held:
        filled = held.execute("select order_id from orders where status = 'closed'").fetchall()
        trades = held.execute("select is_short, is_open from trades").fetchall()
    return Lived(
        status=bot.returncode,
        said=text,
        filled=frozenset(order for (order,) in filled),
        trades=tuple(("sell" if is_short else "buy", bool(is_open)) for is_short, is_open in trades),
    )


def _kill(bot: subprocess.Popen[str]) -> None:
    """With what stands before it, faketime, which ends when it does."""
    if bot.poll() is None:
        os.killpg(bot.pid, signal.SIGKILL)


def _config(okx: OkxExchange, mode: str) -> dict[str, object]:
    """Without its sockets: what keeps them alive counts the time that stands still."""
    account = okx.accounts[0]
    keys = {"OKX_API_KEY": account.api_key, "OKX_SECRET_KEY": account.secret_key, "OKX_PASSPHRASE": account.passphrase}
    return {
        **settings(okx.url, "", keys, mode),
        "cancel_open_orders_on_exit": True,
        "unfilledtimeout": {"entry": 60, "exit": 60, "unit": "seconds"},
        "internals": {"process_throttle_secs": ROUND_SECONDS},
        "held_seconds": 100,
    }

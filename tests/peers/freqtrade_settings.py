"""A configuration of freqtrade that trades at a listener, and how it is started with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

PYTHON = Path(__file__).parent / "python"


def settings(url: str, ws_url: str, keys: Mapping[str, str], mode: str) -> dict[str, object]:
    """A configuration with ``dry_run`` off; without ``ws_url`` it opens no socket."""
    ending = ":USDT" if mode == "futures" else ""
    client = {"urls": {"api": {"rest": url, "ws": f"{ws_url}/ws/v5"}}, "enableRateLimit": False, "timeout": 120_000}
    pricing = {"price_side": "other", "use_order_book": True, "order_book_top": 1}
    return {
        "dry_run": False,
        "trading_mode": mode,
        "margin_mode": "isolated" if ending else "",
        "max_open_trades": 3,
        "stake_currency": "USDT",
        "stake_amount": 200,
        "entry_pricing": pricing,
        "exit_pricing": pricing,
        "exchange": {
            "name": "okx",
            "key": keys["OKX_API_KEY"],
            "secret": keys["OKX_SECRET_KEY"],
            "password": keys["OKX_PASSPHRASE"],
            "enable_ws": bool(ws_url),
            "ccxt_config": client,
            "ccxt_async_config": client,
            "pair_whitelist": [f"{base}/USDT{ending}" for base in ("BTC", "ETH", "SOL")],
        },
        "pairlists": [{"method": "StaticPairList"}],
        "initial_state": "running",
    }


def trading(folder: Path, config: Mapping[str, object], database: str, *start: str) -> list[str]:
    """The command that trades by a configuration, which is written into the folder, and the strategy of the tests.

    ``start`` is what Python runs in place of freqtrade itself.
    """
    written = folder / "config.json"
    written.write_text(json.dumps(config), "utf-8")
    command = [sys.executable, *(start or ("-m", "freqtrade")), "trade", "--userdir", str(folder), "-c", str(written)]
    return [*command, "--db-url", database, "--strategy", "Steady", "--strategy-path", str(PYTHON / "freqtrade")]

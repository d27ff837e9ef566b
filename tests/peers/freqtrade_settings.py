"""A configuration of freqtrade that trades at a listener."""

from __future__ import annotations

from collections.abc import Mapping


def settings(url: str, ws_url: str, keys: Mapping[str, str], mode: str) -> dict[str, object]:
    """A configuration with ``dry_run`` off; without ``ws_url`` it opens no socket."""
    ending = ":USDT" if mode == "futures" else ""
    client = {"urls": {"api": {"rest": url, "ws": f"{ws_url}/ws/v5"}}, "rateLimit": 1, "timeout": 120_000}
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

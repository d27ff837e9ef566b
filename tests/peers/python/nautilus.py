"""A node of nautilus_trader with its OKX adapter: quotes, an order far below the price, its cancellation, the end.

Its arguments are the addresses of REST and of the sockets. The business socket's has no setting, and what its sockets
sign with comes from variables, whatever is configured (1.221).
"""

from __future__ import annotations

import os
import sys
from typing import Any

from nautilus_trader.adapters.okx import (
    OKX,
    OKXDataClientConfig,
    OKXExecClientConfig,
    OKXLiveDataClientFactory,
    OKXLiveExecClientFactory,
)
from nautilus_trader.config import InstrumentProviderConfig, LoggingConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.core import nautilus_pyo3
from nautilus_trader.core.nautilus_pyo3 import OKXInstrumentType
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

PAIR = InstrumentId.from_str("BTC-USDT.OKX")
SECONDS = 100.0


class Once(Strategy):  # type: ignore[misc]  # read without its types
    """Places one order when the first quote comes, cancels it once it is accepted, and ends the node."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(use_hyphens_in_client_order_ids=False))  # OKX takes letters and digits alone
        self.placed = False
        self.seen: list[str] = []

    def on_start(self) -> None:
        self.subscribe_quote_ticks(PAIR)

    def on_quote_tick(self, tick: Any) -> None:
        if self.placed:
            return
        self.placed = True
        pair = self.cache.instrument(PAIR)
        price = pair.make_price(float(tick.bid_price) * 0.9)
        self.submit_order(self.order_factory.limit(PAIR, OrderSide.BUY, pair.make_qty(0.001), price))

    def on_order_accepted(self, event: Any) -> None:
        self.seen.append("accepted")
        self.cancel_order(self.cache.order(event.client_order_id))

    def on_order_canceled(self, event: Any) -> None:
        self.seen.append("cancelled")
        node.stop()

    def on_order_rejected(self, event: Any) -> None:
        self.seen.append(f"rejected: {event.reason}")
        node.stop()

    def on_stop(self) -> None:
        self.unsubscribe_quote_ticks(PAIR)


rest, sockets = sys.argv[1:]
for path in ("public", "private", "business"):
    setattr(nautilus_pyo3, f"get_okx_ws_url_{path}", lambda is_demo, at=f"{sockets}/{path}": at)
keys = {
    "api_key": os.environ["OKX_API_KEY"],
    "api_secret": os.environ["OKX_API_SECRET"],
    "api_passphrase": os.environ["OKX_API_PASSPHRASE"],
    "base_url_http": rest,
    "instrument_types": (OKXInstrumentType.SPOT,),
    "instrument_provider": InstrumentProviderConfig(load_all=True),
}
node = TradingNode(
    TradingNodeConfig(
        trader_id=TraderId("DOCTOR-001"),
        logging=LoggingConfig(log_level="WARNING"),
        data_clients={OKX: OKXDataClientConfig(**keys)},
        exec_clients={OKX: OKXExecClientConfig(**keys)},
        timeout_connection=SECONDS,
    )
)
strategy = Once()
node.trader.add_strategy(strategy)
node.add_data_client_factory(OKX, OKXLiveDataClientFactory)
node.add_exec_client_factory(OKX, OKXLiveExecClientFactory)
node.build()
node.get_event_loop().call_later(SECONDS, node.stop)
try:
    node.run()
finally:
    node.dispose()
print(*strategy.seen, sep="\n")  # noqa: T201  its payload

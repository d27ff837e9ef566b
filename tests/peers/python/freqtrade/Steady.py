"""A strategy that goes long in one pair and, in futures, short in another, and ends each trade after some seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freqtrade.strategy import IStrategy

HELD_SECONDS = 5


class Steady(IStrategy):  # type: ignore[misc]  # read without its types
    """Its third pair it wants far below the price: that order rests until it is given up."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    stoploss = -0.5
    startup_candle_count = 5

    def __init__(self, config: dict[str, Any]) -> None:
        self.can_short = config["trading_mode"] == "futures"
        self.minimal_roi = {"0": 10}
        self.held_seconds = config.get("held_seconds", HELD_SECONDS)
        super().__init__(config)

    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe["enter_short" if self.can_short and metadata["pair"].startswith("ETH") else "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        return dataframe

    def leverage(self, *_: object, **__: object) -> float:
        return 3.0

    def custom_entry_price(self, pair: str, *_: object, proposed_rate: float, **__: object) -> float:
        return proposed_rate * (0.985 if pair.startswith("SOL") else 1.0)

    def custom_exit(self, pair: str, trade: Any, current_time: datetime, *_: object, **__: object) -> str | None:
        held = (current_time - trade.open_date_utc).total_seconds()
        return "held long enough" if held > self.held_seconds else None

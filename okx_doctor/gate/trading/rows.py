"""Orders, fills, balances and positions as OKX writes them, every documented field of each.

Sources: https://www.okx.com/docs-v5/en/#order-book-trading-trade and #trading-account (2026-02-23).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from okx_doctor.gate.market.instruments import COINS, Instrument, Row, find
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.trading import orders
from okx_doctor.gate.trading.desk import Desk, margin
from okx_doctor.gate.trading.orders import Fill, Order, Position

_ORDER_EMPTY: Final = (
    "algoClOrdId", "algoId", "attachAlgoClOrdId", "cancelSourceReason", "pxType", "pxUsd", "pxVol", "quickMgnType",
    "slOrdPx", "slTriggerPx", "slTriggerPxType", "source", "stpId", "tpOrdPx", "tpTriggerPx", "tpTriggerPxType",
)  # fmt: skip
_PUSH_EMPTY: Final = (
    "amendResult", "amendSource", "fillFwdPx", "fillIdxPx", "fillMarkPx", "fillMarkVol", "fillPxUsd", "fillPxVol",
    "msg", "reqId",
)  # fmt: skip
_FILL_EMPTY: Final = ("fillFwdPx", "fillIdxPx", "fillMarkPx", "fillMarkVol", "fillPxUsd", "fillPxVol")
_HOLDING_EMPTY: Final = (
    "accAvgPx", "clSpotInUseAmt", "imr", "maxSpotInUse", "mgnRatio", "mmr", "notionalLever", "openAvgPx",
    "spotInUseAmt", "spotUpl", "spotUplRatio", "totalPnl", "totalPnlRatio",
)  # fmt: skip
_HOLDING_ZERO: Final = (
    "borrowFroz", "colBorrAutoConversion", "colRes", "crossLiab", "fixedBal", "frpType", "interest", "isoEq", "isoLiab",
    "isoUpl", "liab", "maxLoan", "rewardBal", "smtSyncEq", "spotCopyTradingEq", "spotIsoBal", "stgyEq", "twap",
    "uplLiab",
)  # fmt: skip
_BALANCE_EMPTY: Final = (
    "adjEq", "availEq", "borrowFroz", "delta", "deltaLever", "deltaNeutralStatus", "imr", "mgnRatio", "mmr",
    "notionalUsd", "notionalUsdForBorrow", "notionalUsdForFutures", "notionalUsdForOption", "notionalUsdForSwap",
    "ordFroz", "upl",
)  # fmt: skip
_POSITION_EMPTY: Final = (
    "baseBal", "baseBorrowed", "baseInterest", "bizRefId", "bizRefType", "clSpotInUseAmt", "deltaBS", "deltaPA",
    "gammaBS", "gammaPA", "hedgedPos", "interest", "liab", "liabCcy", "liqPx", "maxSpotInUseAmt", "nonSettleAvgPx",
    "optVal", "pendingCloseOrdLiabVal", "posCcy", "quoteBal", "quoteBorrowed", "quoteInterest", "settledPnl",
    "spotInUseAmt", "spotInUseCcy", "thetaBS", "thetaPA", "vegaBS", "vegaPA",
)  # fmt: skip
_MAINTENANCE: Final = Decimal("0.004")


def plain(number: Decimal | None) -> str:
    """A number without an exponent and without zeros at its end; empty for none."""
    if number is None:
        return ""
    text = f"{round(number, 12):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def order(one: Order) -> Row:
    """An order as ``trade/order``, the list of pending ones and the history have it."""
    last = one.last
    spot = one.instrument.kind == "SPOT"
    buys_coins = spot and one.side == "buy"
    return {
        **dict.fromkeys(_ORDER_EMPTY, ""),
        "accFillSz": plain(one.filled), "attachAlgoOrds": [], "avgPx": plain(one.average), "cTime": str(one.created),
        "cancelSource": one.cancel_source, "category": "normal", "ccy": one.asked.get("ccy", ""),
        "clOrdId": one.client_id, "fee": plain(one.fee), "feeCcy": one.fee_currency,
        "fillPx": plain(last.price) if last else "", "fillSz": plain(last.size) if last else "0",
        "fillTime": str(last.moment) if last else "", "instId": one.instrument.id, "instType": one.instrument.kind,
        "isTpLimit": "false", "lever": "" if spot else plain(one.lever), "linkedAlgoOrd": {"algoId": ""},
        "ordId": one.id, "ordType": one.kind, "pnl": plain(one.profit), "posSide": one.position_side or "net",
        "px": plain(one.price), "rebate": "0",
        "rebateCcy": (one.instrument.quote if buys_coins else one.instrument.base) if spot else one.instrument.settle,
        "reduceOnly": "true" if one.asked.get("reduceOnly") == "true" else "false", "side": one.side,
        "state": one.state, "stpMode": one.asked.get("stpMode", "cancel_maker"), "sz": plain(one.size),
        "tag": one.asked.get("tag", ""), "tdMode": one.mode, "tgtCcy": "base_ccy" if spot and one.kind == "market"
        else "", "tradeId": last.id if last else "", "tradeQuoteCcy": one.instrument.quote if spot else "",
        "uTime": str(one.updated),
    }  # fmt: skip


def pushed_order(one: Order, done: Fill | None, prices: Prices, now: float) -> Row:
    """An order as the channel ``orders`` has it: with the fill that changed it, where one did."""
    price = one.instrument.price(prices.last(one.instrument, int(now)))
    shown: Row = {
        **order(one), **dict.fromkeys(_PUSH_EMPTY, ""), "code": "0", "execType": "",
        "fillFee": "0", "fillFeeCcy": "", "fillNotionalUsd": "", "fillPnl": "0", "fillPx": "", "fillSz": "0",
        "fillTime": "", "lastPx": plain(price), "notionalUsd": plain(in_dollars(one.instrument, one.size, price)),
        "tradeId": "",
    }  # fmt: skip
    if done:
        shown |= {
            "execType": "M" if done.maker else "T", "fillFee": plain(done.fee), "fillFeeCcy": one.fee_currency,
            "fillNotionalUsd": plain(in_dollars(one.instrument, done.size, done.price)),
            "fillPnl": plain(done.profit), "fillPx": plain(done.price), "fillSz": plain(done.size),
            "fillTime": str(done.moment), "tradeId": done.id,
        }  # fmt: skip
    return shown


def fill(one: Fill) -> Row:
    """A fill as ``trade/fills`` has it."""
    rate = orders.rates(one.instrument)[0 if one.maker else 1]
    return {
        **dict.fromkeys(_FILL_EMPTY, ""),
        "billId": one.id, "clOrdId": one.client_id, "execType": "M" if one.maker else "T", "fee": plain(one.fee),
        "feeCcy": orders.fee_currency(one.instrument, one.side), "feeRate": plain(-rate), "fillPnl": plain(one.profit),
        "fillPx": plain(one.price), "fillSz": plain(one.size), "fillTime": str(one.moment),
        "instId": one.instrument.id, "instType": one.instrument.kind, "ordId": one.order_id,
        "posSide": one.position_side or "net", "side": one.side, "subType": "1" if one.side == "buy" else "2",
        "tag": one.tag, "tradeId": one.id,
        "tradeQuoteCcy": one.instrument.quote if one.instrument.kind == "SPOT" else "", "ts": str(one.moment),
    }  # fmt: skip


def pushed_fill(one: Fill) -> Row:
    """A fill as the channel ``fills`` has it."""
    return {
        "instId": one.instrument.id, "fillSz": plain(one.size), "fillPx": plain(one.price), "side": one.side,
        "ts": str(one.moment), "ordId": one.order_id, "clOrdId": one.client_id, "tradeId": one.id,
        "execType": "M" if one.maker else "T", "count": "1",
    }  # fmt: skip


def balance(desk: Desk, prices: Prices, now: float, asked: str = "") -> Row:
    """An account's balance as REST has it; ``asked`` names currencies, empty for all."""
    return _with_totals(_details(desk, prices, now, asked), now)


def pushed_balance(desk: Desk, prices: Prices, now: float, asked: str = "") -> Row:
    """The same as the channel ``account`` has it, where one field has another name: strict readers take one of them."""
    shown = _details(desk, prices, now, asked)
    for row in shown:
        row["maxSpotInUseAmt"] = row.pop("maxSpotInUse")
    return _with_totals(shown, now)


def _details(desk: Desk, prices: Prices, now: float, asked: str) -> list[Row]:
    wanted = [ccy.strip().upper() for ccy in asked.split(",") if ccy.strip()]
    return [holding(desk, prices, ccy, now) for ccy in desk.cash if not wanted or ccy in wanted]


def _with_totals(details: list[Row], now: float) -> Row:
    total = sum((Decimal(str(row["eqUsd"])) for row in details), Decimal(0))
    filled = {"details": details, "isoEq": "0", "totalEq": plain(total), "uTime": str(int(now * 1000))}
    return {**dict.fromkeys(_BALANCE_EMPTY, ""), **filled}


def holding(desk: Desk, prices: Prices, ccy: str, now: float) -> Row:
    """An account's balance in one currency."""
    cash, frozen = desk.cash[ccy], desk.frozen(ccy)
    gains = sum((unrealized(one, prices, now) for one in desk.positions.values() if one.instrument.settle == ccy),
                Decimal(0))  # fmt: skip
    worth = dollars(ccy, prices, now)
    free = plain(max(Decimal(0), cash - frozen))
    return {
        **dict.fromkeys(_HOLDING_EMPTY, ""), **dict.fromkeys(_HOLDING_ZERO, "0"),
        "autoLendAmt": "0", "autoLendMtAmt": "0", "autoLendStatus": "off", "autoStakingStatus": "",
        "availBal": free, "availEq": free, "cashBal": plain(cash), "ccy": ccy, "coinUsdPrice": plain(worth),
        "collateralEnabled": False, "collateralRestrict": False, "disEq": plain((cash + gains) * worth),
        "eq": plain(cash + gains), "eqUsd": plain((cash + gains) * worth), "frozenBal": plain(frozen),
        "ordFrozen": plain(frozen), "spotBal": plain(cash), "uTime": str(int(now * 1000)), "upl": plain(gains),
    }  # fmt: skip


def position(one: Position, prices: Prices, now: float) -> Row:
    """A position as ``account/positions`` and the channel have it."""
    instrument = one.instrument
    price = instrument.price(prices.last(instrument, int(now)))
    held, gains = margin(one), unrealized(one, prices, now)
    worth = orders.notional(instrument, abs(one.size), price)
    size = plain(one.size if one.side == "net" else abs(one.size))
    isolated = one.mode == "isolated"
    return {
        **dict.fromkeys(_POSITION_EMPTY, ""),
        "adl": "1", "availPos": plain(abs(one.size)) if one.side != "net" else "", "avgPx": plain(one.average),
        "bePx": plain(one.average), "cTime": str(one.created), "ccy": instrument.settle, "closeOrderAlgo": [],
        "fee": plain(one.fee), "fundingFee": "0", "idxPx": plain(price), "imr": "" if isolated else plain(held),
        "instId": instrument.id, "instType": instrument.kind, "last": plain(price), "lever": plain(one.lever),
        "liqPenalty": "0", "margin": plain(held) if isolated else "", "markPx": plain(price), "mgnMode": one.mode,
        "mgnRatio": plain((held + gains) / (worth * _MAINTENANCE)), "mmr": plain(worth * _MAINTENANCE),
        "notionalUsd": plain(in_dollars(instrument, abs(one.size), price)), "pTime": str(int(now * 1000)),
        "pnl": plain(one.realized), "pos": size, "posId": one.id, "posSide": one.side,
        "realizedPnl": plain(one.realized + one.fee), "tradeId": one.trade_id, "uTime": str(one.updated),
        "upl": plain(gains), "uplLastPx": plain(gains), "uplRatio": plain(gains / held),
        "uplRatioLastPx": plain(gains / held), "usdPx": plain(dollars(instrument.settle, prices, now)),
    }  # fmt: skip


def both(desk: Desk, moment: str, event: str, trades: tuple[Fill, ...] = ()) -> Row:
    """A row of the channel ``balance_and_position``."""
    return {
        "pTime": moment,
        "eventType": event,
        "balData": [{"ccy": ccy, "cashBal": plain(cash), "uTime": moment} for ccy, cash in desk.cash.items()],
        "posData": [
            {
                "posId": one.id, "tradeId": one.trade_id, "instId": one.instrument.id,
                "instType": one.instrument.kind, "mgnMode": one.mode, "avgPx": plain(one.average),
                "ccy": one.instrument.settle, "posSide": one.side,
                "pos": plain(one.size if one.side == "net" else abs(one.size)), "posCcy": "", "nonSettleAvgPx": "",
                "settledPnl": "", "uTime": str(one.updated),
            }
            for one in desk.positions.values()
        ],
        "trades": [{"instId": one.instrument.id, "tradeId": one.id} for one in trades],
    }  # fmt: skip


def unrealized(one: Position, prices: Prices, now: float) -> Decimal:
    """The earnings of a position if it were closed now."""
    price = one.instrument.price(prices.last(one.instrument, int(now)))
    return orders.profit(one.instrument, one.size, one.average, price)


def dollars(ccy: str, prices: Prices, now: float) -> Decimal:
    """The price of a currency in US dollars."""
    if ccy not in COINS:
        return Decimal("1.16") if ccy == "EUR" else Decimal(1)
    pair = find(f"{ccy}-USDT", now)
    return pair.price(prices.last(pair, int(now))) if pair else Decimal(1)


def in_dollars(one: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """The value of a size in dollars at a price."""
    if one.inverse:
        return size * Decimal(one.value) * (Decimal(one.multiplier) * price if one.right else 1)
    return orders.notional(one, size, price)

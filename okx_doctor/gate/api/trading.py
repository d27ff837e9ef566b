"""Answers of the private endpoints that trade or tell of it, where there is a market; the same for operations on orders
over a socket.

Sources: https://www.okx.com/docs-v5/en/#order-book-trading-trade and #trading-account (2026-02-23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.endpoints import success
from okx_doctor.gate.api.public_data import Query, chosen, number
from okx_doctor.gate.body import document_of
from okx_doctor.gate.market.instruments import Instrument, Row, row, select
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.refusals import Refused, missing, missing_both, parameter_error
from okx_doctor.gate.trading import asking, rows
from okx_doctor.gate.trading.asking import Entry, fields
from okx_doctor.gate.trading.desk import Desk
from okx_doctor.gate.trading.floor import Floor
from okx_doctor.gate.trading.orders import Order, rates

BATCH: Final = 20
"""Orders in one request."""

Given = Mapping[str, object]
"""An object of JSON, as it was sent."""
Act = Callable[[Desk, Entry, Prices, float], Row]
Tell = Callable[[Desk, Query, Prices, float], Iterable[object]]
Change = Callable[[Desk, Entry, Prices, float], Iterable[object]]

_PREFIX: Final = "/api/v5/"
_MESSAGES: Final = {"0": "", "1": "All operations failed", "2": "Bulk operation partially succeeded."}


def tell(path: str, query: Query, desk: Desk, prices: Prices, now: float) -> Iterable[object] | None:
    """The data of a GET's answer; ``None`` for a path that has none here. Raises ``Refused``."""
    telling = _TELLING.get(path.removeprefix(_PREFIX))
    return telling(desk, query, prices, now) if telling else None


def carry_out(
    path: str, body: bytes, desk: Desk, prices: Prices, now: float, expires: str
) -> Mapping[str, object] | None:
    """Do what a POST asks; the answer as a document, or ``None`` for a path that has none here.

    ``expires`` is the header ``expTime``. Raises ``Refused``.
    """
    name = path.removeprefix(_PREFIX)
    if acting := _ACTING.get(name):
        act, most = acting
        return acted(act, _entries(body, most), desk, prices, now, most, expires)
    if change := _CHANGING.get(name):
        (given,) = _entries(body, 1)
        return success(*change(desk, fields(given), prices, now))
    return None


def _entries(body: bytes, most: int) -> Sequence[Given]:
    """The objects in a body: a list only where several may be. Raises ``Refused``."""
    document = document_of(body)
    if isinstance(document, dict):
        return [document]
    entries = [entry for entry in document if isinstance(entry, dict)] if isinstance(document, list) else []
    if most == 1 or not isinstance(document, list) or len(entries) != len(document):
        raise Refused("50002")
    return entries


def operated(
    op: str, entries: Sequence[Given], account: Account, floor: Floor, now: float, expires: str
) -> Mapping[str, object] | None:
    """The answer to an operation on orders over a socket, without its name; ``None`` for one that is not known here."""
    if op not in _OPERATIONS:
        return None
    act, most = _OPERATIONS[op]
    try:
        return acted(act, entries, floor.desk(account, now), floor.prices, now, most, expires)
    except Refused as refused:
        return {"code": refused.code, "msg": refused.text, "data": []}


def acted(
    act: Act, entries: Sequence[Given], desk: Desk, prices: Prices, now: float, most: int, expires: str
) -> Mapping[str, object]:
    """Do one entry after the other: a row says which were refused. Raises ``Refused`` where none can be done."""
    if not entries:
        raise Refused("50000")
    if len(entries) > most:
        raise Refused("51111", str(most))
    if expires:
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 16):
            raise parameter_error("expTime")
        if int(expires) < now * 1000:
            raise Refused("50036")
    data = [_row(act, entry, desk, prices, now) for entry in entries]
    refused = len([done for done in data if done["sCode"] != "0"])
    code = "0" if not refused else "1" if refused == len(data) else "2"
    message = _MESSAGES[code]
    moment = str(int(now * 1_000_000))
    return {"code": code, "data": data, "inTime": moment, "msg": message, "outTime": moment}


def _row(act: Act, given: Given, desk: Desk, prices: Prices, now: float) -> Row:
    entry = fields(given)
    moment = str(int(now * 1000))
    try:
        done = act(desk, entry, prices, now)
    except Refused as refused:
        client_id, order_id = _echoed(entry.get("clOrdId", "")), _echoed(entry.get("ordId", ""))
        return {
            "clOrdId": client_id, "ordId": order_id, "sCode": refused.code, "sMsg": refused.text, "subCode": "",
            "tag": "", "ts": moment,
        }  # fmt: skip
    return {"sCode": "0", "sMsg": "", "subCode": "", "ts": moment, **done}


def _echoed(given: str) -> str:
    """An id as the client gave it, if it can be one: nothing else of what it sent comes back."""
    return given if len(given) <= 32 and given.isascii() and given.isalnum() else ""


def _place(desk: Desk, entry: Entry, prices: Prices, now: float) -> Row:
    done = desk.place(entry, prices, now)
    return {"clOrdId": done.client_id, "ordId": done.id, "tag": done.asked.get("tag", ""), "sMsg": "Order placed"}


def _cancel(desk: Desk, entry: Entry, _prices: Prices, now: float) -> Row:
    order = _named(desk, entry, now, "51400")
    if not order.open:
        raise Refused("51400")
    desk.cancel(order, now)
    return {"clOrdId": order.client_id, "ordId": order.id}


def _amend(desk: Desk, entry: Entry, prices: Prices, now: float) -> Row:
    order = _named(desk, entry, now, "51603")
    if not order.open:
        raise Refused("51503")
    desk.amend(order, entry, prices, now)
    request = _echoed(entry.get("reqId", ""))
    return {"clOrdId": order.client_id, "ordId": order.id, "reqId": request}


def _named(desk: Desk, entry: Entry, now: float, unknown: str) -> Order:
    """The order that is named by its id or the client's; the former counts. Raises ``Refused``."""
    one = asking.instrument_of(entry, now) if entry.get("instId", "") or entry.get("instIdCode", "") else None
    if one is None:
        raise missing("instId")
    if not (entry.get("ordId", "") or entry.get("clOrdId", "")):
        raise missing_both("ordId", "clOrdId")
    order = desk.order(entry.get("ordId", ""), entry.get("clOrdId", ""))
    if order is None or order.instrument.id != one.id:
        raise Refused(unknown)
    return order


def _order(desk: Desk, query: Query, _prices: Prices, now: float) -> Iterable[object]:
    return [rows.order(_named(desk, query, now, "51603"))]


def _pending(desk: Desk, query: Query, _prices: Prices, _now: float) -> Iterable[object]:
    return map(rows.order, _paged(_filtered(desk.pending(), query), query))


def _history(desk: Desk, query: Query, _prices: Prices, now: float) -> Iterable[object]:
    if not query.get("instType"):
        raise missing("instType")
    begin, end = number(query, "begin", 0), number(query, "end", int(now * 1000) + 1)
    found = (one for one in _filtered(desk.history(), query) if begin <= one.created <= end)
    return map(rows.order, _paged(found, query))


def _filtered(found: Iterable[Order], query: Query) -> Iterable[Order]:
    wanted = {name: query[name] for name in ("instType", "instId", "ordType", "state", "instFamily") if query.get(name)}
    for one in found:
        shown = {
            "instType": one.instrument.kind, "instId": one.instrument.id, "ordType": one.kind, "state": one.state,
            "instFamily": one.instrument.family,
        }  # fmt: skip
        if all(shown[name] in value.split(",") for name, value in wanted.items()):
            yield one


def _paged(found: Iterable[Order], query: Query) -> list[Order]:
    """The newest first, older than ``after`` and newer than ``before``, which are ids."""
    after, before = _id(query, "after"), _id(query, "before")
    most = max(1, number(query, "limit", 100, 100))
    return [one for one in found if (not after or int(one.id) < after) and int(one.id) > before][:most]


def _id(query: Query, name: str) -> int:
    given = query.get(name, "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= 24):
        raise parameter_error(name)
    return int(given or 0)


def _fills(desk: Desk, query: Query, _prices: Prices, _now: float) -> Iterable[object]:
    after, before = _id(query, "after"), _id(query, "before")
    most = max(1, number(query, "limit", 100, 100))
    begin, end = number(query, "begin", 0), number(query, "end", 10**15)
    found = [
        rows.fill(one)
        for one in reversed(desk.fills)
        if query.get("instType", one.instrument.kind) == one.instrument.kind
        and query.get("instId", one.instrument.id) == one.instrument.id
        and query.get("ordId", one.order_id) == one.order_id
        and (not after or int(one.id) < after)
        and int(one.id) > before
        and begin <= one.moment <= end
    ]
    return found[:most]


def _positions(desk: Desk, query: Query, prices: Prices, now: float) -> Iterable[object]:
    ids = query.get("instId", "").split(",") if query.get("instId") else ()
    for one in desk.positions.values():
        if query.get("instType", one.instrument.kind) == one.instrument.kind and (not ids or one.instrument.id in ids):
            yield rows.position(one, prices, now)


def _fee(_desk: Desk, query: Query, _prices: Prices, now: float) -> Iterable[object]:
    kind = query.get("instType", "")
    if not kind:
        raise missing("instType")
    one = select(now, kind)[0] if kind in ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION") else None
    if one is None:
        raise parameter_error("instType")
    maker, taker = (rows.plain(-rate) for rate in rates(one))
    spot = one.kind == "SPOT"
    return [{
        "category": "1", "delivery": "", "exercise": "", "fiat": [], "instType": kind, "isSpecial": False,
        "level": "Lv1", "maker": maker if spot else "", "makerU": "" if spot else maker, "makerUSDC": maker,
        "ruleType": "normal", "settle": "", "taker": taker if spot else "", "takerU": "" if spot else taker,
        "takerUSDC": taker, "ts": str(int(now * 1000)),
        "feeGroup": [{"groupId": "1", "maker": maker, "taker": taker}],
    }]  # fmt: skip


def _instruments(_desk: Desk, query: Query, _prices: Prices, now: float) -> Iterable[object]:
    if not query.get("instType"):
        raise missing("instType")
    return ({**row(one), "instType": query["instType"]} for one in chosen(query, now))


def _leverage(desk: Desk, query: Query, _prices: Prices, now: float) -> Iterable[object]:
    mode = query.get("mgnMode", "")
    for name in query.get("instId", "").split(","):
        one = asking.instrument_of({"instId": name}, now)
        for side in ("long", "short") if desk.hedged and one.kind in ("SWAP", "FUTURES") else ("net",):
            yield {
                "ccy": "", "instId": one.id, "lever": rows.plain(desk.lever(one, mode, side)), "mgnMode": mode,
                "posSide": side,
            }  # fmt: skip


def _set_leverage(desk: Desk, entry: Entry, _prices: Prices, now: float) -> Iterable[object]:
    one = asking.instrument_of(entry, now)
    lever, mode = asking.decimal(entry, "lever"), entry.get("mgnMode", "")
    if mode not in ("cross", "isolated"):
        raise parameter_error("mgnMode")
    if lever > Decimal(one.lever or 1):
        raise Refused("59102")
    side = entry.get("posSide", "")
    if side not in ("", "net", "long", "short"):
        raise parameter_error("posSide")
    for each in (side,) if side else ("", "net", "long", "short"):
        desk.set_lever(one, mode, each, lever)
    return [{"instId": one.id, "lever": rows.plain(lever), "mgnMode": mode, "posSide": side or "net"}]


def _set_position_mode(desk: Desk, entry: Entry, _prices: Prices, _now: float) -> Iterable[object]:
    mode = entry.get("posMode", "")
    if mode not in ("net_mode", "long_short_mode"):
        raise parameter_error("posMode")
    if desk.hedged != (mode == "long_short_mode") and (desk.positions or desk.pending()):
        raise Refused("59000")
    desk.set_hedged(mode == "long_short_mode")
    return [{"posMode": mode}]


def _cancel_all_after(desk: Desk, entry: Entry, _prices: Prices, now: float) -> Iterable[object]:
    given = entry.get("timeOut", "")
    if not (given.isascii() and given.isdigit()) or not (int(given[:4]) == 0 or 10 <= int(given[:4]) <= 120):
        raise parameter_error("timeOut")
    at = desk.cancel_all_after(int(given), now)
    return [{"triggerTime": str(int(at * 1000)), "tag": _echoed(entry.get("tag", "")), "ts": str(int(now * 1000))}]


def _close_position(desk: Desk, entry: Entry, prices: Prices, now: float) -> Iterable[object]:
    one = asking.instrument_of(entry, now)
    mode, side = entry.get("mgnMode", ""), entry.get("posSide", "") or "net"
    held = desk.positions.get((one.id, side, mode))
    if held is None:
        raise Refused("51023")
    order = {
        "instId": one.id, "tdMode": mode, "side": "sell" if held.size > 0 else "buy", "posSide": side,
        "ordType": "market", "sz": rows.plain(abs(held.size)), "reduceOnly": "true",
        "clOrdId": entry.get("clOrdId", ""), "tag": entry.get("tag", ""),
    }  # fmt: skip
    desk.place(order, prices, now)
    given = {name: _echoed(entry.get(name, "")) for name in ("clOrdId", "tag")}
    return [{"instId": one.id, "posSide": side, **given}]


def _max_size(desk: Desk, query: Query, prices: Prices, now: float) -> Iterable[object]:
    for name in query.get("instId", "").split(","):
        one = asking.instrument_of({"instId": name}, now)
        buy, sell = _largest(desk, one, query.get("tdMode", ""), prices, now)
        yield {"ccy": one.settle or one.base, "instId": one.id, "maxBuy": buy, "maxSell": sell}


def _max_available(desk: Desk, query: Query, prices: Prices, now: float) -> Iterable[object]:
    for name in query.get("instId", "").split(","):
        one = asking.instrument_of({"instId": name}, now)
        buy = desk.available(one.settle or one.quote)
        sell = desk.available(one.settle or one.base)
        yield {"instId": one.id, "availBuy": rows.plain(buy), "availSell": rows.plain(sell)}


def _largest(desk: Desk, one: Instrument, mode: str, prices: Prices, now: float) -> tuple[str, str]:
    price = one.price(prices.last(one, int(now)))
    if one.kind == "SPOT":
        return rows.plain(desk.available(one.quote) / price), rows.plain(desk.available(one.base))
    per_contract = (Decimal(one.value) / price if one.inverse else Decimal(one.value) * price) * Decimal(one.multiplier)
    most = desk.available(one.settle) * desk.lever(one, mode, "net") / per_contract // Decimal(one.lot)
    return (rows.plain(most * Decimal(one.lot)),) * 2


_TELLING: Final[Mapping[str, Tell]] = {
    "trade/order": _order,
    "trade/orders-pending": _pending,
    "trade/orders-history": _history,
    "trade/orders-history-archive": _history,
    "trade/fills": _fills,
    "trade/fills-history": _fills,
    "account/positions": _positions,
    "account/trade-fee": _fee,
    "account/instruments": _instruments,
    "account/leverage-info": _leverage,
    "account/max-size": _max_size,
    "account/max-avail-size": _max_available,
}
_ACTING: Final[Mapping[str, tuple[Act, int]]] = {
    "trade/order": (_place, 1),
    "trade/batch-orders": (_place, BATCH),
    "trade/cancel-order": (_cancel, 1),
    "trade/cancel-batch-orders": (_cancel, BATCH),
    "trade/amend-order": (_amend, 1),
    "trade/amend-batch-orders": (_amend, BATCH),
}
_CHANGING: Final[Mapping[str, Change]] = {
    "account/set-leverage": _set_leverage,
    "account/set-position-mode": _set_position_mode,
    "trade/cancel-all-after": _cancel_all_after,
    "trade/close-position": _close_position,
}
_OPERATIONS: Final[Mapping[str, tuple[Act, int]]] = {
    "order": (_place, 1),
    "batch-orders": (_place, BATCH),
    "cancel-order": (_cancel, 1),
    "batch-cancel-orders": (_cancel, BATCH),
    "amend-order": (_amend, 1),
    "batch-amend-orders": (_amend, BATCH),
}

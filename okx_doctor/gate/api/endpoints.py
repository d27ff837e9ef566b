"""The paths the embedded exchange knows: method, permission and answer of each, as one table.

Sources: https://www.okx.com/docs-v5/en/ (2026-02-23), the endpoint named in each row. Where there is no
market, these are the answers: an accepted order is forgotten at once. Imports the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final, Literal
from urllib.parse import parse_qs

from msgspec import Struct

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.replies import Reply, answered, compact, declined
from okx_doctor.gate.body import document_of
from okx_doctor.gate.refusals import missing
from okx_doctor.secrets.secret import shows_only

Permission = Literal["read_only", "trade", "withdraw"]
Document = Mapping[str, object]
_CURRENCIES: Final = ("BTC", "ETH", "USDT")
"""The balances of an account where there is no market."""
_CHAINS: Final[Mapping[str, str]] = {
    "BTC": "BTC-Bitcoin", "ETH": "ETH-ERC20", "USDT": "USDT-ERC20", "USDC": "USDC-ERC20", "SOL": "SOL-Solana",
    "BNB": "BNB-BSC", "XRP": "XRP-Ripple", "DOGE": "DOGE-Dogecoin", "LTC": "LTC-Litecoin", "ADA": "ADA-Cardano",
    "LINK": "LINK-ERC20", "AVAX": "AVAX-Avalanche C-Chain", "DOT": "DOT-Polkadot", "TRX": "TRX-TRC20",
    "OKB": "OKB-X Layer", "EUR": "", "USD": "",
}  # fmt: skip
"""Every currency of an instrument with its main chain; EUR and USD have none."""


@shows_only("account", "now")
class Call(Struct, frozen=True, kw_only=True):
    """The state that an answer may depend on. ``now`` is the exchange's clock in Unix seconds."""

    account: Account | None
    target: str
    body: bytes
    now: float

    @property
    def query(self) -> Mapping[str, str]:
        return query_of(self.target)

    @property
    def milliseconds(self) -> str:
        return str(int(self.now * 1000))


class Endpoint(Struct, frozen=True, kw_only=True):
    """One path and method. ``permission`` is ``None`` for a public one, which looks at no signed header.

    ``takes`` is what a POST's JSON must be, ``either`` where that is not known here. ``open_to_restricted``: a
    restricted account may still call it.
    """

    method: Literal["GET", "POST"]
    path: str
    permission: Permission | None
    answer: Callable[[Call], Reply]
    takes: Literal["object", "list", "either"] = "object"
    open_to_restricted: bool = False


def at_path(path: str) -> tuple[Endpoint, ...]:
    """Every endpoint at a path, one per method; empty for an unknown path.

    One that is documented and has no row here is authenticated and answered without data.
    """
    own = _AT_PATH.get(path, ())
    return own if own or not path.startswith("/api/v5/") else _silent().get(path, ())


@cache
def _silent() -> Mapping[str, tuple[Endpoint, ...]]:
    from okx_doctor.protocol.documented import documented

    return {
        path: tuple(
            Endpoint(method=row.method, path=path, permission=row.permission, answer=_nothing, takes="either")
            for row in rows
        )
        for path, rows in documented().items()
    }


def _nothing(_call: Call) -> Reply:
    return _NOTHING


class Route(Struct, frozen=True, kw_only=True):
    """Where a method and path lead.

    ``served`` answers; ``judged`` is the endpoint whose permission counts, one of another method where none serves.
    ``public``: served without authentication; an unknown path is not (authentication comes first).
    """

    served: Endpoint | None
    judged: Endpoint | None
    public: bool


@lru_cache(maxsize=128)  # a bot asks for the same few
def route(method: str, path: str) -> Route:
    """Where a request leads. ``path`` is in origin form and without its query."""
    known = at_path(path)
    served = next((endpoint for endpoint in known if endpoint.method == method), None)
    return Route(
        served=served,
        judged=served or next(iter(known), None),
        public=bool(known) and all(endpoint.permission is None for endpoint in known),
    )


@lru_cache(maxsize=16)  # one of 64 KiB that is all names takes most of a megabyte
def query_of(target: str) -> Mapping[str, str]:
    """The decoded query of a raw request target; of a repeated name the first value."""
    query = target.partition("?")[2]
    return {name: values[0] for name, values in parse_qs(query).items()} if query else {}


def success(*data: object) -> Document:
    """The envelope of an answer without an error."""
    return {"code": "0", "data": list(data), "msg": ""}


_NOTHING: Final = answered(success())


def _time(call: Call) -> Reply:
    return answered(success({"ts": call.milliseconds}))


def _instruments(call: Call) -> Reply:
    kind = call.query.get("instType", "")
    if not kind:
        return declined(missing("instType"))
    return answered(success(*(_spot(base) for base in ("BTC", "ETH") if kind == "SPOT")))


def _spot(base: str) -> Document:
    filled: dict[str, object] = {
        "baseCcy": base, "category": "1", "instId": f"{base}-USDT", "instType": "SPOT", "lever": "10",
        "listTime": "1606468572000", "lotSz": "0.00000001", "minSz": "0.00001", "quoteCcy": "USDT",
        "ruleType": "normal", "state": "live", "tickSz": "0.1",
    }  # fmt: skip
    limits = dict.fromkeys(_SPOT_LIMITS, "9999999999")
    return {**dict.fromkeys(_SPOT_EMPTY, ""), **limits, **filled}


def _currencies(call: Call) -> Reply:
    asked = _select_currencies(call.query.get("ccy", ""), tuple(_CHAINS))
    return answered(success(*(_currency(ccy, _CHAINS[ccy]) for ccy in asked)))


def _currency(ccy: str, chain: str) -> Document:
    filled: dict[str, object] = {
        "canDep": True, "canInternal": True, "canWd": True, "ccy": ccy, "chain": chain, "mainNet": True,
        "maxWd": "500", "minDepArrivalConfirm": "1", "minWdUnlockConfirm": "2", "name": ccy, "needTag": False,
        "wdQuota": "10000000", "wdTickSz": "8",
    }  # fmt: skip
    small = dict.fromkeys(("fee", "maxFee", "minDep", "minFee", "minInternal", "minWd"), "0.0001")
    return {**dict.fromkeys(_CURRENCY_EMPTY, ""), **small, **filled}


def _config(call: Call) -> Reply:
    return answered(success(config(_account_of(call))))


def config(account: Account, *, level: str = "1", position_mode: str = "net_mode") -> Document:
    """The configuration of an account, in an account mode (``1`` spot, ``2`` spot and futures) and a position mode."""
    return {
        "acctLv": level, "acctStpMode": "cancel_maker", "autoLoan": False, "ctIsoMode": "automatic",
        "enableSpotBorrow": False, "feeType": "0", "greeksType": "PA", "ip": ",".join(account.ip_allowlist),
        "kycLv": "2", "label": account.label, "level": "Lv1", "levelTmp": "", "liquidationGear": "-1",
        "mainUid": account.main_uid, "mgnIsoMode": "automatic", "opAuth": "0",
        "perm": ",".join(account.permissions), "posMode": position_mode, "roleType": "0", "settleCcy": "USDT",
        "settleCcyList": ["USDT", "USDC"], "spotBorrowAutoRepay": False, "spotOffsetType": "",
        "spotRoleType": "0", "spotTraderInsts": [], "stgyType": "0", "traderInsts": [],
        "type": "0" if account.uid == account.main_uid else "1", "uid": account.uid,
    }  # fmt: skip


def _balance(call: Call) -> Reply:
    around = _around_the_moment(_select_currencies(call.query.get("ccy", "")))
    return Reply(status=200, body=call.milliseconds.encode().join(around), code="0")


@cache
def _around_the_moment(currencies: tuple[str, ...]) -> tuple[bytes, ...]:
    """The most frequent answers are encoded once: only the moment in them changes."""
    moment = "moment"
    return tuple(compact(success(_balance_of(moment, currencies))).split(moment.encode()))


def balance(milliseconds: str, asked: str = "") -> Document:
    """An account's balance as REST and the account channel have it; ``asked`` names currencies, empty for all."""
    return _balance_of(milliseconds, _select_currencies(asked))


def holdings(milliseconds: str, currencies: tuple[str, ...] = _CURRENCIES) -> list[Document]:
    """An account's balance in each currency."""
    return [_holding(ccy, milliseconds) for ccy in currencies]


def _balance_of(milliseconds: str, currencies: tuple[str, ...]) -> Document:
    filled = {"details": holdings(milliseconds, currencies), "isoEq": "0", "totalEq": "1000", "uTime": milliseconds}
    return {**dict.fromkeys(_BALANCE_EMPTY, ""), **filled}


def _holding(ccy: str, milliseconds: str) -> Document:
    amount = {"BTC": "0.01", "ETH": "0.2", "USDT": "100"}[ccy]
    held = dict.fromkeys(("availBal", "availEq", "cashBal", "disEq", "eq", "eqUsd"), amount)
    none = dict.fromkeys(_HOLDING_ZERO, "0")
    return {**dict.fromkeys(_HOLDING_EMPTY, ""), **none, **held, "ccy": ccy, "uTime": milliseconds}


def _position_builder(call: Call) -> Reply:
    return answered(success({
        "acctLever": "", "acctLv": "2", "assets": [], "borrowMmr": "", "derivMmr": "", "eq": "0",
        "marginRatio": "", "positions": [], "riskUnitData": [], "totalImr": "0", "totalMmr": "0",
        "ts": call.milliseconds, "upl": "0",
    }))  # fmt: skip


def _place_orders(call: Call) -> Reply:
    orders = document_of(call.body)
    count = len(orders) if isinstance(orders, list) else 1
    microseconds = int(call.now * 1_000_000)
    result = {"clOrdId": "", "sCode": "0", "sMsg": "Order placed", "subCode": "", "tag": ""}
    data = [{**result, "ordId": str(microseconds + index), "ts": call.milliseconds} for index in range(count)]
    return answered({**success(*data), "inTime": str(microseconds), "outTime": str(microseconds)})


def _no_order(_call: Call) -> Reply:
    return answered({"code": "51603", "data": [], "msg": "Order does not exist"})


def _select_currencies(asked: str, among: tuple[str, ...] = _CURRENCIES) -> tuple[str, ...]:
    named = [ccy.strip().upper() for ccy in asked.split(",") if ccy.strip()]
    return tuple(ccy for ccy in among if not named or ccy in named)


def _account_of(call: Call) -> Account:
    if call.account is None:
        raise LookupError("a private endpoint was answered without an account")
    return call.account


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/api/v5/public/time", permission=None, answer=_time),
    Endpoint(method="GET", path="/api/v5/system/status", permission=None, answer=_nothing),
    Endpoint(method="GET", path="/api/v5/public/instruments", permission=None, answer=_instruments),
    Endpoint(
        method="GET", path="/api/v5/account/config", permission="read_only", answer=_config, open_to_restricted=True
    ),
    Endpoint(method="GET", path="/api/v5/account/balance", permission="read_only", answer=_balance),
    Endpoint(method="POST", path="/api/v5/account/position-builder", permission="read_only", answer=_position_builder),
    Endpoint(method="GET", path="/api/v5/asset/currencies", permission="read_only", answer=_currencies),
    Endpoint(method="POST", path="/api/v5/trade/order", permission="trade", answer=_place_orders),
    Endpoint(method="POST", path="/api/v5/trade/batch-orders", permission="trade", answer=_place_orders, takes="list"),
    Endpoint(method="GET", path="/api/v5/trade/order", permission="read_only", answer=_no_order),
)

_AT_PATH = {
    path: tuple(endpoint for endpoint in ENDPOINTS if endpoint.path == path)
    for path in dict.fromkeys(endpoint.path for endpoint in ENDPOINTS)
}

_SPOT_EMPTY = (
    "alias", "ctMult", "ctType", "ctVal", "ctValCcy", "expTime", "instFamily", "optType", "settleCcy", "stk",
    "uly",
)  # fmt: skip
_SPOT_LIMITS = (
    "maxIcebergSz", "maxLmtAmt", "maxLmtSz", "maxMktAmt", "maxMktSz", "maxStopSz", "maxTriggerSz",
    "maxTwapSz",
)  # fmt: skip
_CURRENCY_EMPTY = (
    "burningFeeRate", "ctAddr", "depQuotaFixed", "depQuoteDailyLayer2", "logoLink", "maxFeeForCtAddr",
    "minFeeForCtAddr", "usedDepQuotaFixed", "usedWdQuota",
)  # fmt: skip
_BALANCE_EMPTY = (
    "adjEq", "availEq", "borrowFroz", "delta", "deltaLever", "deltaNeutralStatus", "imr", "mgnRatio", "mmr",
    "notionalUsd", "notionalUsdForBorrow", "notionalUsdForFutures", "notionalUsdForOption",
    "notionalUsdForSwap", "ordFroz", "upl",
)  # fmt: skip
_HOLDING_EMPTY = (
    "borrowFroz", "crossLiab", "imr", "interest", "isoLiab", "liab", "maxLoan", "mgnRatio", "mmr",
    "notionalLever", "spotBal", "spotInUseAmt", "spotUpl", "totalPnl", "uplLiab",
)  # fmt: skip
_HOLDING_ZERO = (
    "fixedBal", "frozenBal", "isoEq", "isoUpl", "ordFrozen", "rewardBal", "smtSyncEq", "spotIsoBal", "stgyEq",
    "twap", "upl",
)  # fmt: skip

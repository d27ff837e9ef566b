"""The market behind REST and sockets: data, pushes that follow the exchange's clock, orders that are remembered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from websockets.sync.client import ClientConnection, connect

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.api.living import Living
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.signing import sign, websocket_prehash
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import LIVE, NOW, READER, raw, send, signed

pytestmark = pytest.mark.slow

ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "80000"}
PATIENCE = 120


class Clock:
    """The machine's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Bot:
    """One account at one exchange, over REST and a private socket."""

    def __init__(self, exchange: Exchange, clock: Clock, account: Account = LIVE) -> None:
        self.exchange = exchange
        self.clock = clock
        self.account = account
        self.url = exchange.sites[0].rest[0]

    def ask(self, method: str, path: str, body: object = None, *headers: tuple[str, str]) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        request = signed(self.account, method, f"/api/v5/{path}", content, now=self.clock.now)
        extra = (f"{name}: {value}" for name, value in headers)
        received = send(self.url, raw(request, *extra))
        document = json.loads(received.body)
        assert isinstance(document, dict)
        return {**document, "status": received.status}

    def rows(self, path: str) -> list[dict[str, Any]]:
        answer = self.ask("GET", path)
        assert (answer["status"], answer["code"]) == (200, "0"), answer
        return list(answer["data"])

    def place(self, **changes: str) -> dict[str, Any]:
        (row,) = self.ask("POST", "trade/order", {**ORDER, **changes})["data"]
        return dict(row)

    def socket(self, kind: str = "private") -> ClientConnection:
        return connect(f"{self.exchange.sites[0].websocket}/ws/v5/{kind}", proxy=None, max_size=None)

    def log_in(self, socket: ClientConnection) -> None:
        stamp = str(int(self.clock.now))
        named = {"apiKey": self.account.api_key, "passphrase": self.account.passphrase.reveal(), "timestamp": stamp}
        signature = sign(self.account.secret.reveal(), websocket_prehash(stamp))
        assert asked(socket, {"op": "login", "args": [{**named, "sign": signature}]})["event"] == "login"


def asked(socket: ClientConnection, frame: object) -> dict[str, Any]:
    socket.send(json.dumps(frame))
    return heard(socket)


def heard(socket: ClientConnection) -> dict[str, Any]:
    answer = json.loads(socket.recv(timeout=PATIENCE))
    assert isinstance(answer, dict)
    return answer


def subscribe(socket: ClientConnection, **arg: str) -> dict[str, Any]:
    return asked(socket, {"op": "subscribe", "args": [arg]})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def exchange(clock: Clock) -> Iterator[Exchange]:
    plan = Plan(accounts=(LIVE, READER), sites=("global",), websocket=True, market_seed=1)
    with Exchange(plan, now=clock) as running:
        yield running
        assert list(running.crashes) == []


@pytest.fixture
def bot(exchange: Exchange, clock: Clock) -> Bot:
    return Bot(exchange, clock)


@pytest.fixture
def public(exchange: Exchange) -> Callable[[str], dict[str, Any]]:
    def get(target: str) -> dict[str, Any]:
        asked_for = WireRequest(method="GET", target=f"/api/v5/{target}", headers=())
        received = send(exchange.sites[0].rest[0], raw(asked_for))
        return {**json.loads(received.body), "status": received.status}

    return get


def test_there_are_instruments_of_four_kinds(public: Callable[[str], dict[str, Any]]) -> None:
    kinds = ("SPOT", "SWAP", "FUTURES", "OPTION&uly=BTC-USD", "OPTION&instFamily=ETH-USD", "MARGIN")
    found = {kind: public(f"public/instruments?instType={kind}")["data"] for kind in kinds}

    assert all(found.values())
    assert sum(map(len, found.values())) > 60
    assert len({frozenset(row) for rows in found.values() for row in rows}) == 1  # the same fields for all
    assert {row["instType"] for row in found["MARGIN"]} == {"MARGIN"}


def test_what_is_listed_is_that_of_the_day_and_of_the_query(
    public: Callable[[str], dict[str, Any]], clock: Clock
) -> None:
    def listed() -> tuple[dict[str, Any], dict[str, Any]]:
        both = (public(f"public/instruments?instType=FUTURES{more}")["data"] for more in ("", "&uly=BTC-USDT"))
        every, some = ({row["instId"]: row for row in rows} for rows in both)
        return every, some

    first = listed()
    assert listed() == first
    clock.now += 8 * 86_400
    later = listed()

    for before, after in zip(first, later, strict=True):
        ended = {name for name, row in before.items() if int(row["expTime"]) <= clock.now * 1000}
        assert ended and not ended & set(after)
        assert set(after) - set(before)
    for every, some in (first, later):
        assert some == {name: row for name, row in every.items() if row["uly"] == "BTC-USDT"} != every


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("public/instruments", 400, "50014"),
        ("public/instruments?instType=SPOTS", 400, "51000"),
        ("public/instruments?instType=OPTION", 400, "50015"),
        ("public/instruments?instType=SPOT&instId=NO-SUCH", 200, "51001"),
        ("market/ticker?instId=NO-SUCH", 200, "51001"),
        ("market/ticker", 400, "50014"),
        ("market/candles?instId=BTC-USDT&bar=2m", 400, "51000"),
        ("market/candles?instId=BTC-USDT&limit=-1", 400, "51000"),
        ("market/candles?instId=BTC-USDT&after=1e3", 400, "51000"),
        ("market/candles?instId=BTC-USDT&before=" + "9" * 40, 400, "51000"),
        ("market/books?instId=BTC-USDT&sz=x", 400, "51000"),
        ("market/index-candles?instId=BTC-GBP", 200, "51001"),
        ("public/funding-rate?instId=BTC-USDT", 200, "51001"),
        ("public/mark-price", 400, "50014"),
        ("market/candles?instId=" + quote("Ð\x00/../"), 200, "51001"),
    ],
)
def test_what_okx_refuses_is_refused_with_its_status_and_code(
    target: str, status: int, code: str, public: Callable[[str], dict[str, Any]]
) -> None:
    answer = public(target)

    assert (answer["status"], answer["code"], answer["data"]) == (status, code, [])
    assert answer["msg"]
    assert "{" not in answer["msg"]


def test_candles_are_paged_by_after_and_before_the_newest_first(public: Callable[[str], dict[str, Any]]) -> None:
    def begins(query: str) -> list[int]:
        rows = public(f"market/history-candles?instId=BTC-USDT&bar=1m{query}")["data"]
        return [int(row[0]) for row in rows]

    newest = int(NOW) // 60 * 60_000
    assert begins("") == [newest - 60_000 * number for number in range(100)]
    assert len(begins("&limit=999")) == 300
    assert begins(f"&after={newest}&limit=2") == [newest - 60_000, newest - 120_000]
    assert begins(f"&before={newest - 120_000}") == [newest, newest - 60_000]
    assert begins(f"&after={newest}&before={newest - 180_000}") == [newest - 60_000, newest - 120_000]
    assert begins(f"&before={newest}") == []
    assert begins("&after=0") == []


def test_only_the_candle_of_now_is_unfinished(public: Callable[[str], dict[str, Any]]) -> None:
    rows = public("market/candles?instId=ETH-USDT-SWAP&bar=5m&limit=3")["data"]

    assert [row[8] for row in rows] == ["0", "1", "1"]
    assert {len(row) for row in rows} == {9}
    assert {len(row) for row in public("market/mark-price-candles?instId=ETH-USDT-SWAP")["data"]} == {6}


@pytest.mark.parametrize("depth", [1, 5, 50, 400])
def test_a_book_is_as_deep_as_it_is_asked_for(depth: int, public: Callable[[str], dict[str, Any]]) -> None:
    (book,) = public(f"market/books?instId=BTC-USDT&sz={depth}")["data"]

    assert (len(book["asks"]), len(book["bids"])) == (depth, depth)


def test_history_trades_go_back_by_id_and_by_time(public: Callable[[str], dict[str, Any]]) -> None:
    newest = public("market/trades?instId=BTC-USDT&limit=2")["data"]
    older = public(f"market/history-trades?instId=BTC-USDT&after={newest[-1]['tradeId']}&limit=2")["data"]
    by_time = public(f"market/history-trades?instId=BTC-USDT&type=2&after={newest[-1]['ts']}&limit=2")["data"]

    assert [int(row["ts"]) for row in (*newest, *older)] == [int(NOW) * 1000 - 1000 * number for number in range(4)]
    assert older == by_time


def test_a_ticker_is_pushed_with_every_second_of_the_exchange_s_clock(bot: Bot) -> None:
    with bot.socket("public") as socket:
        assert subscribe(socket, channel="tickers", instId="BTC-USDT")["event"] == "subscribe"
        moments = [heard(socket)["data"][0]["ts"]]
        for _ in range(3):
            bot.clock.now += 1
            moments.append(heard(socket)["data"][0]["ts"])

    assert moments == [str(int(NOW + number) * 1000) for number in range(4)]


def _applied(book: dict[str, dict[str, str]], push: dict[str, Any]) -> int:
    """The checksum that a client computes of its copy after a push, from OKX's text alone."""
    import zlib

    for side in ("asks", "bids"):
        for price, size, _, _ in push["data"][0][side]:
            book[side].pop(price, None)
            if size != "0":
                book[side][price] = size
    asks = sorted(book["asks"].items(), key=lambda level: float(level[0]))[:25]
    bids = sorted(book["bids"].items(), key=lambda level: -float(level[0]))[:25]
    parts = [text for pair in zip(bids, asks, strict=True) for level in pair for text in level]
    value = zlib.crc32(":".join(parts).encode())
    return value - (1 << 32) if value >> 31 else value


@pytest.mark.parametrize("channel", ["books", "books50-l2-tbt", "books-l2-tbt"])
def test_a_book_is_pushed_whole_and_then_by_its_changes_with_checksum_and_sequence(channel: str, bot: Bot) -> None:
    book: dict[str, dict[str, str]] = {"asks": {}, "bids": {}}
    with bot.socket("public") as socket:
        if "tbt" in channel:
            bot.log_in(socket)
        subscribe(socket, channel=channel, instId="ETH-USDT")
        pushes = [heard(socket)]
        for pause in (1, 1, 7, 3600, 86_400 * 3):
            bot.clock.now += pause
            pushes.append(heard(socket))
    found = [_applied(book, push) for push in pushes]

    assert [push["action"] for push in pushes] == ["snapshot"] + ["update"] * 5
    assert found == [push["data"][0]["checksum"] for push in pushes]
    sequences = [push["data"][0]["seqId"] for push in pushes]
    assert [push["data"][0]["prevSeqId"] for push in pushes] == [-1, *sequences[:-1]]
    assert max(len(push["data"][0]["asks"]) for push in pushes[1:3]) < 100


def test_a_candle_closes_on_time_and_none_is_left_out(bot: Bot) -> None:
    bot.clock.now = begin = int(NOW) // 60 * 60 + 58.0
    with bot.socket("business") as socket:
        subscribe(socket, channel="candle1m", instId="BTC-USDT")
        told = [heard(socket)["data"][0]]
        bot.clock.now = begin + 2
        told += [heard(socket)["data"][0] for _ in range(2)]
        bot.clock.now = begin + 122
        told += [heard(socket)["data"][0] for _ in range(3)]

    first = int(begin) // 60 * 60_000
    assert [(int(row[0]) - first, row[8]) for row in told] == [
        (0, "0"), (0, "1"), (60_000, "0"), (60_000, "1"), (120_000, "1"), (180_000, "0"),
    ]  # fmt: skip
    assert told[0][1] == told[1][1]


@pytest.mark.parametrize(
    "arg",
    [
        {"channel": "trades", "instId": "BTC-USDT"},
        {"channel": "books5", "instId": "BTC-USDT"},
        {"channel": "bbo-tbt", "instId": "BTC-USDT"},
        {"channel": "mark-price", "instId": "BTC-USDT-SWAP"},
        {"channel": "index-tickers", "instId": "BTC-USD"},
        {"channel": "price-limit", "instId": "BTC-USDT-SWAP"},
        {"channel": "funding-rate", "instId": "BTC-USDT-SWAP"},
        {"channel": "open-interest", "instId": "BTC-USDT-SWAP"},
        {"channel": "opt-summary", "instFamily": "BTC-USD"},
        {"channel": "instruments", "instType": "SWAP"},
    ],
    ids=lambda arg: str(arg["channel"]),
)
def test_every_public_channel_that_has_something_begins_with_it(arg: dict[str, str], bot: Bot) -> None:
    with bot.socket("public") as socket:
        subscribe(socket, **arg)
        push = heard(socket)

    assert push["arg"] == arg
    assert push["data"]


@pytest.mark.parametrize("instrument", ["", "NO-SUCH", "BTC-USDT\x00"])
def test_a_channel_of_an_instrument_that_does_not_exist_is_refused(instrument: str, bot: Bot) -> None:
    with bot.socket("public") as socket:
        answer = subscribe(socket, channel="tickers", instId=instrument)

    assert (answer["event"], answer["code"]) == ("error", "60018")


def test_news_in_the_very_moment_in_which_a_push_is_due_break_nothing(bot: Bot) -> None:
    """Sockets wait for the exchange's next second, here a few milliseconds; the news come when that is just over."""

    def hold_up(market: Living) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + 0.05
        loop.call_at(until, market.wake)
        while loop.time() <= until:  # now both are due in one turn of the loop, the sockets' own waiting first
            pass

    bot.clock.now = int(NOW) + 0.9999
    with bot.socket("public") as socket, bot.socket("public") as other:
        for each in (socket, other):
            subscribe(each, channel="tickers", instId="BTC-USDT")
            heard(each)
        for _ in range(5):
            bot.exchange.on_market(hold_up)
        bot.clock.now += 1
        assert heard(socket)["arg"] == heard(other)["arg"] == {"channel": "tickers", "instId": "BTC-USDT"}
    assert list(bot.exchange.crashes) == []


def test_nothing_is_pushed_after_the_end_of_a_subscription(bot: Bot) -> None:
    with bot.socket("public") as socket:
        subscribe(socket, channel="tickers", instId="BTC-USDT")
        heard(socket)
        assert asked(socket, {"op": "unsubscribe", "args": [{"channel": "tickers", "instId": "BTC-USDT"}]})
        bot.clock.now += 1
        subscribe(socket, channel="mark-price", instId="BTC-USDT")
        assert heard(socket)["arg"]["channel"] == "mark-price"
        bot.clock.now += 1
        assert heard(socket)["arg"]["channel"] == "mark-price"


def test_an_order_is_found_by_both_ids_amended_and_cancelled(bot: Bot) -> None:
    placed = bot.place(clOrdId="mine1")
    by_id = bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")
    by_client = bot.rows("trade/order?instId=BTC-USDT&clOrdId=mine1")
    pending = bot.rows("trade/orders-pending?instType=SPOT")
    amended = bot.ask("POST", "trade/amend-order", {"instId": "BTC-USDT", "clOrdId": "mine1", "newPx": "81000"})
    cancelled = bot.ask("POST", "trade/cancel-order", {"instId": "BTC-USDT", "ordId": placed["ordId"]})
    again = bot.ask("POST", "trade/cancel-order", {"instId": "BTC-USDT", "ordId": placed["ordId"]})
    (history,) = bot.rows("trade/orders-history?instType=SPOT")

    assert by_id == by_client == pending
    assert (by_id[0]["state"], by_id[0]["px"]) == ("live", "80000")
    assert (amended["code"], cancelled["code"]) == ("0", "0")
    assert (again["status"], again["code"], again["data"][0]["sCode"]) == (200, "1", "51400")
    assert (history["state"], history["px"], history["cancelSource"]) == ("canceled", "81000", "0")
    assert bot.rows("trade/orders-pending") == []


def test_a_market_order_is_filled_at_once_and_balance_fills_and_fees_follow(bot: Bot) -> None:
    placed = bot.place(ordType="market", sz="0.01", tgtCcy="base_ccy", px="")
    (order,) = bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")
    fills = bot.rows("trade/fills?instType=SPOT")
    (balance,) = bot.rows("account/balance?ccy=BTC,USDT")

    assert (order["state"], order["accFillSz"], order["feeCcy"], order["fee"]) == ("filled", "0.01", "BTC", "-0.00001")
    assert sum(float(fill["fillSz"]) for fill in fills) == pytest.approx(0.01)
    held = {row["ccy"]: row["cashBal"] for row in balance["details"]}
    assert held["BTC"] == "0.01999"
    assert float(held["USDT"]) == pytest.approx(10_000 - 0.01 * float(order["avgPx"]))
    assert all("spotCopyTradingEq" in row for row in balance["details"])


def test_a_limit_order_is_filled_when_the_price_reaches_it(bot: Bot) -> None:
    price = float(bot.rows("market/ticker?instId=BTC-USDT")[0]["last"])
    placed = bot.place(px=f"{price - 20:.1f}")
    assert bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")[0]["state"] == "live"
    candles = bot.rows("market/history-candles?instId=BTC-USDT&bar=1D&limit=1")
    assert candles
    for _ in range(40):
        bot.clock.now += 3600
        (order,) = bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")
        if order["state"] == "filled":
            break

    assert (order["state"], order["avgPx"]) == ("filled", f"{price - 20:.1f}")
    assert bot.rows("trade/fills")[0]["execType"] == "M"
    second = int(order["fillTime"]) // 1000
    trades = bot.rows(f"market/history-trades?instId=BTC-USDT&after={second + 1}&limit=1")
    assert float(trades[0]["px"]) <= price - 20


@pytest.mark.parametrize(
    ("changes", "state", "source"),
    [
        ({"ordType": "ioc"}, "canceled", "14"),
        ({"ordType": "fok"}, "canceled", "13"),
        ({"ordType": "post_only", "px": "120000", "instId": "BTC-USDT", "side": "sell"}, "live", ""),
        ({"ordType": "post_only", "side": "sell", "px": "99000"}, "canceled", "31"),
        ({"ordType": "fok", "side": "sell", "px": "99000"}, "filled", ""),
        ({"ordType": "ioc", "side": "sell", "px": "99000"}, "filled", ""),
        ({"ordType": "limit", "side": "sell", "px": "99000"}, "filled", ""),
    ],
)
def test_every_type_of_order_does_what_its_name_says(
    changes: dict[str, str], state: str, source: str, bot: Bot, exchange: Exchange
) -> None:
    exchange.on_market(lambda market: market.set_price("BTC-USDT", 100_000, NOW))
    placed = bot.place(**{"px": "98000", **changes})
    (order,) = bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")

    assert (placed["sCode"], order["state"], order["cancelSource"]) == ("0", state, source)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instId": "NO-SUCH"}, "51001"),
        ({"instId": ""}, "50014"),
        ({"sz": ""}, "50014"),
        ({"tdMode": ""}, "50014"),
        ({"sz": "0.000001"}, "51020"),
        ({"sz": "0.000010000000001"}, "51121"),
        ({"sz": "-1"}, "51000"),
        ({"sz": "NaN"}, "51000"),
        ({"sz": "1e3"}, "51000"),
        ({"sz": "0"}, "51000"),
        ({"sz": "9" * 400}, "51000"),
        ({"px": ""}, "51000"),
        ({"px": "90000.05"}, "51150"),
        ({"px": "500000"}, "51006"),
        ({"side": "sell", "px": "1"}, "51006"),
        ({"side": "hold"}, "51000"),
        ({"ordType": "stop"}, "51000"),
        ({"tdMode": "cross"}, "51010"),
        ({"clOrdId": "with-dash"}, "51000"),
        ({"clOrdId": "x" * 33}, "51000"),
        ({"tag": "x" * 17}, "51000"),
        ({"sz": "1"}, "51008"),
        ({"side": "sell", "sz": "1", "px": "100000"}, "51008"),
        ({"instId": "BTC-USDT-SWAP", "tdMode": "cash"}, "51000"),
        ({"instId": "BTC-USDT-SWAP", "tdMode": "cross", "posSide": "long", "sz": "1"}, "51000"),
        ({"instId": "BTC-USDT-SWAP", "tdMode": "cross", "reduceOnly": "true", "sz": "1"}, "51169"),
    ],
    ids=str,
)
def test_an_order_is_refused_with_okx_s_code_in_its_row(changes: dict[str, str], code: str, bot: Bot) -> None:
    answer = bot.ask("POST", "trade/order", {**ORDER, **changes})

    assert (answer["status"], answer["code"]) == (200, "1")
    (row,) = answer["data"]
    assert (row["sCode"], row["ordId"]) == (code, "")
    assert row["sMsg"]
    assert "{" not in row["sMsg"]
    assert bot.rows("trade/orders-pending") == []


def test_an_id_that_is_taken_is_refused_and_a_batch_is_done_row_by_row(bot: Bot) -> None:
    answer = bot.ask("POST", "trade/batch-orders", [{**ORDER, "clOrdId": "a"}, {**ORDER, "clOrdId": "a"}, ORDER])
    too_many = bot.ask("POST", "trade/batch-orders", [ORDER] * 21)

    assert answer["code"] == "2"
    assert [row["sCode"] for row in answer["data"]] == ["0", "51016", "0"]
    assert (too_many["code"], too_many["data"]) == ("51111", [])
    assert len(bot.rows("trade/orders-pending")) == 2


def test_an_order_that_came_too_late_is_not_placed(bot: Bot) -> None:
    late = bot.ask("POST", "trade/order", ORDER, ("expTime", str(int(NOW * 1000) - 1)))
    in_time = bot.ask("POST", "trade/order", ORDER, ("expTime", str(int(NOW * 1000) + 1)))

    assert (late["code"], in_time["code"]) == ("50036", "0")
    assert len(bot.rows("trade/orders-pending")) == 1


def test_everything_is_cancelled_when_a_bot_falls_silent(bot: Bot) -> None:
    bot.place()
    (timer,) = bot.ask("POST", "trade/cancel-all-after", {"timeOut": "10"})["data"]
    bot.clock.now += 9
    assert len(bot.rows("trade/orders-pending")) == 1
    bot.clock.now += 1
    assert bot.rows("trade/orders-pending") == []
    assert timer["triggerTime"] == str(int(NOW + 10) * 1000)
    assert bot.rows("trade/orders-history?instType=SPOT")[0]["cancelSource"] == "20"


def test_a_position_is_opened_turned_and_closed(bot: Bot, exchange: Exchange) -> None:
    exchange.on_market(lambda market: market.set_price("BTC-USDT", 100_000, NOW))
    swap = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "ordType": "market", "px": ""}
    assert bot.place(**swap, side="buy", sz="2")["sCode"] == "0"
    (long,) = bot.rows("account/positions")
    assert bot.place(**swap, side="sell", sz="3")["sCode"] == "0"
    (short,) = bot.rows("account/positions?instType=SWAP")
    closed = bot.ask("POST", "trade/close-position", {"instId": "BTC-USDT-SWAP", "mgnMode": "cross"})

    assert (long["pos"], short["pos"], short["posSide"]) == ("2", "-1", "net")
    assert closed["code"] == "0"
    assert bot.rows("account/positions") == []


def test_the_private_channels_tell_of_an_order_over_rest_and_of_its_fill(bot: Bot, exchange: Exchange) -> None:
    exchange.on_market(lambda market: market.set_price("BTC-USDT", 100_000, NOW))
    with bot.socket() as socket:
        bot.log_in(socket)
        subscribe(socket, channel="orders", instType="SPOT")
        bot.place(px="99000", clOrdId="mine")
        live = heard(socket)
        exchange.on_market(lambda market: market.set_price("BTC-USDT", 98_900, NOW))
        filled = heard(socket)
        subscribe(socket, channel="account")
        snapshot = heard(socket)
        bot.place(px="80000")
        events = {push["arg"]["channel"]: push for push in (heard(socket), heard(socket))}

    assert live["arg"] == {"channel": "orders", "instType": "SPOT", "uid": LIVE.uid}
    assert [push["data"][0]["state"] for push in (live, filled)] == ["live", "filled"]
    assert (filled["data"][0]["fillPx"], filled["data"][0]["execType"]) == ("99000", "M")
    assert set(live["data"][0]) == set(filled["data"][0])
    assert snapshot["eventType"] == "snapshot"
    assert events["account"]["eventType"] == "event_update"


def test_orders_over_a_socket_are_the_same_orders(bot: Bot) -> None:
    with bot.socket() as socket:
        bot.log_in(socket)
        placed = asked(socket, {"id": "1", "op": "order", "args": [ORDER]})
        refused = asked(socket, {"id": "2", "op": "order", "args": [{**ORDER, "sz": "1"}]})
        found = bot.rows(f"trade/order?instId=BTC-USDT&ordId={placed['data'][0]['ordId']}")
        named = {"instId": "BTC-USDT", "ordId": placed["data"][0]["ordId"]}
        cancelled = asked(socket, {"id": "3", "op": "cancel-order", "args": [named]})

    assert (placed["id"], placed["op"], placed["code"]) == ("1", "order", "0")
    assert (refused["code"], refused["data"][0]["sCode"]) == ("1", "51008")
    assert found[0]["state"] == "live"
    assert cancelled["data"][0]["sCode"] == "0"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("trade/orders-pending?instType=SPOT", lambda bot: bot.place()),
        ("account/balance?ccy=USDT", lambda bot: bot.place()),
        ("account/balance", lambda bot: bot.place(ordType="market", sz="10", px="")),
        ("trade/fills", lambda bot: bot.place(ordType="market", sz="10", px="")),
        (
            "account/leverage-info?instId=BTC-USDT-SWAP&mgnMode=cross",
            lambda bot: bot.ask(
                "POST", "account/set-leverage", {"instId": "BTC-USDT-SWAP", "lever": "7", "mgnMode": "cross"}
            ),
        ),
        ("account/config", lambda bot: bot.ask("POST", "account/set-position-mode", {"posMode": "long_short_mode"})),
        (
            "account/max-size?instId=BTC-USDT&tdMode=cash",
            lambda bot: bot.exchange.on_market(lambda market: market.set_price("BTC-USDT", 50_000, NOW)),
        ),
    ],
)
def test_what_a_bot_changes_it_is_told_in_the_same_second(path: str, change: Callable[[Bot], object], bot: Bot) -> None:
    before = [bot.rows(path) for _ in range(2)]
    change(bot)

    assert before[0] == before[1]
    assert bot.rows(path) != before[0]


def test_two_keys_of_one_account_are_each_told_of_their_own(clock: Clock) -> None:
    bound = replace(generate(permissions=("read_only",)), uid=LIVE.uid, main_uid=LIVE.uid)
    plan = Plan(accounts=(LIVE, bound), sites=("global",), market_seed=1)
    with Exchange(plan, now=clock) as running:
        told = [Bot(running, clock, account).rows("account/config")[0]["perm"] for account in (LIVE, bound, LIVE)]

    assert told == ["read_only,trade", "read_only", "read_only,trade"]


def test_accounts_know_nothing_of_one_another(bot: Bot, exchange: Exchange, clock: Clock) -> None:
    placed = bot.place()
    other = Bot(exchange, clock, READER)

    assert other.rows("trade/orders-pending") == []
    assert other.ask("GET", f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")["code"] == "51603"


@pytest.mark.parametrize("fault", ["rate-limited", "unavailable", "edge-block"])
def test_an_order_that_is_refused_by_a_staged_fault_is_not_placed(fault: str, bot: Bot, exchange: Exchange) -> None:
    from okx_doctor.gate.api.faults import Fault

    exchange.stage(Fault(fault))
    send(bot.url, raw(signed(LIVE, "POST", "/api/v5/trade/order", json.dumps(ORDER).encode(), now=NOW)))
    exchange.stage(None)

    assert bot.rows("trade/orders-pending") == []


def test_beyond_the_rate_limit_no_order_is_placed_over_rest_or_socket() -> None:
    clock = Clock()
    plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, market_seed=1, rate_limits=True)
    with Exchange(plan, now=clock) as exchange:
        bot = Bot(exchange, clock)
        small = [{**ORDER, "sz": "0.00001"}] * 20
        with bot.socket() as socket:
            bot.log_in(socket)
            batch: Sequence[dict[str, Any]] = [
                asked(socket, {"id": str(number), "op": "batch-orders", "args": small}) for number in range(17)
            ]
        refused = [answer["code"] for answer in batch].count("50011")
        placed = sum(len(answer["data"]) for answer in batch)
        rows = [row for _ in range(1) for row in bot.rows("trade/orders-pending")]

    assert refused >= 1
    assert placed <= 20 * (17 - refused)
    assert len(rows) == 100


def test_a_clock_that_jumps_ends_nothing(bot: Bot) -> None:
    with bot.socket("public") as socket:
        subscribe(socket, channel="books", instId="BTC-USDT")
        heard(socket)
        for jump in (86_400 * 400, -86_400 * 800, 3):
            bot.clock.now += jump
            assert heard(socket)["action"] == "update"


def test_without_a_market_nothing_is_remembered() -> None:
    clock = Clock()
    with Exchange(Plan(accounts=(LIVE,), sites=("global",)), now=clock) as exchange:
        bot = Bot(exchange, clock)
        placed = bot.place()
        answer = bot.ask("GET", f"trade/order?instId=BTC-USDT&ordId={placed['ordId']}")
        with pytest.raises(LookupError):
            exchange.on_market(lambda market: market.wake())

    assert answer["code"] == "51603"

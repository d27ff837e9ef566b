"""Who may come in: what a page in a browser can make a browser send stays out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from okx_doctor.gate.serve.browser_guard import rejection_reason
from okx_doctor.gate.serve.events import Event, TurnedAway
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import (
    CONFIG,
    LIVE,
    send,
)


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Exchange, list[Event]]]:
    events: list[Event] = []
    plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, guarded=True, host_names=("Bot.Internal",))
    with Exchange(plan, observer=events.append) as exchange:
        yield exchange, events
        assert list(exchange.crashes) == []


LET_IN = {
    "an IPv4 address": "Host: 127.0.0.1",
    "with a port": "Host: 127.0.0.1:8401",
    "an address of another machine": "Host: 192.0.2.7:8401",
    "IPv6": "Host: [::1]",
    "IPv6 with a port": "Host: [::1]:8401",
    "localhost": "Host: localhost:8401",
    "in upper case": "Host: LOCALHOST",
    "with a dot at its end": "Host: localhost.",
    "below localhost": "Host: okx.localhost",
    "OKX itself": "Host: www.okx.com",
    "a name that was allowed": "Host: bot.internal:80",
    "a page of this machine": "Host: localhost\r\nOrigin: http://localhost:3000",
    "a page of this machine under TLS": "Host: localhost\r\nOrigin: https://127.0.0.1:3000",
    "a page of this machine, in capitals and with a dot": "Host: localhost\r\nOrigin: http://LOCALHOST.:3000",
    "a page of a name that was allowed": "Host: localhost\r\nOrigin: http://bot.internal",
    "its header in another case": "HOST: localhost\r\nORIGIN: http://localhost",
    "the same origin": "Host: localhost\r\nSec-Fetch-Site: same-origin",
    "typed by a person": "Host: localhost\r\nSec-Fetch-Site: none",
}
TURNED_AWAY = {
    "a rebound name": "Host: evil.example",
    "with a port": "Host: evil.example:8401",
    "with an address in it": "Host: 127.0.0.1.evil.example",
    "below OKX by the look": "Host: www.okx.com.evil.example",
    "OKX behind a letter": "Host: xwww.okx.com",
    "two of them": "Host: localhost\r\nHost: evil.example",
    "two of them, the right one last": "Host: evil.example\r\nHost: localhost",
    "with a user": "Host: localhost@evil.example",
    "as a user": "Host: evil.example@localhost",
    "with a path": "Host: localhost/evil.example",
    "empty": "Host: ",
    "a number for an address": "Host: 2130706433",
    "a port that is none": "Host: localhost:port",
    "a page of another site": "Host: localhost\r\nOrigin: https://evil.example",
    "a page with no origin": "Host: localhost\r\nOrigin: null",
    "a page of a rebound name": "Host: localhost\r\nOrigin: http://evil.example:8401",
    "an origin behind another": "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example",
    "an origin behind another, spelled otherwise": (
        "Host: localhost\r\nOrigin: http://localhost\r\nORIGIN: https://evil.example"
    ),
    "an origin before another": "Host: localhost\r\nOrigin: https://evil.example\r\nOrigin: http://localhost",
    "an origin without a name": "Host: localhost\r\nOrigin: http://",
    "an origin that is no URL": "Host: localhost\r\nOrigin: http://[localhost",
    "an empty origin": "Host: localhost\r\nOrigin: ",
    "across sites behind the same origin": (
        "Host: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site"
    ),
    "an origin of another kind": "Host: localhost\r\nOrigin: chrome-extension://localhost",
    "an origin with a user": "Host: localhost\r\nOrigin: http://localhost@evil.example",
    "across sites": "Host: localhost\r\nSec-Fetch-Site: cross-site",
    "across sites, in capitals": "Host: localhost\r\nSec-Fetch-Site: Cross-Site",
    "from beside": "Host: localhost\r\nSec-Fetch-Site: same-site",
}
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
REST, SOCKET = ("/api/v5/public/time", "Connection: close\r\n", 200), ("/ws/v5/public", UPGRADE, 101)


@pytest.mark.parametrize(("path", "more", "status"), [REST, SOCKET], ids=["REST", "WebSocket"])
@pytest.mark.parametrize("who", LET_IN)
def test_what_names_this_listener_comes_in(
    guarded: tuple[Exchange, list[Event]], who: str, path: str, more: str, status: int
) -> None:
    sent = f"GET {path} HTTP/1.1\r\n{LET_IN[who]}\r\n{more}\r\n"

    assert send(guarded[0].sites[0].rest[0], sent.encode()).status == status


@pytest.mark.parametrize(("path", "more", "status"), [REST, SOCKET], ids=["REST", "WebSocket"])
@pytest.mark.parametrize("who", TURNED_AWAY)
def test_what_a_web_page_can_make_a_browser_send_stays_out(
    guarded: tuple[Exchange, list[Event]], who: str, path: str, more: str, status: int
) -> None:
    exchange, events = guarded
    events.clear()
    sent = f"GET {path} HTTP/1.1\r\n{TURNED_AWAY[who]}\r\n{more}\r\n"

    received = send(exchange.sites[0].rest[0], sent.encode())

    assert received.status in (400, 403)
    assert [type(event) for event in events] == [TurnedAway]
    assert b"OKX" not in received.body and b'"' not in received.body


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost:8401/api/v5/public/time", 200),
        ("HTTP://127.0.0.1/api/v5/public/time", 200),
        ("https://www.okx.com/api/v5/public/time", 200),
        ("http://bot.internal/api/v5/public/time", 200),
        ("http://evil.example/api/v5/public/time", 403),
        ("http://localhost@evil.example/api/v5/public/time", 403),
        ("http:///api/v5/public/time", 403),
    ],
)
def test_a_target_with_a_host_in_it_is_let_in_by_that_host_too(
    guarded: tuple[Exchange, list[Event]], target: str, status: int
) -> None:
    sent = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert send(guarded[0].sites[0].rest[0], sent.encode()).status == status


def test_of_two_hosts_none_counts_whoever_reads_the_request() -> None:
    """The server that reads HTTP refuses this already; the doorway does not depend on it."""
    request = WireRequest(method="GET", target="/", headers=(("Host", "localhost"), ("host", "evil.example")), body=b"")

    assert rejection_reason(request, frozenset()) == "its Host header names neither this listener nor OKX"
    assert rejection_reason(replace(request, headers=request.headers[:1]), frozenset()) == ""


@pytest.mark.parametrize("target", [CONFIG, "/ws/v5/private", "/", "*"])
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST", "HEAD"])
def test_no_answer_invites_a_page_of_another_origin(
    guarded: tuple[Exchange, list[Event]], method: str, target: str
) -> None:
    sent = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\nConnection: close\r\n"
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: ok-access-key\r\n\r\n"
    )

    received = send(guarded[0].sites[0].rest[0], sent.encode())

    assert received.status
    assert not any(name.startswith(("access-control", "cross-origin", "timing-allow")) for name in received.headers)

from __future__ import annotations

import gzip
import os
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.observations import CallFailure
from okx_doctor.probes.http import Http, Reply, proxy_for
from okx_doctor.protocol.answers import BODY_LIMIT, Form
from tests.memory import peak

pytestmark = pytest.mark.slow

GOOD = b'{"code":"0","data":[{"ts":"1597026383085"}],"msg":""}'
PATIENCE = 120.0
"""Seconds after which a test gives up on a server thread; none needs more than a moment."""


class Server(Struct, kw_only=True):
    """A listener on loopback whose handler decides about every byte."""

    port: int
    scheme: str = "http"
    over: threading.Event = field(default_factory=threading.Event)
    received: list[bytes] = field(default_factory=list)
    sent: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


Handler = Callable[[socket.socket, Server], None]


@contextmanager
def _serving(handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """Run a server whose handler gets each connection in a thread of its own; leave with all threads ended."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = Server(port=listener.getsockname()[1], scheme="https" if tls else "http")
    connections: list[socket.socket] = []
    workers: list[threading.Thread] = []

    def handle(plain: socket.socket) -> None:
        try:
            connection = tls.wrap_socket(plain, server_side=True) if tls else plain
            connections.append(connection)
            with connection:
                handler(connection, server)
        except (OSError, ValueError):
            plain.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            workers.append(threading.Thread(target=handle, args=(connection,), daemon=True))
            workers[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.over.set()
        for closing in (listener, *connections):
            with suppress(OSError):
                closing.shutdown(socket.SHUT_RDWR)
            closing.close()
        for worker in (accepting, *workers):
            worker.join(PATIENCE)
            assert not worker.is_alive()


def _request(connection: socket.socket, server: Server) -> bytes:
    """The next request, kept in ``received``; of one that does not end, what came."""
    data, length = b"", 0
    try:
        while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < length:
            chunk = connection.recv(1 << 16)
            if not chunk:
                raise OSError("the client went away")
            data += chunk
            found = re.search(rb"(?i)\r\ncontent-length: (\d+)", data)
            length = int(found.group(1)) if found else 0
    finally:
        server.received.append(data)
    return data


def _answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _says(*answers: bytes) -> Handler:
    """Gives these answers, one per request of a connection, and closes it."""

    def handler(connection: socket.socket, server: Server) -> None:
        for answer in answers:
            _request(connection, server)
            connection.sendall(answer)

    return handler


def _drips(head: bytes) -> Handler:
    """Sends a head and then a byte at a time, each in good time, for as long as the client listens."""

    def handler(connection: socket.socket, server: Server) -> None:
        _request(connection, server)
        connection.sendall(head)
        while not server.over.wait(0.02):
            connection.sendall(b"1")

    return handler


def _pours(head: bytes, chunk: bytes, total: int) -> Handler:
    """Sends as much as the client takes, up to a total."""

    def handler(connection: socket.socket, server: Server) -> None:
        _request(connection, server)
        connection.sendall(head)
        while server.sent < total:
            connection.sendall(chunk)
            server.sent += len(chunk)

    return handler


@pytest.fixture
def http() -> Iterator[Http]:
    with _client() as made:
        yield made


@contextmanager
def _client(**options: Any) -> Iterator[Http]:
    made = Http(user_agent="okx-doctor/test", **options)
    try:
        yield made
    finally:
        made.close()


def _call(
    http: Http,
    url: str,
    headers: dict[str, str] | None = None,
    *,
    budget: float = PATIENCE,
    target: str = "/api/v5/account/config",
    body: bytes = b"",
) -> Reply:
    request, _ = http.build(url, "POST" if body else "GET", target, body)
    return http.call(request, headers or {}, budget)


def _kind(reply: Reply) -> str:
    assert (reply.answer is None) is not (reply.failure is None)
    return reply.failure.kind if reply.failure else ""


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_an_answer_is_read_and_the_connection_measured(http: Http) -> None:
    with _serving(_says(_answer(GOOD))) as server:
        reply = _call(http, server.url)

    assert reply.failure is None
    assert reply.answer is not None
    assert (reply.answer.status, reply.answer.code, reply.answer.data) == (200, "0", ({"ts": "1597026383085"},))
    assert (reply.family, reply.proxy, reply.tls_ms, reply.tls_version) == ("IPv4", "", -1.0, "")
    assert reply.tcp_ms >= 0
    assert 0 < reply.round_trip < PATIENCE


def test_the_moment_of_sending_is_told_by_the_clock_that_was_handed_in() -> None:
    with _client(now=lambda: 1_790_000_000.5) as http, _serving(_says(_answer(GOOD))) as server:
        assert _call(http, server.url).sent_at == 1_790_000_000.5


def test_a_second_call_goes_over_the_same_connection(http: Http) -> None:
    with _serving(_says(_answer(GOOD), _answer(GOOD))) as server:
        first, second = _call(http, server.url), _call(http, server.url)

    assert first.tcp_ms >= 0
    assert second.tcp_ms == -1.0
    assert second.answer == first.answer is not None


def test_a_connection_over_ipv6_is_told_as_such(http: Http) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        with _serving(_says(_answer(GOOD)), host="::1") as server:
            assert _call(http, f"http://[::1]:{server.port}").family == "IPv6"
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


@pytest.mark.parametrize(
    "target",
    [
        "/api/v5/account/balance?ccy=BTC,ETH",
        "/api/v5/account/balance?ccy=BTC%2CETH",
        "/api/v5/account/balance?a=b c",
        "/api/v5/account/balance?a=é",
        "/api/v5/account/balance?",
        "/api/v5/x?a=[1]|{2}&b='\"`^",
        "/api/v5/../x",
    ],
)
def test_the_target_told_for_signing_is_the_one_on_the_wire(http: Http, target: str) -> None:
    with _serving(_says(_answer(GOOD))) as server:
        request, told = http.build(server.url, "GET", target)
        http.call(request, {}, PATIENCE)

    assert server.received[0].split(b"\r\n")[0] == f"GET {told} HTTP/1.1".encode()


def test_the_headers_and_the_body_leave_as_they_were_handed_in(http: Http) -> None:
    with _serving(_says(_answer(GOOD))) as server:
        _call(http, server.url, {"OK-ACCESS-KEY": "k", "OK-ACCESS-PASSPHRASE": 'p#$"\\ w'}, body=b'{"a": 1}')

    head, _, body = server.received[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0].startswith("POST ")
    assert {"OK-ACCESS-KEY: k", 'OK-ACCESS-PASSPHRASE: p#$"\\ w'} <= set(lines)
    assert {"User-Agent: okx-doctor/test", "Accept-Encoding: identity", "Content-Length: 8"} <= set(lines)
    assert body == b'{"a": 1}'


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    ],
    ids=["status line", "header", "body", "chunk"],
)
def test_an_answer_that_drips_is_over_when_the_budget_is(http: Http, head: bytes) -> None:
    began = time.monotonic()
    with _serving(_drips(head)) as server:
        reply = _call(http, server.url, budget=0.3)

    assert _kind(reply) == "timeout"
    assert 0.25 < time.monotonic() - began < PATIENCE


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_the_budget(http: Http) -> None:
    def silent(connection: socket.socket, server: Server) -> None:
        _request(connection, server)
        server.over.wait(PATIENCE)

    began = time.monotonic()
    with _serving(silent) as server:
        reply = _call(http, server.url, budget=0.2)

    assert _kind(reply) == "timeout"
    assert 0.15 < time.monotonic() - began < PATIENCE


def test_a_budget_that_is_used_up_still_ends_the_call(http: Http) -> None:
    with _serving(_drips(b"")) as server:
        assert _kind(_call(http, server.url, budget=-3.0)) == "timeout"


def _cut_off(before: bytes, *, reset: bool = False) -> Handler:
    def handler(connection: socket.socket, server: Server) -> None:
        _request(connection, server)
        connection.sendall(before)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return handler


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + GOOD[:10],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + GOOD[:10],
    ],
    ids=["nothing", "headers", "content-length", "chunk"],
)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_an_answer_that_is_not_complete_was_cut_off(http: Http, before: bytes, reset: bool) -> None:
    with _serving(_cut_off(before, reset=reset)) as server:
        assert _kind(_call(http, server.url)) == "cut-off"


def test_nobody_listening_is_a_refused_connection(http: Http) -> None:
    reply = _call(http, f"http://127.0.0.1:{_closed_port()}")

    assert _kind(reply) == "refused"
    assert (reply.tcp_ms, reply.sent_at) == (-1.0, 0.0)


def test_a_name_that_does_not_resolve_is_told(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert _call(http, "http://exchange.example").failure == CallFailure(kind="dns", detail="Name or service not known")


def test_of_a_body_of_fifty_megabytes_no_more_than_the_limit_is_kept(http: Http) -> None:
    total = 50_000_000
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n".encode() + b'{"code":"0","pad":"'
    with _serving(_pours(head, b"x" * 1_000_000, total)) as server:
        reply, memory = peak(lambda: _call(http, server.url))

        assert _kind(reply) == ""
        assert reply.answer is not None
        assert reply.answer.form is Form.UNREADABLE
        assert memory < 12 * BODY_LIMIT
        assert server.sent < total


@pytest.mark.parametrize("wbits", [31, 15], ids=["gzip", "deflate"])
def test_a_compressed_bomb_is_inflated_no_further_than_the_limit(http: Http, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    bomb = packer.compress(b'{"code":"0","pad":"') + packer.compress(bytes(64 * BODY_LIMIT)) + packer.flush()
    encoding = {31: "gzip", 15: "deflate"}[wbits]
    with _serving(_says(_answer(bomb, f"Content-Encoding: {encoding}"))) as server:
        reply, memory = peak(lambda: _call(http, server.url))

    assert len(bomb) < BODY_LIMIT
    assert reply.answer is not None
    assert reply.answer.form is Form.UNREADABLE
    assert memory < 12 * BODY_LIMIT


@pytest.mark.parametrize(
    ("encoding", "body", "form"),
    [
        ("gzip", gzip.compress(GOOD, mtime=0), Form.OKX),
        ("GZIP", gzip.compress(GOOD, mtime=0), Form.OKX),
        ("deflate", zlib.compress(GOOD), Form.OKX),
        ("identity", GOOD, Form.OKX),
        ("gzip", GOOD, Form.EMPTY),
        ("gzip", b"", Form.EMPTY),
        ("br", b"\x0b\x02\x80hi\x03", Form.UNREADABLE),
        ("zstd", b"\x28\xb5\x2f\xfd\x00", Form.UNREADABLE),
    ],
)
def test_an_encoding_nobody_asked_for_is_inflated_or_unreadable(
    http: Http, encoding: str, body: bytes, form: Form
) -> None:
    with _serving(_says(_answer(body, f"Content-Encoding: {encoding}"))) as server:
        reply = _call(http, server.url)

    assert reply.answer is not None
    assert reply.answer.form is form


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed_and_no_header_goes_on(http: Http, status: str) -> None:
    with _serving(_says(_answer(GOOD))) as elsewhere:
        location = f"Location: {elsewhere.url}/api/v5/account/config"
        with _serving(_says(_answer(b"", location, status=status))) as server:
            reply = _call(http, server.url, {"OK-ACCESS-PASSPHRASE": "Sesame-77"})

        assert elsewhere.received == []
    assert b"Sesame-77" in server.received[0]
    assert reply.answer is not None
    assert (reply.answer.status, reply.answer.redirect_host) == (int(status[:3]), "127.0.0.1")


@pytest.mark.parametrize(
    "value",
    [
        "Sesame-77\n",
        "Sesame-77\r\n",
        "Sesame-77\r\nX-Injected: 1",
        "\nSesame-77",
        "Sesame-77 ",
        " Sesame-77",
        "Sesame-77\0",
        "Sesame-77\ud800",
    ],
    ids=ascii,
)
def test_a_value_that_no_header_can_hold_is_not_sent_and_not_told(http: Http, value: str) -> None:
    with _serving(_says(_answer(GOOD))) as server:
        reply = _call(http, server.url, {"OK-ACCESS-KEY": "first", "OK-ACCESS-PASSPHRASE": value})

    assert _kind(reply) == "unsendable"
    assert "Sesame" not in repr(reply)
    assert b"".join(server.received) == b""


def test_after_a_value_that_cannot_be_sent_the_next_call_works(http: Http) -> None:
    with _serving(_says(_answer(GOOD))) as server:
        assert _kind(_call(http, server.url, {"OK-ACCESS-KEY": "a\nb"})) == "unsendable"
        assert _kind(_call(http, server.url, {"OK-ACCESS-KEY": "ab"})) == ""


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 abc\r\n\r\n",
        b"<html>hello</html>\r\n\r\n",
    ],
)
def test_a_server_that_does_not_speak_http_was_cut_off(http: Http, said: bytes) -> None:
    with _serving(_says(said)) as server:
        assert _kind(_call(http, server.url)) == "cut-off"


def test_whatever_bytes_come_back_a_call_ends_with_an_answer_or_a_failure(http: Http) -> None:
    saying: list[bytes] = [b""]

    def handler(connection: socket.socket, server: Server) -> None:
        _request(connection, server)
        connection.sendall(saying[0])

    with _serving(handler) as server:

        @settings(max_examples=60)
        @given(
            before=st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]),
            said=st.binary(max_size=80),
        )
        def answered(before: bytes, said: bytes) -> None:
            saying[0] = before + said
            assert _kind(_call(http, server.url)) in ("", "cut-off", "timeout")

        answered()


def test_calls_from_several_threads_do_not_mix(http: Http) -> None:
    def echo(connection: socket.socket, server: Server) -> None:
        number = re.search(rb"X-Number: (\d+)", _request(connection, server))
        assert number
        connection.sendall(_answer(b'{"code":"%s"}' % number.group(1), "Connection: close"))

    codes: dict[int, str] = {}

    def ask(number: int) -> None:
        reply = _call(http, server.url, {"X-Number": str(number)})
        codes[number] = reply.answer.code if reply.answer else ""

    with _serving(echo) as server:
        workers = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(PATIENCE)

    assert codes == {number: str(number) for number in range(12)}


def test_a_proxy_that_refuses_is_named_without_its_password(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = _answer(b"", status="407 Proxy Authentication Required")
    with _serving(_says(refusal)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:Sesame-77@127.0.0.1:{proxy.port}")
        reply = _call(http, "https://www.okx.com", {"OK-ACCESS-PASSPHRASE": "Open-88"})

    assert _kind(reply) == "proxy"
    assert reply.proxy == f"http://127.0.0.1:{proxy.port}"
    assert "Sesame" not in repr(reply)
    assert proxy.received[0].startswith(b"CONNECT www.okx.com:443 HTTP/1.1\r\n")
    assert b"Open-88" not in b"".join(proxy.received)


def test_a_proxy_whose_own_address_has_https_and_that_speaks_http_is_said_to(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    def speaks_http(connection: socket.socket, server: Server) -> None:
        connection.recv(1)
        connection.sendall(_answer(b"no", status="400 Bad Request"))

    with _serving(speaks_http) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        reply = _call(http, "https://www.okx.com")

    assert _kind(reply) == "proxy"
    assert reply.failure is not None
    assert "its own address has https://" in reply.failure.detail


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway", "200"])
def test_a_proxy_that_fails_otherwise_is_no_answer_of_okx(
    http: Http, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    with _serving(_says(_answer(b"no", status=status) if " " in status else b"")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        reply = _call(http, "https://www.okx.com")

    assert reply.answer is None
    assert _kind(reply) in (("proxy",) if " " in status else ("proxy", "cut-off"))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "http"])
def test_a_proxy_that_nobody_runs_is_the_proxys_failure(
    http: Http, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    address = f"{scheme}://127.0.0.1:{_closed_port()}"
    monkeypatch.setenv("ALL_PROXY", address)

    reply = _call(http, "https://www.okx.com")

    assert _kind(reply) == "proxy"
    assert reply.proxy == address


def test_a_proxy_whose_name_does_not_resolve_is_the_proxys_failure(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def unknown(host: object, *arguments: object, **options: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    assert _kind(_call(http, "https://www.okx.com")) == "proxy"
    assert asked == ["proxy.example"]


@pytest.mark.parametrize("scheme", ["ftp", "socks4", "quic"])
def test_a_kind_of_proxy_that_cannot_be_used_is_the_proxys_failure(
    http: Http, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://me:Sesame-77@127.0.0.1:9")

    reply = _call(http, "https://www.okx.com")

    assert _kind(reply) == "proxy"
    assert "Sesame" not in repr(reply)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_this_machine_is_reached_past_every_proxy(http: Http, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with _serving(_says(_answer(GOOD))) as proxy, _serving(_says(_answer(GOOD))) as server:
        monkeypatch.setenv(name, proxy.url)
        reply = _call(http, server.url)

    assert _kind(reply) == ""
    assert reply.proxy == ""
    assert proxy.received == []


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "https://www.okx.com", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "https://www.okx.com", "http://p:1"),
        ({"https_proxy": "p:1"}, "https://www.okx.com", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://www.okx.com", ""),
        ({"ALL_PROXY": "socks5://p:1"}, "https://www.okx.com", "socks5://p:1"),
        ({"ALL_PROXY": "socks5://p:1", "HTTPS_PROXY": "http://q:2"}, "https://www.okx.com", "http://q:2"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "okx.com"}, "https://www.okx.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://www.okx.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other.example"}, "https://www.okx.com", "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "https://127.0.0.1:9443", ""),
        ({"ALL_PROXY": "http://p:1"}, "http://localhost", ""),
        ({"ALL_PROXY": "http://p:1"}, "http://[::1]:80", ""),
        ({"HTTPS_PROXY": ""}, "https://www.okx.com", ""),
    ],
)
def test_the_proxy_of_an_address_is_the_one_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str, proxy: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert proxy_for(url) == proxy


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_side(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def test_a_certificate_of_a_known_authority_is_accepted(authority: trustme.CA) -> None:
    context = _server_side(authority.issue_cert("127.0.0.1"))
    with _client(extra_ca=authority.cert_pem.bytes()) as http, _serving(_says(_answer(GOOD)), context) as server:
        reply = _call(http, server.url)

    assert _kind(reply) == ""
    assert reply.tls_version.startswith("TLSv1.")
    assert reply.tls_ms >= 0


def test_a_certificate_of_an_unknown_issuer_is_not_trusted_and_nothing_is_sent(
    http: Http, authority: trustme.CA
) -> None:
    context = _server_side(authority.issue_cert("127.0.0.1"))
    with _serving(_says(_answer(GOOD)), context) as server:
        reply = _call(http, server.url, {"OK-ACCESS-PASSPHRASE": "Sesame-77"})

    assert _kind(reply) == "tls"
    assert reply.failure is not None
    assert reply.failure.tls_code in (18, 19, 20, 21)  # OpenSSL: self-signed, or its issuer is not known here
    assert "certificate" in reply.failure.detail
    assert server.received == []


@pytest.mark.parametrize(
    ("days_from", "days_to", "code"), [(-20, -10, 10), (10, 20, 9)], ids=["expired", "not yet valid"]
)
def test_a_certificate_out_of_its_time_is_told_by_openssls_code(
    authority: trustme.CA, days_from: int, days_to: int, code: int
) -> None:
    today = datetime.now(UTC)
    leaf = authority.issue_cert(
        "127.0.0.1", not_before=today + timedelta(days=days_from), not_after=today + timedelta(days=days_to)
    )
    with _client(extra_ca=authority.cert_pem.bytes()) as http, _serving(_says(), _server_side(leaf)) as server:
        reply = _call(http, server.url)

    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.tls_code) == ("tls", code)


def test_a_certificate_for_another_host_is_not_trusted(authority: trustme.CA) -> None:
    context = _server_side(authority.issue_cert("www.okx.com"))
    with _client(extra_ca=authority.cert_pem.bytes()) as http, _serving(_says(_answer(GOOD)), context) as server:
        reply = _call(http, server.url)

    assert _kind(reply) == "tls"
    assert reply.failure is not None
    assert reply.failure.tls_code in (62, 64)  # OpenSSL: host name or IP address mismatch


def test_a_server_without_tls_where_tls_is_spoken_is_a_tls_failure(http: Http) -> None:
    def plain(connection: socket.socket, server: Server) -> None:
        connection.recv(1 << 16)
        connection.sendall(_answer(b"plain", status="400 Bad Request"))

    with _serving(plain) as server:
        reply = _call(http, f"https://127.0.0.1:{server.port}")

    assert _kind(reply) == "tls"
    assert reply.failure is not None
    assert reply.failure.tls_code == 0


def test_the_authorities_of_ssl_cert_file_are_trusted(
    http: Http, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    with authority.cert_pem.tempfile() as path:
        monkeypatch.setenv("SSL_CERT_FILE", os.fspath(path))
        with _serving(_says(_answer(GOOD)), _server_side(authority.issue_cert("127.0.0.1"))) as server:
            assert _kind(_call(http, server.url)) == ""


def test_a_failure_of_a_kind_nobody_foresaw_does_not_pass_for_an_answer(http: Http) -> None:
    request = httpx.Request("GET", "gopher://127.0.0.1/")

    assert http.call(request, {}, 1.0).failure is not None


def test_no_file_of_session_keys_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has it and a recording of the connection reads the credentials."""
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))

    context = Http(user_agent="x").tls_context()

    assert not getattr(context, "keylog_filename", "")
    assert not keys.exists()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 50


def test_a_call_over_a_connection_that_is_open_tells_its_family_too(http: Http) -> None:
    with Exchange(Plan()) as exchange:
        base_url = exchange.sites[0].rest[0]
        request = [http.build(base_url, "GET", "/api/v5/public/time")[0] for _ in range(2)]
        opening, reusing = (http.call(each, {}, 60.0) for each in request)

    assert (opening.family, reusing.family) == ("IPv4", "IPv4")
    assert opening.tcp_ms >= 0 > reusing.tcp_ms

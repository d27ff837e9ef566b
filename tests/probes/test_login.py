"""A private socket that answers a login as it likes: a result every time, and nothing of what it said."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from okx_doctor.checking.run import RunInputs, examine
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import CheckResult
from okx_doctor.probes.http import Http
from okx_doctor.probes.websocket import try_to_open
from okx_doctor.report.json import render_json
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import Options

pytestmark = pytest.mark.slow

PASSPHRASE = "Abc-Def-1234!"
ACCOUNT = replace(generate(ip_allowlist=("127.0.0.1",)), passphrase=Secret(PASSPHRASE))

Answer = Callable[[ServerConnection], object]


def sends(event: str | bytes) -> Answer:
    return lambda connection: connection.send(event)


def closes(code: int) -> Answer:
    return lambda connection: connection.close(code, PASSPHRASE)


@pytest.fixture(scope="module")
def okx() -> Iterator[Exchange]:
    with Exchange(Plan(accounts=(ACCOUNT,), sites=("global",))) as exchange:
        yield exchange


def login(okx: Exchange, answer: Answer) -> tuple[CheckResult, str]:
    """The check of the login, and the whole report."""

    def answers(connection: ServerConnection) -> None:
        try:
            connection.recv(timeout=20)
            answer(connection)
            connection.recv(timeout=20)
        except ConnectionClosed:
            return

    with serve(answers, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        site = replace(okx.sites[0], websocket=address)
        report = examine(
            Options(only=("websocket",), websocket=True, timeout=20),
            RunInputs(
                environ={
                    "OKX_API_KEY": ACCOUNT.api_key,
                    "OKX_SECRET_KEY": ACCOUNT.secret.reveal(),
                    "OKX_PASSPHRASE": PASSPHRASE,
                    "OKX_DOCTOR_SITES": f"global={site.rest[0]}",
                },
                sites=(site,),
                proxy="",
            ),
        )
        server.shutdown()
    return next(check for check in report.checks if check.id == "websocket.login"), render_json(report)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (sends('{"event":"login","code":"0","msg":""}'), "pass"),
        (sends(b'{"event":"login","code":"0"}'), "pass"),
        (sends('{"event":"error","code":"60024","msg":"Wrong passphrase"}'), "fail"),
        (sends('{"event":"error","code":"0"}'), "fail"),
        (sends('{"event":"login","code":true}'), "fail"),
        (sends('{"event":"login","code":0.0}'), "fail"),
        (sends('{"event":"login","code":""}'), "fail"),
        (sends('{"event":"login"}'), "fail"),
        (sends('{"event":"login","code":"\\ud800"}'), "fail"),
        (sends(json.dumps({"event": "error", "code": PASSPHRASE})), "fail"),
        (sends(json.dumps({"event": "error", "code": PASSPHRASE[:4]})), "fail"),
        (closes(4001), "fail"),
        (closes(1000), "fail"),
        (sends('{"event":"error","code":' + "9" * 9_000 + "}"), "unknown"),
        (sends('{"event":' + "[" * 200_000), "unknown"),
        (sends(b"\xff\xfe{}"), "unknown"),
        (sends("no JSON"), "unknown"),
    ],
)
def test_whatever_a_socket_answers_is_a_result_and_no_crash(okx: Exchange, answer: Answer, status: str) -> None:
    check, report = login(okx, answer)

    assert check.status.value == status, check.summary
    assert PASSPHRASE not in report
    assert PASSPHRASE[:4] not in check.summary


@pytest.mark.parametrize("proxy", ["", "http://proxy.example:{closed}"])
def test_a_socket_that_every_address_refuses_is_refused(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]

    def two_addresses(*asked: object, **options: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, closed)) for host in ("127.0.0.1", "127.0.0.2")]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    http = Http(user_agent="okx-doctor/test", proxy=lambda url: proxy.format(closed=closed))

    assert try_to_open(http, f"ws://okx.example:{closed}", 60) == "is refused"

from __future__ import annotations

import gc
import json
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan, Tls
from okx_doctor.secrets.secret import Secret
from tests.gate.bot import (
    AMERICAN,
    BALANCE,
    EUROPEAN,
    LIVE,
    STATUS,
    TIME,
    call,
    connect,
    data_of,
    raw,
    send,
    signed,
)

pytestmark = pytest.mark.slow


def test_every_planned_site_has_an_address_here_in_the_plans_order(exchange: Exchange) -> None:
    assert [site.id for site in exchange.sites] == ["global", "eea", "us", "au", "tr"]
    for site in exchange.sites:
        assert [urlsplit(url).hostname for url in site.rest] == ["127.0.0.1"]
        assert send(site.rest[0], TIME).status == 200
    assert exchange.ntp == ""
    assert {site.websocket for site in exchange.sites} == {None}


def test_australia_shares_the_server_of_the_us(exchange: Exchange) -> None:
    by_id = {site.id: site.rest for site in exchange.sites}

    assert by_id["us"] == by_id["au"]
    assert len(set(by_id.values())) == 4


@pytest.mark.parametrize(("account", "home"), [(LIVE, {"global"}), (EUROPEAN, {"eea"}), (AMERICAN, {"us", "au"})])
def test_a_key_of_another_site_is_refused_with_50119(exchange: Exchange, account: Account, home: set[str]) -> None:
    answers = {site.id: call(site.rest[0], account) for site in exchange.sites}

    for site_id, received in answers.items():
        code = json.loads(received.body)["code"]
        assert (received.status, code) == ((200, "0") if site_id in home else (401, "50119"))


def test_a_shifted_clock_shows_in_public_time_in_date_and_in_the_judgement() -> None:
    with Exchange(Plan(accounts=(LIVE,), sites=("global",), clock_offset=500.0), now=lambda: 1_000_000.0) as shifted:
        received = send(shifted.sites[0].rest[0], TIME)

    assert data_of(received)[0]["ts"] == "1000500000"
    assert parsedate_to_datetime(received.headers["date"]).timestamp() == 1_000_500


def test_the_clock_can_be_shifted_while_running(exchange: Exchange, base_url: str) -> None:
    exchange.set_clock_offset(45.0)
    refused = call(base_url, LIVE)
    accepted = call(base_url, LIVE, ahead=45.0)

    assert json.loads(refused.body) == {"msg": "Timestamp request expired", "code": "50102"}
    assert accepted.status == 200


def test_handled_keeps_the_request_its_trace_and_the_answer(exchange: Exchange, base_url: str) -> None:
    call(base_url, LIVE, target=BALANCE)
    call(base_url, EUROPEAN)

    first, second = exchange.handled
    assert (first.site, first.status, first.code, first.request.target) == ("global", 200, "0", BALANCE)
    assert first.trace is not None
    assert first.trace.account is LIVE
    assert (second.status, second.code) == (401, "50119")


def test_staged_faults_can_be_limited_to_a_site_and_to_paths_and_ended() -> None:
    plan = Plan(
        sites=("global", "eea"),
        faults=(("*", Fault.RATE_LIMITED), ("eea", Fault.UNAVAILABLE)),
        faulty_paths=("/api/v5/public/time",),
    )
    with Exchange(plan) as exchange:
        home, abroad = (site.rest[0] for site in exchange.sites)

        def statuses() -> tuple[int, int, int]:
            return send(home, TIME).status, send(abroad, TIME).status, send(home, STATUS).status

        seen = [statuses()]
        exchange.stage(None, "eea")
        seen.append(statuses())
        exchange.stage(Fault.MARKUP, "global")
        seen.append(statuses())
        exchange.stage(None)
        seen.append(statuses())

    assert seen == [(429, 503, 200), (429, 429, 200), (500, 429, 200), (200, 200, 200)]


def test_a_fault_of_australia_is_one_of_the_us() -> None:
    with Exchange(Plan(sites=("us", "au"), faults=(("au", Fault.UNAVAILABLE),))) as exchange:
        assert [send(site.rest[0], TIME).status for site in exchange.sites] == [503, 503]


def test_a_delay_is_longer_than_an_impatient_client_waits() -> None:
    with (
        Exchange(Plan(sites=("global",), delay=60.0)) as exchange,
        connect(exchange.sites[0].rest[0], seconds=0.05) as connection,
    ):
        connection.sendall(TIME)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_leaving_frees_the_ports_and_ends_the_thread_although_clients_hang_on() -> None:
    threads = threading.active_count()
    with Exchange(Plan(faults=(("*", Fault.HANG),), websocket=True, ntp="answers")) as exchange:
        addresses = [urlsplit(site.rest[0]).port or 0 for site in exchange.sites]
        clients = [connect(site.rest[0]) for site in exchange.sites for _ in range(5)]
        for client in clients:
            client.sendall(TIME)

    for client in clients:
        client.close()
    assert threading.active_count() == threads
    for port in addresses:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("tls", ["off", "trusted"])
def test_leaving_in_the_middle_of_a_rush_leaves_no_socket_behind(tls: Tls) -> None:
    for count in range(12):
        with ExitStack() as clients:
            with Exchange(Plan(sites=("global",), tls=tls)) as exchange:
                for _ in range(3 * count):
                    client = clients.enter_context(connect(exchange.sites[0].rest[0]))
                    client.sendall(TIME[: 10 * count])
                if count % 2:
                    clients.close()
            assert list(exchange.crashes) == []

    gc.collect()  # an unclosed socket warns when it is collected, and pytest turns that into a failure


def test_an_exchange_that_fails_to_start_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threading.active_count()

    def no_socket(_host: str, _port: int) -> socket.socket:
        raise OSError("no port left")

    monkeypatch.setattr("okx_doctor.gate.serve.exchange._listen", no_socket)
    with pytest.raises(OSError, match="no port left"), Exchange(Plan()):
        pass

    assert threading.active_count() == threads


@pytest.mark.parametrize(
    "plan",
    [
        Plan(sites=("mars",)),
        Plan(accounts=(generate(site="mars"),)),
        Plan(faults=(("mars", Fault.HANG),)),
    ],
)
def test_a_site_that_okx_does_not_have_is_refused_at_once(plan: Plan) -> None:
    with pytest.raises(ValueError, match="mars"):
        Exchange(plan)


def test_two_exchanges_do_not_know_each_others_keys() -> None:
    mine, yours = generate(), generate()
    with (
        Exchange(Plan(accounts=(mine,), sites=("global",))) as first,
        Exchange(Plan(accounts=(yours,), sites=("global",))) as second,
    ):
        assert call(first.sites[0].rest[0], mine).status == 200
        assert call(second.sites[0].rest[0], mine).status == 401


def test_no_answer_holds_a_secret_or_a_passphrase(exchange: Exchange, base_url: str) -> None:
    account = generate(secret=Secret("S3CRET" * 5), passphrase=Secret("P4SSPHRASE"))
    bodies = [
        call(base_url, account).body,
        call(base_url, LIVE).body,
        send(base_url, raw(signed(LIVE)).replace(LIVE.api_key.encode(), account.secret.reveal().encode())).body,
        send(base_url, b"GET /P4SSPHRASE HTTP/9.9\r\nX: S3CRET\r\n\r\n").body,
    ]

    everything = b"".join(bodies)
    for secret in (account.secret, account.passphrase, LIVE.secret, LIVE.passphrase):
        assert secret.reveal().encode() not in everything
    assert b"S3CRET" not in everything
    assert "P4SSPHRASE" not in repr(exchange.handled[0].trace)


def test_a_plain_exchange_loads_neither_websockets_nor_tls_nor_a_client() -> None:
    program = (
        "import sys\n"
        "from okx_doctor.gate.serve.exchange import Exchange, Plan\n"
        "with Exchange(Plan(ntp='answers')): pass\n"
        "heavy = {'websockets', 'trustme', 'cryptography', 'httpx', 'rich', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")

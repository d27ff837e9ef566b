"""``okx-doctor listen`` as a user runs it: a process of its own, a bot in another."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx
import jsonschema
import pytest
from msgspec import Struct
from websockets.sync.client import connect

from okx_doctor.protocol.signing import prehash, sign, websocket_prehash
from okx_doctor.protocol.timestamps import rest_timestamp, websocket_timestamp
from tests.cli.running import API_KEY, CLI, CREDENTIALS, PASSPHRASE, SECRET, clean, okx_doctor
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

SCHEMA = schema_of("listening")
BALANCE = "/api/v5/account/balance"
ORDER = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"2.15","sz":"2"}'


class Listening(Struct):
    """A running listener and, once it has ended, what it said."""

    process: subprocess.Popen[bytes]
    ready: Mapping[str, Any]
    out: str = ""
    err: str = ""
    status: int = -1

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines, in the order in which things came."""
        rows = [json.loads(line) for line in self.out.splitlines()]
        for row in rows:
            jsonschema.validate(row, SCHEMA)
        return sorted(rows, key=lambda row: int(row["number"]))

    @property
    def causes(self) -> list[list[str]]:
        return [[cause["id"] for cause in row["causes"]] for row in self.lines]

    def end(self, how: int = signal.SIGINT) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=120)
        self.out, self.err, self.status = out.decode(), err.decode(), self.process.returncode


@contextmanager
def listening(folder: Path, *options: str, credentials: Mapping[str, str] = CREDENTIALS) -> Iterator[Listening]:
    ready = folder / "ready.json"
    command = [sys.executable, *CLI, "listen", "--no-env-file", "--port", "0", "--ready-file", str(ready), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean(**credentials), cwd=folder
    )
    try:
        _until(ready, process)
        yield (started := Listening(process, json.loads(ready.read_text("utf-8"))))
        started.end()
    finally:
        process.kill()
        process.communicate()


def _until(ready: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait for the file, or for the end of a process that will never write it."""
    while not ready.exists():
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(process.communicate()[1].decode())


def call(
    url: str,
    method: str = "GET",
    target: str = BALANCE,
    body: bytes = b"",
    *,
    signed: str | None = None,
    secret: str = SECRET,
    client: httpx.Client | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> httpx.Response:
    """One request, signed as OKX documents it unless told otherwise. ``headers`` replace those that are sent."""
    stamp = rest_timestamp(time.time())
    message = prehash(stamp, method, target, body) if signed is None else (stamp + signed).encode()
    given = {
        "OK-ACCESS-KEY": API_KEY,
        "OK-ACCESS-SIGN": sign(secret, message),
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        "Content-Type": "application/json",
        **headers,
    }
    with client or httpx.Client(trust_env=False) as open_client:
        return open_client.request(method, url + target, content=body, headers=given)


def login(url: str, *, passphrase: str = PASSPHRASE, secret: str = SECRET) -> dict[str, Any]:
    stamp = websocket_timestamp(time.time())
    entry = {
        "apiKey": API_KEY,
        "passphrase": passphrase,
        "timestamp": stamp,
        "sign": sign(secret, websocket_prehash(stamp)),
    }
    with connect(f"{url}/ws/v5/private", proxy=None) as socket_:
        socket_.send(json.dumps({"op": "login", "args": [entry]}))
        found = json.loads(socket_.recv(timeout=120))
    assert isinstance(found, dict)
    return found


def test_a_right_request_is_accepted_and_a_wrong_one_explained_once(tmp_path: Path) -> None:
    with listening(tmp_path) as okx:
        assert call(okx.url).json()["code"] == "0"
        assert call(okx.url, target=f"{BALANCE}?ccy=BTC", signed=f"GET{BALANCE}").json()["code"] == "50113"
        assert call(okx.url, target=f"{BALANCE}?ccy=ETH", signed=f"GET{BALANCE}").json()["code"] == "50113"

    assert okx.status == 1
    assert re.search(r"1 ✓ 200 +GET +/api/v5/account/balance$", okx.out, re.MULTILINE)
    told = re.findall(
        r"✗ 401 50113 GET +/api/v5/account/balance\?cc\S+  query-not-signed(, as 2 above)?$", okx.out, re.M
    )
    assert told == ["", ", as 2 above"]
    assert okx.out.count("query-not-signed: proven") == 1
    assert "3 requests: 1 accepted, 2 refused." in okx.out
    assert re.search(r"^  query-not-signed  2$", okx.out, re.MULTILINE)
    title, fix, *_, last = okx.out.rpartition("\n\n")[2].splitlines()
    assert title == "✗ The query is sent but not signed"
    assert fix.startswith("  Fix: Sign path and query as they are sent")
    assert last == "  then let the bot send it again"
    assert okx.err == ""


def test_the_banner_says_what_is_judged_and_that_it_is_no_proxy_and_names_the_line_to_change(tmp_path: Path) -> None:
    with listening(tmp_path) as okx:
        pass
    said = " ".join(okx.out.split())
    assert "It judges authentication: key, time, passphrase, signature; of an order instId" in said
    assert "This is no proxy" in said
    for line in (
        f'ccxt (Python): exchange.urls["api"]["rest"] = "{okx.url}"',
        f'python-okx (REST and WebSocket): domain="{okx.url}",',
        f"okx-api (npm): baseUrl: '{okx.url}',",
    ):
        assert line in said


def test_the_banner_names_the_line_of_the_client_that_the_credentials_are_kept_for(tmp_path: Path) -> None:
    names = ("FREQTRADE__EXCHANGE__KEY", "FREQTRADE__EXCHANGE__SECRET", "FREQTRADE__EXCHANGE__PASSWORD")
    values = (API_KEY, SECRET, "Zx8kQwLpM!")
    (tmp_path / "bot.env").write_text("".join(f"{name}={value}\n" for name, value in zip(names, values, strict=True)))
    arguments = ("listen", "--env-file", "bot.env", "--port", "0", "--until-idle", "0.1")
    done = okx_doctor(*arguments, env=clean(), cwd=tmp_path)
    assert '  freqtrade: "ccxt_config": {"urls"' in done.text
    assert "ccxt (Python)" not in done.text


def test_a_bot_that_takes_it_for_a_proxy_is_told(tmp_path: Path) -> None:
    with listening(tmp_path) as okx:
        address = urlsplit(okx.url)
        with socket.create_connection((address.hostname, address.port), 60) as bot:
            bot.sendall(b"CONNECT www.okx.com:443 HTTP/1.1\r\nHost: www.okx.com:443\r\n\r\n")
            assert bot.recv(100).startswith(b"HTTP/1.1 404 ")
    assert re.search(r"✗ 404 404 +CONNECT .*this is no proxy: set the client's base URL", okx.out)


def test_the_explanation_shows_both_texts_and_where_okx_stops(tmp_path: Path) -> None:
    with listening(tmp_path) as okx:
        call(
            okx.url,
            "POST",
            "/api/v5/trade/order",
            ORDER,
            signed="POST/api/v5/trade/order",
            headers={"OK-ACCESS-PASSPHRASE": "x"},
        )

    said = " ".join(okx.out.split())
    assert "OKX expects" in said
    assert "body-not-signed: proven" in said
    assert "passphrase-differs: stated" in said
    assert "OKX stops at its step passphrase; it would stop at signature next." in said
    assert "then let the bot send it again" in said


def test_everything_accepted_ends_with_zero_and_nothing_signed_with_three(tmp_path: Path) -> None:
    with listening(tmp_path) as okx:
        call(okx.url)
    with listening(tmp_path) as idle:
        assert httpx.get(f"{idle.url}/api/v5/public/time", trust_env=False).json()["code"] == "0"

    assert (okx.status, idle.status) == (0, 3)
    assert "1 request: 1 accepted." in okx.out
    assert "None of them was signed, so nothing was judged." in idle.out


@pytest.mark.parametrize(
    ("options", "given", "code", "cause"),
    [
        ((), {"OK-ACCESS-PASSPHRASE": "another"}, "50105", "passphrase-differs"),
        ((), {"OK-ACCESS-PASSPHRASE": PASSPHRASE.swapcase()}, "50105", "passphrase-case"),
        ((), {"OK-ACCESS-KEY": "0d52aa2f-6c5a-4a4c-9d2b-6a1f3e0c7b11"}, "50119", "api-key-differs"),
        ((), {"OK-ACCESS-TIMESTAMP": "2020-12-08T09:08:57.715Z"}, "50102", "timestamp-stale"),
        ((), {"x-simulated-trading": "1"}, "50101", "wrong-environment"),
        (("--demo",), {}, "50101", "wrong-environment"),
        (("--allow-ip", "203.0.113.8"), {}, "50110", "ip-not-allowlisted"),
        ((), {"OK-ACCESS-SIGN": ""}, "50106", "header-missing"),
    ],
)
def test_each_refusal_has_okxs_code_and_a_cause(
    tmp_path: Path, options: tuple[str, ...], given: dict[str, str], code: str, cause: str
) -> None:
    with listening(tmp_path, "--format", "json", *options) as okx:
        assert call(okx.url, headers=given).json()["code"] == code

    assert okx.status == 1
    (row,) = okx.lines
    assert row["answer"]["code"] == code
    assert cause in okx.causes[0]
    assert not row["accepted"]


@pytest.mark.parametrize(
    ("method", "target", "body", "headers", "status", "code", "reason"),
    [
        ("POST", "/api/v5/trade/order", ORDER, {"Content-Type": "text/plain"}, 400, "50006", "Content-Type"),
        ("POST", "/api/v5/trade/order", b"", {}, 400, "50000", "needs a body"),
        ("POST", "/api/v5/trade/batch-orders", ORDER, {}, 400, "50002", "not the JSON"),
        ("GET", "/api/v5/no/such/path", b"", {}, 404, "404", "no such path"),
        ("POST", "/api/v5/account/positions", b"{}", {}, 405, "50115", "another method"),
    ],
)
def test_what_is_signed_rightly_and_refused_all_the_same_says_why(
    tmp_path: Path,
    method: str,
    target: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
    reason: str,
) -> None:
    with listening(tmp_path, "--format", "json") as okx:
        answered = call(okx.url, method, target, body, headers=headers)

    (row,) = okx.lines
    assert (answered.status_code, row["answer"]) == (status, {"status": status, "code": code})
    assert reason in row["reason"]
    assert okx.status == 1


def test_a_batch_and_every_documented_endpoint_is_accepted(tmp_path: Path) -> None:
    with listening(tmp_path, "--format", "json", "--market", "none") as okx:
        assert call(okx.url, "POST", "/api/v5/trade/batch-orders", b"[" + ORDER + b"]").json()["code"] == "0"
        assert call(okx.url, target="/api/v5/account/positions").json() == {"code": "0", "data": [], "msg": ""}
        assert call(okx.url, "POST", "/api/v5/account/set-leverage", b"{}").json()["code"] == "0"

    assert okx.causes == [[], [], []]
    assert [row["verdict"] for row in okx.lines] == ["valid"] * 3
    assert all(row["prehash"]["signed"] == row["prehash"]["expected"] for row in okx.lines)


def test_a_key_without_the_permission_is_refused(tmp_path: Path) -> None:
    with listening(tmp_path, "--format", "json", "--permission", "read") as okx:
        assert call(okx.url, "POST", "/api/v5/trade/order", ORDER).json()["code"] == "50120"
        assert call(okx.url).json()["code"] == "0"

    assert okx.causes == [["permission-missing"], []]


def test_rate_limits_are_kept_only_where_asked_for(tmp_path: Path) -> None:
    def codes(*options: str) -> list[str]:
        with (
            listening(tmp_path, "--format", "json", *options) as okx,
            httpx.Client(trust_env=False, base_url=okx.url) as client,
        ):
            for _ in range(8):
                client.get("/api/v5/account/config")
            client.close()
            for _ in range(7):
                call(okx.url, target="/api/v5/account/config")
        return [row["answer"]["code"] for row in okx.lines if row["answer"]["code"] in ("0", "50011")]

    assert codes().count("50011") == 0
    limited = codes("--rate-limits")
    assert limited[:5] == ["0"] * 5
    assert "50011" in limited[5:]


def test_a_public_request_beyond_the_rate_limit_is_told_as_such_and_not_as_a_guess(tmp_path: Path) -> None:
    with (
        listening(tmp_path, "--format", "json", "--rate-limits") as okx,
        httpx.Client(trust_env=False, base_url=okx.url) as client,
    ):
        answered = [client.get("/api/v5/public/time").status_code for _ in range(40)]

    beyond = [row for row in okx.lines if not row["accepted"]]
    assert len(beyond) == answered.count(429) > 0
    assert {(row["reason"], row["verdict"], len(row["causes"])) for row in beyond} == {
        ("more requests than the rate limit allows", "unsigned", 0)
    }


def test_sockets_log_in_subscribe_and_are_judged(tmp_path: Path) -> None:
    with listening(tmp_path, "--format", "json") as okx:
        assert login(okx.ready["ws_url"])["event"] == "login"
        assert login(okx.ready["ws_demo_url"])["code"] == "50101"
        assert login(okx.ready["ws_url"], passphrase="another")["code"] == "60024"
        assert login(okx.ready["ws_url"], secret=SECRET.lower())["code"] == "60007"
        with connect(f"{okx.ready['ws_url']}/ws/v5/private", proxy=None) as early:
            early.send('{"op":"subscribe","args":[{"channel":"account"}]}')
            assert json.loads(early.recv(timeout=120))["code"] == "60011"

    assert [row["kind"] for row in okx.lines] == ["login"] * 4 + ["message"]
    assert [row["target"] for row in okx.lines] == ["login", "login (demo)", "login", "login", "/ws/v5/private"]
    assert {row["method"] for row in okx.lines} == {"WS"}
    assert okx.causes == [
        [],
        ["wrong-environment"],
        ["passphrase-differs"],
        ["secret-altered"],
        ["websocket-login-missing"],
    ]
    assert okx.lines[4]["reason"] == "subscribe account: before a login on this connection"
    assert okx.status == 1


def test_generated_credentials_are_printed_for_the_bot_and_used(tmp_path: Path) -> None:
    with listening(tmp_path, "--generate", credentials={}) as okx:
        made = okx.ready
        answered = call(
            okx.url,
            secret=made["OKX_SECRET_KEY"],
            headers={"OK-ACCESS-KEY": made["OKX_API_KEY"], "OK-ACCESS-PASSPHRASE": made["OKX_PASSPHRASE"]},
        )

    assert answered.json()["code"] == "0"
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"):
        assert re.search(rf"^  {name}=", okx.out, re.MULTILINE)
        assert made[name] in okx.out
    assert okx.status == 0


def test_loaded_credentials_stand_nowhere(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with listening(tmp_path, "--record", str(record)) as okx:
        call(okx.url)
        call(
            okx.url,
            target=f"{BALANCE}?a={SECRET}",
            signed=f"GET{BALANCE}",
            headers={"OK-ACCESS-PASSPHRASE": PASSPHRASE.upper()},
        )
        ready = (tmp_path / "ready.json").read_text("utf-8")

    for text in (okx.out, okx.err, ready, record.read_text("utf-8")):
        for secret in (API_KEY, SECRET, PASSPHRASE, PASSPHRASE.upper()):
            assert secret not in text


def test_a_recording_is_judged_the_same_by_inspect(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with listening(tmp_path, "--format", "json", "--record", str(record)) as okx:
        call(okx.url)
        call(okx.url, target=f"{BALANCE}?ccy=BTC", signed=f"GET{BALANCE}")
        call(okx.url, headers={"OK-ACCESS-PASSPHRASE": PASSPHRASE.swapcase()})
        call(okx.url, headers={"OK-ACCESS-KEY": "0d52aa2f-6c5a-4a4c-9d2b-6a1f3e0c7b11"})
        login(okx.ready["ws_url"], passphrase="another")
    read = okx_doctor(
        "inspect", "--no-env-file", "--format", "json", str(record), env=clean(**CREDENTIALS), cwd=tmp_path
    )

    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    found = read.report["requests"]
    assert sorted([cause["id"] for cause in row["causes"]] for row in found) == sorted(okx.causes)
    assert sorted(okx.causes)[2:] == [["passphrase-case"], ["passphrase-differs"], ["query-not-signed"]]


def test_a_recording_without_the_credentials_accuses_nobody_of_a_placeholder(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with listening(tmp_path, "--record", str(record)) as okx:
        call(okx.url)
    read = okx_doctor("inspect", "--no-env-file", "--format", "json", str(record), env=clean(), cwd=tmp_path)

    assert read.report["requests"][0]["causes"] == []


def test_it_ends_after_so_many_requests_and_when_nothing_comes(tmp_path: Path) -> None:
    with listening(tmp_path, "--exit-after", "2") as counted:
        call(counted.url)
        assert call(counted.url).json()["code"] == "0"
        counted.process.wait(120)
    with listening(tmp_path, "--until-idle", "5") as idle:
        call(idle.url)
        idle.process.wait(120)

    assert (counted.status, idle.status) == (0, 0)
    assert "2 requests: 2 accepted." in counted.out


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_summary(tmp_path: Path, how: int) -> None:
    with listening(tmp_path) as okx:
        call(okx.url)
        okx.end(how)

    assert "1 request: 1 accepted." in okx.out
    assert okx.status == 0
    assert not (tmp_path / "ready.json").exists()


def test_one_empty_line_stands_before_the_summary_and_none_is_doubled(tmp_path: Path) -> None:
    with listening(tmp_path) as accepted:
        call(accepted.url)
        accepted.end()
    with listening(tmp_path) as explained:
        call(explained.url, signed=f"get{BALANCE}")
        explained.end()

    for out in (accepted.out, explained.out):
        assert "\n\n1 request: " in out
        assert "\n\n\n" not in out
    assert "Fix" in explained.out


def test_tls_is_served_with_a_certificate_that_the_bot_can_trust(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    with listening(tmp_path, "--tls", str(ca), "--record", str(tmp_path / "record")) as okx:
        context = ssl.create_default_context(cafile=str(ca))
        answered = call(okx.url, client=httpx.Client(verify=context, trust_env=False))

    assert okx.url.startswith("https://127.0.0.1:")
    assert answered.json()["code"] == "0"
    assert okx.ready["ca_file"] == str(ca)
    assert json.loads((tmp_path / "record").read_text("utf-8"))["url"].startswith("https://127.0.0.1:")


def test_on_every_address_it_names_one_that_can_be_reached(tmp_path: Path) -> None:
    with listening(tmp_path, "--host", "0.0.0.0", "--expose") as okx:
        assert call(okx.url).json()["code"] == "0"

    assert okx.url.startswith("http://127.0.0.1:")
    assert okx.status == 0


def test_output_goes_to_a_file_of_ones_own(tmp_path: Path) -> None:
    written = tmp_path / "listen.txt"
    with listening(tmp_path, "--output", str(written)) as okx:
        call(okx.url)

    assert okx.out == ""
    assert "1 request: 1 accepted." in written.read_text("utf-8")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "credentials", "said"),
    [
        ((), {}, "OKX_API_KEY, OKX_SECRET_KEY, OKX_PASSPHRASE are not set"),
        ((), {"OKX_API_KEY": API_KEY, "OKX_PASSPHRASE": "x"}, "OKX_SECRET_KEY is not set"),
        (("--host", "0.0.0.0"), CREDENTIALS, "--expose"),
        (("--host", "example.com"), CREDENTIALS, "no IP address"),
        (("--host", "192.0.2.1", "--expose"), CREDENTIALS, "cannot listen on 192.0.2.1"),
        (("--allow-ip", "home"), CREDENTIALS, "no IP address or network"),
        (("--ready-file", "/no/such/folder/f"), CREDENTIALS, "cannot write /no/such/folder/f"),
        (("--record", "/no/such/folder/f"), CREDENTIALS, "cannot write /no/such/folder/f"),
        (("--env-file", "/no/such/file"), CREDENTIALS, "cannot read the env file"),
        (("--generate", "--format", "json"), {}, "add --ready-file"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(
    tmp_path: Path, options: tuple[str, ...], credentials: Mapping[str, str], said: str
) -> None:
    ended = okx_doctor("listen", "--no-env-file", "--port", "0", *options, env=clean(**credentials), cwd=tmp_path)

    assert ended.is_one_line_of_usage()
    assert said in ended.said
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        ended = okx_doctor("listen", "--no-env-file", "--port", port, env=clean(**CREDENTIALS), cwd=tmp_path)

    assert ended.is_one_line_of_usage()
    assert f"port {port} is taken" in ended.said


def test_the_ready_file_of_an_earlier_run_is_not_left_lying(tmp_path: Path) -> None:
    left = tmp_path / "ready.json"
    left.write_text('{"port": 1}', "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as holder:  # so that the port is never opened
        okx_doctor(
            *("listen", "--no-env-file", "--ready-file", str(left), "--port", str(holder.getsockname()[1])),
            env=clean(**CREDENTIALS),
            cwd=tmp_path,
        )

    assert not left.exists()


def test_listening_loads_no_client(tmp_path: Path) -> None:
    code = "import sys, okx_doctor.cli.listen; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)

    assert not {"httpx", "websockets", "trustme", "ntplib"} & set(re.findall(r"'(\w+)'", done.stdout))

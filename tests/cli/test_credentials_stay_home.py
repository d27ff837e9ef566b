"""Credentials go to official hosts, or to the base URL that an option or the process environment names, and
nowhere else; what looks like a secret key goes nowhere at all."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.raw import ACCEPTED, Raw, http, refusal, telling_time
from tests.cli.running import (
    API_KEY,
    CREDENTIALS,
    NO_NTP,
    PASSPHRASE,
    SECRET,
    account,
    at,
    clean,
    in_a_process,
    okx_doctor,
    one_by_one,
)

pytestmark = pytest.mark.slow

RUN = ("check", "--timeout", "4", "--format", "json")
QUICK = (*RUN, "--skip", "clock.ntp")
"""Without time servers, which are silent here: a run would wait for them a little each time."""
UNKNOWN_KEY = refusal("50119", "API key doesn't exist")


@pytest.fixture
def foreign() -> Iterator[Raw]:
    """A server that answers as OKX would to a key in order; nothing may arrive there."""
    with Raw(telling_time(lambda heard: http(200, ACCEPTED))) as server:
        yield server


@pytest.mark.parametrize("option", [("--env-file", "my.env"), ()], ids=["--env-file", "./.env"])
def test_a_base_url_in_an_env_file_is_not_followed(
    okx: Exchange, foreign: Raw, tmp_path: Path, option: tuple[str, ...]
) -> None:
    rows = [f"{name}='{value}'" for name, value in CREDENTIALS.items() if "PASS" not in name]
    rows += [f"OKX_API_BASE_URL={foreign.url}", f"OKX_DOCTOR_SITES=global={foreign.url}"]
    rows += [f"{name}={foreign.url}" for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "OKX_DOCTOR_NTP")]
    (tmp_path / ("my.env" if option else ".env")).write_text("\n".join(rows), "utf-8")
    env = {name: value for name, value in at(okx).items() if name not in ("OKX_API_KEY", "OKX_SECRET_KEY")}
    done = okx_doctor(*RUN, *option, env=env, cwd=tmp_path)
    assert foreign.heard == []
    assert done.status == 0
    assert foreign.url in done.text, "the user is told that it is not used"
    assert any(handled.code == "0" for handled in okx.handled)


def test_an_official_base_url_in_an_env_file_is_not_followed_where_the_sites_are_named(
    okx: Exchange, foreign: Raw, tmp_path: Path
) -> None:
    """With ``OKX_DOCTOR_SITES`` only those sites exist, so not even OKX itself."""
    (tmp_path / ".env").write_text("OKX_API_BASE_URL=https://www.okx.com\n")
    env = at(okx, HTTPS_PROXY=foreign.url, ALL_PROXY=foreign.url)
    assert okx_doctor(*QUICK, env=env, cwd=tmp_path).status == 0
    assert foreign.heard == []


def test_the_environment_decides_where_the_env_file_says_otherwise(foreign: Raw, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OKX_API_BASE_URL=https://www.okx.com\n")
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=foreign.url)
    assert okx_doctor(*QUICK, env=env, cwd=tmp_path).status == 0
    assert foreign.heard


def test_a_hop_goes_only_to_the_sites_that_are_named(foreign: Raw, tmp_path: Path) -> None:
    """The key is unknown everywhere: the two named sites are asked, and nobody else."""
    with (
        Raw(telling_time(lambda heard: UNKNOWN_KEY)) as home,
        Raw(telling_time(lambda heard: UNKNOWN_KEY)) as other,
    ):
        env = clean(
            **CREDENTIALS,
            OKX_DOCTOR_SITES=f"global={home.url},eea={other.url}",
            HTTPS_PROXY=foreign.url,
            ALL_PROXY=foreign.url,
        )
        done = okx_doctor(*QUICK, env=env, cwd=tmp_path)
        assert any(heard.has_credentials for heard in home.heard)
        assert any(heard.has_credentials for heard in other.heard)
    assert foreign.heard == []
    assert done.causes == {"api-key-unknown": "stated"}


def test_an_official_run_without_named_sites_sends_nothing_in_clear_through_a_proxy(
    foreign: Raw, tmp_path: Path
) -> None:
    env = clean(**CREDENTIALS, HTTPS_PROXY=foreign.url)
    in_a_process(*QUICK, env=env, cwd=tmp_path)
    assert {heard.target for heard in foreign.heard} == {"openapi.okx.com:443"}
    assert not any(heard.has_credentials for heard in foreign.heard)


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_custom_base_url_never_hops(okx: Exchange, foreign: Raw, tmp_path: Path, by: str) -> None:
    """It answers 50119; neither OKX (behind the proxy, which would see it) nor a named site is asked."""
    with Raw(telling_time(lambda heard: UNKNOWN_KEY)) as custom:
        for sites in ({}, {"OKX_DOCTOR_SITES": at(okx)["OKX_DOCTOR_SITES"]}):
            proxies = {"HTTPS_PROXY": foreign.url, "ALL_PROXY": foreign.url}
            env = clean(**CREDENTIALS, **proxies, **sites)
            option: tuple[str, ...] = ("--base-url", custom.url)
            if by == "environment":
                env, option = {**env, "OKX_API_BASE_URL": custom.url}, ()
            done = okx_doctor(*QUICK, *option, env=env, cwd=tmp_path)
            assert done.status in (1, 3)
            assert "api-key-unknown" not in done.causes
    assert foreign.heard == []
    assert not okx.handled


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_loopback_is_asked_without_the_proxy(okx: Exchange, foreign: Raw, tmp_path: Path, variable: str) -> None:
    assert okx_doctor(*QUICK, env=at(okx, **{variable: foreign.url}), cwd=tmp_path).status == 0
    assert foreign.heard == []


@pytest.mark.parametrize("status", [302, 308])
def test_a_redirect_of_any_call_is_not_followed(foreign: Raw, tmp_path: Path, status: int) -> None:
    location = f"Location: {foreign.url_by_name}/api/v5/account/config"
    away = http(status, "", "text/html", location)
    for answer in (telling_time(lambda heard: away), lambda heard: away):
        with Raw(answer) as server:
            env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
            done = okx_doctor(*QUICK, env=env, cwd=tmp_path)
        assert foreign.heard == []
        assert "host-not-api" in done.causes


def test_a_host_that_is_known_to_serve_no_api_gets_no_credentials(foreign: Raw, tmp_path: Path) -> None:
    env = clean(**CREDENTIALS, OKX_API_BASE_URL="https://www.okex.com", HTTPS_PROXY=foreign.url)
    done = in_a_process(*QUICK, env=env, cwd=tmp_path)
    assert "host-not-api" in done.causes
    assert not any(heard.has_credentials for heard in foreign.heard)


@contextmanager
def foreign_socket(got: list[str | bytes]) -> Iterator[int]:
    def listen(connection: ServerConnection) -> None:
        for message in connection:
            got.append(message)
            connection.send(json.dumps({"event": "login", "code": "0"}))

    with serve(listen, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.socket.getsockname()[1])
        server.shutdown()
        thread.join()


def test_a_redirect_of_the_socket_is_not_followed(tmp_path: Path) -> None:
    got: list[str | bytes] = []
    with foreign_socket(got) as port:
        away = http(302, "", "text/html", f"Location: ws://localhost:{port}/ws/v5/private")
        with Raw(telling_time(lambda heard: away if "/ws/" in heard.target else http(200, ACCEPTED))) as server:
            env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
            done = okx_doctor(*QUICK, "--websocket", env=env, cwd=tmp_path)
    assert got == []
    assert done.checks["websocket.login"] != "pass"


PLACED: dict[str, dict[str, str]] = {
    f"{slots[0]} {slots[1]} {slots[2]}": dict(zip(CREDENTIALS, slots, strict=True))
    for slots in itertools.product((API_KEY, SECRET, PASSPHRASE), repeat=3)
    if SECRET in (slots[0], slots[2])
}
DRESSED = {
    "lower case": SECRET.lower(),
    "blanks around it": f" {SECRET} ",
    "a newline behind it": SECRET + "\n",
    "quotes around it": f'"{SECRET}"',
    "backticks around it": f"`{SECRET}`",
    "curly quotes around it": f"\u201c{SECRET}\u201d",
    "an equals sign before it": f"={SECRET}",
    "quoted quotes": f"'\"{SECRET}\"'",
    "a comma behind it": SECRET + ",",
    "a line of JSON": f'"{SECRET}",',
    "a semicolon behind it": SECRET + ";",
    "a line of an env file": f"OKX_SECRET_KEY={SECRET}",
    "a line of YAML": f"secret: {SECRET}",
    "a zero-width blank in it": SECRET[:9] + "\u200b" + SECRET[9:],
    "a byte order mark before it": "\ufeff" + SECRET,
    "digits of full width": SECRET.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "a comment behind it": f"{SECRET} # live",
}


def secret_received(okx: Exchange) -> list[str]:
    """Every place of every request in which the secret arrived, however it was dressed."""
    found: list[str] = []
    for handled in okx.handled:
        places = [handled.request.target, handled.request.body.decode("utf-8", "replace")]
        places += [f"{name}: {value}" for name, value in handled.request.headers]
        found += [place for place in places if SECRET.lower() in place.lower()]
    return found


def test_a_secret_in_another_slot_is_never_sent(tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(),), sites=("global", "eea"), websocket=True)) as okx:
        runs = {name: ((*QUICK, "--websocket", "--try-case"), at(okx, **slots)) for name, slots in PLACED.items()}
        ended = one_by_one(runs, cwd=tmp_path)
        assert secret_received(okx) == []
        assert [login for login in okx.logins if SECRET in str(login.login)] == []
    assert {done.status for done in ended.values()} == {1}
    assert [name for name, done in ended.items() if "crash" in done.checks.values()] == []


def test_a_secret_in_another_slot_is_never_sent_however_it_is_dressed(okx: Exchange, tmp_path: Path) -> None:
    runs = {
        f"{slot}, {how}": ((*QUICK, "--try-case"), at(okx, **{slot: value}))
        for slot in ("OKX_API_KEY", "OKX_PASSPHRASE")
        for how, value in DRESSED.items()
    }
    ended = one_by_one(runs, cwd=tmp_path)
    assert secret_received(okx) == []
    assert [name for name, done in ended.items() if done.status not in (1, 3) or not done.causes] == []


def test_a_secret_that_another_source_holds_for_another_slot_is_never_sent(tmp_path: Path) -> None:
    """The passphrase of the environment is refused; the env file has the secret in its place."""
    (tmp_path / ".env").write_text(f"OKX_PASSPHRASE={SECRET}\nOKX_API_KEY='{SECRET.lower()}'\n")
    with Exchange(Plan(accounts=(account(),), sites=("global", "eea"))) as okx:
        for wrong in ({"OKX_PASSPHRASE": "Another-phrase-7"}, {"OKX_API_KEY": API_KEY[:-1]}):
            done = okx_doctor(*QUICK, env=at(okx, **wrong), cwd=tmp_path)
            assert done.status == 1
        assert okx.handled
        assert secret_received(okx) == []


def test_swapped_slots_are_put_back_before_anything_is_sent(okx: Exchange, tmp_path: Path) -> None:
    env = at(okx, OKX_API_KEY=SECRET, OKX_SECRET_KEY=API_KEY)
    done = okx_doctor(*QUICK, env=env, cwd=tmp_path)
    assert list(done.causes) == ["credentials-swapped"]
    assert "new one" in str(done.report["verdict"]["causes"][0]["remedy"])
    assert any(handled.code == "0" for handled in okx.handled)
    assert secret_received(okx) == []


def test_time_servers_get_nothing_but_a_request_for_the_time(okx: Exchange, tmp_path: Path) -> None:
    """A UDP socket of ours: what arrives is an empty NTP packet."""
    import socket

    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(120)
        server = f"127.0.0.1:{listening.getsockname()[1]}"
        assert okx_doctor(*RUN, env=at(okx, OKX_DOCTOR_NTP=server), cwd=tmp_path).status == 0
        packet = listening.recv(65536)
    assert len(packet) == 48
    assert packet[1:40] == bytes(39)


def test_without_network_nothing_is_sent(okx: Exchange, tmp_path: Path) -> None:
    done = okx_doctor(*RUN, "--offline", "--websocket", env=at(okx, OKX_DOCTOR_NTP=NO_NTP), cwd=tmp_path)
    assert done.status == 0
    assert not okx.handled

"""The table of clients: every one has a line for every site, or says plainly that it has none, and marks tell them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from okx_doctor.catalogue.clients import words
from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.catalogue.clients.table import BY_ID, CLIENTS, USUAL, cells, unverified
from okx_doctor.forensics.remedies import remedy
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.sites import SITE_IDS, site
from tests.catalogue import capture_page
from tests.catalogue.clients_page import page

DOCS = Path(__file__).parents[2] / "docs" / "clients.md"
UNVERIFIED = Path(__file__).parents[1] / "golden" / "clients-unverified.txt"
RETIRED = ":8443"

clients = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)


@clients
@pytest.mark.parametrize("demo", [False, True], ids=["live", "demo"])
@pytest.mark.parametrize("site_id", SITE_IDS)
def test_every_client_has_a_line_for_every_site_or_says_that_it_has_none(
    client: Client, site_id: str, demo: bool
) -> None:
    said = words.site_lines(client, site_id, demo)

    assert said.client == client.id
    assert said.lines or re.search(r"\bno\b", said.note), said
    assert not [line for line in said.lines if re.search(r"\{(?:rest|socket)\}|\n", line) or RETIRED in line]


@clients
def test_the_line_for_a_site_is_not_the_line_for_another(client: Client) -> None:
    lines = [words.site_lines(client, known, False).lines for known in ("global", "eea", "us", "tr")]
    said = [line for line in lines if line]

    assert len(set(said)) == len(said)
    assert words.site_lines(client, "au", False) == words.site_lines(client, "us", False)


@clients
def test_the_lines_for_demo_trading_are_more_than_those_for_live_trading_or_there_are_none(client: Client) -> None:
    for site_id in SITE_IDS:
        demo = words.site_lines(client, site_id, True).lines
        live = words.site_lines(client, site_id, False).lines
        assert not demo or demo != live


@clients
def test_an_address_in_a_line_is_one_of_the_site_that_was_asked_for(client: Client) -> None:
    for site_id in SITE_IDS:
        for demo in (False, True):
            known = site(site_id)
            own = {*known.rest, *(url for url in (known.websocket, known.websocket_demo) if url)}
            hosts = {re.sub(r"^\w+://|:\d+$", "", url) for url in own}
            said = " ".join(words.site_lines(client, site_id, demo).lines)
            assert set(re.findall(r"[a-z]+\.okx\.com", said)) <= hosts


@clients
@pytest.mark.parametrize(
    "asked",
    [words.passphrase_line, words.proxy_line, words.clock_line, words.capture_line, words.ca_line],
    ids=lambda asked: asked.__name__,
)
def test_a_setting_has_lines_or_a_remark_unless_nobody_looked_for_it(
    client: Client, asked: Callable[[Client], words.Words]
) -> None:
    said = asked(client)

    assert said.lines or said.note or not said.verified


@clients
def test_back_to_live_trading_is_a_line_or_the_line_to_take_out(client: Client) -> None:
    said = words.environment_lines(client, False)

    assert said.lines or said.note
    if client.demo.lines and not client.live:
        assert client.demo.lines[0] in said.note


@clients
def test_a_client_is_sent_to_a_listener_and_no_line_is_left_half_filled(client: Client) -> None:
    said = words.base_url_lines(client, "http://127.0.0.1:8401", "ws://127.0.0.1:8401")
    alone = words.base_url_lines(client, "http://127.0.0.1:8401")

    assert "http://127.0.0.1:8401" in " ".join(said.lines) or said.note
    assert "{" + "socket}" not in " ".join(said.lines + alone.lines)
    assert set(alone.lines) <= set(said.lines)


def test_where_no_client_is_recognised_the_three_most_used_are_shown() -> None:
    shown = words.usual_site_lines("eea", True)

    assert (
        [said.client for said in shown] == [client.id for client in USUAL] == ["ccxt-python", "python-okx", "okx-api"]
    )
    assert all(said.lines and said.verified for said in shown)


@pytest.mark.parametrize("idiom", sorted({client.idiom for client in CLIENTS} - {""}))
def test_an_idiom_is_one_that_the_remedies_know(idiom: str) -> None:
    assert remedy("body-reserialised", idiom) != remedy("body-reserialised")


@pytest.mark.parametrize(
    ("user_agent", "idiom"),
    [
        ("python-requests/2.34.2", "requests"),
        ("okx-python/1.0", "requests"),
        ("python-httpx/0.28.1", "httpx"),
        ("Python/3.11 aiohttp/3.14.5", "aiohttp"),
        ("Python-urllib/3.11", "urllib"),
        ("python-urllib3/2.8.0", "urllib"),
        ("ccxt/4.5.90", "ccxt"),
        ("axios/1.21.1", "axios"),
        ("node", "fetch"),
        ("undici", "fetch"),
        ("got (https://github.com/sindresorhus/got)", "fetch"),
        ("Bun/1.4.5", "fetch"),
        ("okhttp/4.12.0", "okhttp"),
        ("Java-http-client/17.0.15", "java"),
        ("Apache-HttpClient/4.5.14 (Java/17)", "java"),
        ("Go-http-client/1.1", "go"),
        ("go-resty/2.16", "go"),
        ("GuzzleHttp/7", "php"),
        ("RestSharp/110.2", "dotnet"),
        ("CryptoExchange.Net/12.5", "dotnet"),
        ("Faraday v2.9", "ruby"),
        ("reqwest/0.12", "rust"),
        ("curl/7.88.1", "curl"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130 Safari/537.36", "fetch"),
    ],
)
def test_a_user_agent_tells_whose_words_a_remedy_takes(user_agent: str, idiom: str) -> None:
    found = client_named(user_agent=user_agent)

    assert found is not None and found.idiom == idiom


@pytest.mark.parametrize("user_agent", ["", "PostmanRuntime/7.43", "freqtrade"])
def test_a_user_agent_that_tells_nothing_names_no_client(user_agent: str) -> None:
    assert client_named(user_agent=user_agent) is None


@pytest.mark.parametrize(
    ("marks", "client"),
    [
        ({"user_agent": "okx-trade-cli/1.2.4"}, "okx-cli"),
        ({"names": ["FREQTRADE__EXCHANGE__KEY", "PATH"]}, "freqtrade"),
        ({"names": ["exchange.name", "exchange.key", "stake_currency"]}, "freqtrade"),
        ({"names": ["connector", "okx_api_key", "okx_secret_key", "okx_passphrase"]}, "hummingbot"),
        ({"names": ["OKX_APIKEY", "OKX_SECRET", "OKX_PASSWORD"]}, "ccxt-python"),
        ({"names": ["OKX_SIMULATED_API_KEY"]}, "rust-okx"),
        ({"file": "/home/me/.okx/config.toml"}, "okx-cli"),
        ({"file": r"C:\bots\user_data\config.json"}, "freqtrade"),
        ({"file": "conf/connectors/okx.yml"}, "hummingbot"),
        ({"log": "2025-01-20 freqtrade.exchange.common - WARNING - _load_async_markets()"}, "freqtrade"),
        (
            {"log": "fetch Request: okx GET https://www.okx.com/api/v5/account/balance RequestHeaders: {'OK"},
            "ccxt-python",
        ),
        ({"log": "fetch Request:\n okx GET https://www.okx.com/api/v5/account/balance"}, "ccxt-node"),
        ({"log": "at RestClient (/bot/node_modules/okx-api/dist/cjs/util.js:1)"}, "okx-api"),
        ({"log": "AxiosError: Request failed with status code 401"}, "axios"),
        ({"log": "org.knowm.xchange.okex.dto.OkexException: Invalid Sign"}, "xchange"),
        ({"names": ["FREQTRADE__EXCHANGE__KEY"], "user_agent": "python-requests/2.34.2"}, "freqtrade"),
    ],
    ids=str,
)
def test_a_client_is_recognised_by_its_marks(marks: dict[str, Any], client: str) -> None:
    found = client_named(**marks)

    assert found is not None and found.id == client


@pytest.mark.parametrize(
    "marks",
    [
        {"names": ["OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"]},
        {"names": ["OKX_SITE", "OKX_DEMO", "OKX_API_BASE_URL"]},
        {"names": ["okx_api_key", "okx_secret_key", "okx_passphrase"]},
        {"names": []},
        {"file": "/srv/bot/.env"},
        {"log": "HTTP 401 Unauthorized"},
        {},
    ],
    ids=str,
)
def test_marks_that_many_clients_leave_name_none(marks: dict[str, Any]) -> None:
    assert client_named(**marks) is None


def test_a_version_tells_the_port_that_it_dials() -> None:
    sockets = [words.dialled(BY_ID[name], version) for name, version in DIALLED]

    assert [socket.port for socket in sockets if socket] == [443, 8443, 8443, 0]
    assert words.dialled(BY_ID["requests"]) is None


def test_of_a_version_that_nobody_looked_at_no_port_is_claimed() -> None:
    assert words.dialled(BY_ID["okx-api"], "99.0.0") is None


DIALLED = (("ccxt-pro", "4.5.90"), ("ccxt-node", "4.5.84"), ("okx-api", ""), ("python-okx", "0.4.4"))


def test_a_clients_own_faults_are_found_by_the_code_they_end_in() -> None:
    assert [bug.address for bug in words.bugs_like(BY_ID["hummingbot"], "50119")] == [
        "https://github.com/hummingbot/hummingbot/issues/7447"
    ]
    assert words.bugs_like(BY_ID["python-okx"], "50101")[0].versions == "every version"


@clients
def test_a_known_fault_has_its_versions_and_an_address_to_read_on(client: Client) -> None:
    for bug in client.bugs:
        assert bug.versions and bug.fault
        assert re.fullmatch(r"https://[\w./-]+", bug.address)


def test_ids_are_unique_and_a_cell_is_counted_once() -> None:
    counted = list(cells())

    assert len(BY_ID) == len(CLIENTS)
    assert len({(cell.client, cell.column) for cell in counted}) == len(counted)


def test_a_setting_of_which_a_part_is_unverified_is_unverified_as_a_whole() -> None:
    php = BY_ID["ccxt-php"]

    assert words.site_lines(php, "eea", False).verified
    assert not words.site_lines(php, "tr", True).verified


def test_the_demo_header_in_the_lines_is_okxs() -> None:
    for name in ("requests", "axios", "go", "php", "curl", "rust-okx-rs"):
        assert OKX.demo_header in " ".join(words.site_lines(BY_ID[name], "eea", True).lines)


def test_a_cell_that_is_new_and_unverified_is_noticed(is_kept: Callable[[Path, str], None]) -> None:
    is_kept(UNVERIFIED, "".join(f"{cell.client}: {cell.column}\n" for cell in unverified()))


def test_the_page_on_clients_is_made_from_the_table(is_kept: Callable[[Path, str], None]) -> None:
    is_kept(DOCS, page())


def test_the_page_on_captures_is_made_from_the_table(is_kept: Callable[[Path, str], None]) -> None:
    is_kept(DOCS.with_name("capture.md"), capture_page.page())

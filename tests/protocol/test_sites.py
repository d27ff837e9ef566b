from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okx_doctor.protocol.sites import (
    NOT_API_HOSTS,
    SITE_IDS,
    SITES,
    check_base_url,
    is_loopback,
    is_official,
    parse_sites,
    site,
    socket_form,
)

MARKUP = "`'\"<>"
REST_URLS = [url for known in SITES for url in known.rest]


def test_the_sites_are_the_five_that_okx_runs() -> None:
    assert sorted(SITE_IDS) == ["au", "eea", "global", "tr", "us"]


@pytest.mark.parametrize(
    ("site_id", "documented"),
    [
        ("global", "https://openapi.okx.com"),
        ("eea", "https://eea.okx.com"),
        ("us", "https://us.okx.com"),
        ("au", "https://us.okx.com"),
        ("tr", "https://tr.okx.com"),
    ],
)
def test_the_documented_rest_host_of_a_site_comes_first(site_id: str, documented: str) -> None:
    assert site(site_id).rest[0] == documented


@pytest.mark.parametrize(
    ("site_id", "live", "demo"),
    [
        ("global", "wss://ws.okx.com", "wss://wspap.okx.com"),
        ("eea", "wss://wseea.okx.com", "wss://wseeapap.okx.com"),
        ("us", "wss://wsus.okx.com", "wss://wsuspap.okx.com"),
        ("au", "wss://wsus.okx.com", "wss://wsuspap.okx.com"),
        ("tr", None, None),
    ],
)
def test_the_sockets_of_a_site_are_the_ones_its_clients_use(site_id: str, live: str | None, demo: str | None) -> None:
    assert (site(site_id).websocket, site(site_id).websocket_demo) == (live, demo)


def test_us_and_australia_share_their_hosts() -> None:
    assert site("us").rest == site("au").rest


@pytest.mark.parametrize("site_id", ["mars", "", "GLOBAL"])
def test_another_id_is_no_site(site_id: str) -> None:
    with pytest.raises(KeyError):
        site(site_id)


@pytest.mark.parametrize("url", REST_URLS)
def test_every_shipped_base_url_is_official_and_in_its_plain_form(url: str) -> None:
    assert is_official(url)
    assert check_base_url(url) == url
    assert urlsplit(url).hostname not in NOT_API_HOSTS


@pytest.mark.parametrize(
    "url",
    [
        "http://www.okx.com",
        "https://www.okx.com:8443",
        "https://okx.com",
        "https://www.okx.com.evil.example",
        "https://evil.example/www.okx.com",
        "https://evil.example#www.okx.com",
        "https://wwww.okx.com",
        "https://www-okx.com",
        "https://www.okx.co",
        "https://demo.okx.com",
        "https://www.okex.com",
        "https://ws.okx.com",
        "https://127.0.0.1",
        "wss://www.okx.com",
        "www.okx.com",
        "",
    ],
)
def test_nothing_else_is_official(url: str) -> None:
    assert not is_official(url)


@pytest.mark.parametrize("url", ["https://www.okx.com:443", "HTTPS://WWW.OKX.COM", "https://www.okx.com/"])
def test_another_spelling_of_an_official_address_is_official(url: str) -> None:
    assert is_official(url)


@pytest.mark.parametrize("host", ["demo.okx.com", "okx.com", "www.okex.com", "ws.okx.com", "wspap.okx.com"])
def test_a_host_that_serves_no_rest_api_has_a_reason(host: str) -> None:
    assert len(NOT_API_HOSTS[host]) > 20


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("https://www.okx.com", "https://www.okx.com"),
        ("https://www.okx.com/", "https://www.okx.com"),
        ("https://www.okx.com//", "https://www.okx.com"),
        ("  https://www.okx.com\n", "https://www.okx.com"),
        ("HTTPS://WWW.OKX.COM", "https://www.okx.com"),
        ("https://mirror.example:9443/", "https://mirror.example:9443"),
        ("https://www.okx.com?", "https://www.okx.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:80", "http://localhost:80"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
    ],
)
def test_a_base_url_is_put_into_its_plain_form(text: str, plain: str) -> None:
    assert check_base_url(text) == plain


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no URL"),
        ("www.okx.com", "no URL"),
        ("www.okx.com:443", "no URL"),
        ("//www.okx.com", "no URL"),
        ("https://", "no URL"),
        ("https:///api", "no URL"),
        ("wss://ws.okx.com:8443", "no URL"),
        ("ftp://www.okx.com", "no URL"),
        ("file:///etc/passwd", "no URL"),
        ("https://[::1", "no URL"),
        ("https://www.okx.com:99999", "no URL"),
        ("https://www.okx.com:port", "no URL"),
        ("`https://www.okx.com`", "wrapped"),
        ("'https://www.okx.com'", "wrapped"),
        ('"https://www.okx.com"', "wrapped"),
        ("<https://www.okx.com>", "wrapped"),
        ("https://www.okx.com/api/v5", "has a path"),
        ("https://www.okx.com?x=1", "has a path"),
        ("https://www.okx.com/#top", "has a path"),
        ("https://user@www.okx.com", "user name"),
        ("https://user:word@www.okx.com", "user name"),
        ("https://:word@www.okx.com", "user name"),
        ("https://www.okx.com@evil.example", "user name"),
        ("https://www.okx.com /", "space"),
        ("https://www. okx.com", "space"),
        ("https://www.okx.com\t/", "control"),
        ("https://www.okx.com\n/x", "control"),
        ("https://www.оkx.com", "non-ASCII"),
        ("http://www.okx.com", "plain http"),
        ("http://127.0.0.1.evil.example", "plain http"),
        ("http://localhost.evil.example", "plain http"),
        ("http://192.168.0.1:8080", "plain http"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused_with_one_line_that_says_why(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as caught:
        check_base_url(text)

    assert "\n" not in str(caught.value)


def test_a_password_in_a_base_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="user name") as caught:
        check_base_url("https://me:Sesame-77@www.okx.com/path")

    assert "Sesame-77" not in str(caught.value)


@given(text=st.one_of(st.text(max_size=40), st.text("htps:/.w@[]?#okx1 `'\\%", max_size=30)))
def test_any_text_is_either_refused_in_one_line_or_a_plain_base_url(text: str) -> None:
    assume(text.isprintable() or text.strip().strip(MARKUP) == text.strip())
    try:
        url = check_base_url(text)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1
        return
    parts = urlsplit(url)
    assert check_base_url(url) == url
    assert parts.scheme == "https" or is_loopback(parts.hostname or "")
    assert (parts.path, parts.query, parts.fragment, parts.username) == ("", "", "", None)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.255.255.254", "::1"])
def test_this_machine_is_known_by_its_spelling(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "128.0.0.1",
        "127.1",
        "127.0.0.300",
        "127.1.2.3.4",
        "127.evil.example",
        "127.0.0.1.example",
        "localhost.example",
        "0.0.0.0",
        "::",
    ],
)
def test_no_other_host_passes_for_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_named_sites_are_the_only_ones_that_exist() -> None:
    named = parse_sites("global=http://127.0.0.1:8001, eea = https://mirror.example/ ,")

    assert [known.id for known in named] == ["global", "eea"]
    assert named[0].rest == ("http://127.0.0.1:8001",)
    assert named[0].websocket == named[0].websocket_demo == "ws://127.0.0.1:8001"
    assert named[1].rest == ("https://mirror.example",)
    assert named[1].websocket == "wss://mirror.example"
    assert named[1].name == site("eea").name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ,",
        "global",
        "https://www.okx.com",
        "mars=https://www.okx.com",
        "=https://www.okx.com",
        "global=",
        "global=www.okx.com",
        "global=http://www.okx.com",
        "global=https://www.okx.com/api",
        "global=https://a.example;eea=https://b.example",
    ],
)
def test_sites_that_are_not_named_right_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        parse_sites(text)

    assert len(str(caught.value).splitlines()) == 1


def test_the_last_of_a_site_named_twice_counts() -> None:
    named = parse_sites("global=https://a.example,global=https://b.example")

    assert [known.rest for known in named] == [("https://b.example",)]


def test_a_socket_address_keeps_host_and_port() -> None:
    assert socket_form("https://mirror.example:9443") == "wss://mirror.example:9443"
    assert socket_form("http://127.0.0.1:1") == "ws://127.0.0.1:1"

"""A request, and how its client asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.protocol.wire import WireRequest

CHANGING = ("OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP", "OK-ACCESS-PASSPHRASE", "Content-Length")
LASTING = ("Host", "OK-ACCESS-KEY", "x-simulated-trading", "User-Agent", "Origin")
ROWS = st.lists(st.tuples(st.sampled_from(CHANGING + LASTING), st.text(max_size=8)), max_size=9).map(tuple)


def _request(*headers: tuple[str, str]) -> WireRequest:
    return WireRequest(method="GET", target="/api/v5/account/balance?ccy=BTC", headers=headers)


@given(ROWS)
def test_the_manner_of_a_request_is_its_headers_without_those_that_change(rows: tuple[tuple[str, str], ...]) -> None:
    manner = _request(*rows).manner

    for name in LASTING:
        said = tuple(value for each, value in rows if each == name)
        assert manner.all(name.lower()) == said
        assert manner.first(name.lower()) == (said[0] if said else "")
    assert not {name.lower() for name in CHANGING} & set(manner.names)


@given(ROWS, st.text(max_size=8))
def test_requests_of_one_client_share_their_manner_and_no_others_do(
    rows: tuple[tuple[str, str], ...], value: str
) -> None:
    changed = tuple((name, value if name in CHANGING else said) for name, said in rows)

    assert _request(*rows).manner is _request(*changed).manner
    assert _request(*rows).manner is not _request(*rows, ("Origin", value)).manner


@pytest.mark.parametrize("name", LASTING)
def test_one_header_more_or_another_value_makes_another_manner(name: str) -> None:
    plain = _request(("Host", "www.okx.com"), ("OK-ACCESS-KEY", "k"))

    assert replace(plain, headers=(*plain.headers, (name, "another"))).manner is not plain.manner


def test_a_request_made_from_another_has_the_manner_of_its_own_headers() -> None:
    one = _request(("Host", "www.okx.com"))
    asked = one.manner
    other = replace(one, headers=(("Host", "eea.okx.com"),))

    assert (asked.first("host"), other.manner.first("host")) == ("www.okx.com", "eea.okx.com")


def test_equal_requests_stay_equal_when_one_was_asked_for_its_manner() -> None:
    one, other = _request(("Host", "www.okx.com")), _request(("Host", "www.okx.com"))

    assert one.manner
    assert one == other
    assert one != replace(other, body=b"{}")
    assert one != "GET"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/api/v5/account/balance?ccy=BTC", "/api/v5/account/balance"),
        ("https://www.okx.com/api/v5/public/time?", "/api/v5/public/time"),
        ("http://www.okx.com?ccy=BTC", "/"),
        ("*", "*"),
    ],
)
def test_the_path_is_that_of_the_target_in_the_form_that_is_signed(target: str, path: str) -> None:
    assert replace(_request(), target=target).path == path

"""What a quick look lets pass, the long look would have let pass too."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.forensics import structure
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.answering import answer
from okx_doctor.gate.evaluate import Venue
from okx_doctor.gate.serve.events import Handled
from okx_doctor.listening.received import Ordinary, OrdinaryRequest, heard, is_ordinary
from okx_doctor.protocol.signing import prehash, sign
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.report.inspection import Look
from okx_doctor.report.listening import PlainLines, text_line
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.secrets.secret import Secret

pytestmark = pytest.mark.slow

NOW = 1_795_000_000.0
ACCOUNT, DEMO = generate(), generate(demo=True)
VENUE = Venue(site="global", accounts=(ACCOUNT, DEMO))
CALLS = (
    ("GET", "/api/v5/account/balance?ccy=BTC", b""),
    ("GET", "/api/v5/account/positions", b""),
    ("POST", "/api/v5/trade/order", b'{"instId":"BTC-USDT"}'),
    ("POST", "/api/v5/trade/batch-orders", b'[{"instId":"BTC-USDT"}]'),
    ("POST", "/api/v5/account/set-leverage", b"instId=BTC-USDT&lever=5"),
    ("POST", "/api/v5/account/set-leverage", b'"lever"'),
    ("POST", "/api/v5/account/set-leverage", b""),
    ("GET", "/api/v5/account/balance", b'{"ccy":"BTC"}'),
)
ODD = (
    ("x-simulated-trading", "0"),
    ("x-simulated-trading", "true"),
    ("x-simulated-trading", ""),
    ("x-simulate-trading", "1"),
    ("OK_ACCESS_KEY", "1"),
    ("OK-ACCESS-KEY", ACCOUNT.api_key),
    ("Origin", "https://www.okx.com"),
    ("Content-Type", "text/plain"),
    ("Accept", "*/*"),
    ("User-Agent", "b\xfcro"),
    ("User-Agent", "Python-urllib/3.11"),
)


STAMPS = ("2026-11-18T11:06:40.000Z", "2026-11-18T11:06:40Z", "2026-11-18T11:06:40.12Z", "1795000000")
HOSTS = ("127.0.0.1:8401", "localhost", "www.okx.com", "demo.okx.com")
KINDS = (
    "application/json",
    "application/json; charset=utf-8",
    "text/plain",
    "application/x-www-form-urlencoded",
)


def _event(
    call: tuple[str, str, bytes],
    stamp: str = STAMPS[0],
    more: Sequence[tuple[str, str]] = (),
    host: str = HOSTS[0],
    kind: str = KINDS[0],
    demo: bool = False,
) -> Handled:
    method, target, body = call
    account = DEMO if demo else ACCOUNT
    headers = (
        ("Host", host),
        ("OK-ACCESS-KEY", account.api_key),
        ("OK-ACCESS-SIGN", sign(account.secret.reveal(), prehash(stamp, method, target, body))),
        ("OK-ACCESS-TIMESTAMP", stamp),
        ("OK-ACCESS-PASSPHRASE", account.passphrase.reveal()),
        ("Content-Type", kind),
        *((("x-simulated-trading", "1"),) if demo else ()),
        *more,
    )
    request = WireRequest(method=method, target=target, headers=headers, body=body)
    reply, trace = answer(request, venue=VENUE, now=NOW, caller_ip="127.0.0.1")
    return Handled(request=request, trace=trace, site="global", status=reply.status, code=reply.code, received_at=NOW)


def _is_remarked_on(event: Handled) -> bool:
    one = heard(1, event)
    return one.accepted and one.capture is not None and structure.findings(one.capture) != []


@settings(max_examples=300)
@given(
    st.sampled_from(CALLS),
    st.sampled_from(STAMPS),
    st.lists(st.sampled_from(ODD), max_size=2),
    st.sampled_from(HOSTS),
    st.sampled_from(KINDS),
    st.booleans(),
)
def test_a_quick_look_passes_nothing_that_the_long_one_remarks_on(
    call: tuple[str, str, bytes], stamp: str, more: list[tuple[str, str]], host: str, kind: str, demo: bool
) -> None:
    one = _event(call, stamp, more, host, kind, demo)

    assert not (is_ordinary(one) and _is_remarked_on(one))
    assert not (is_ordinary(one) and not heard(1, one).accepted)


@pytest.mark.parametrize("call", CALLS[:4], ids=lambda call: f"{call[0]} {call[1]}")
def test_of_one_oddity_alone_the_quick_look_passes_nothing_that_the_long_one_remarks_on(
    call: tuple[str, str, bytes],
) -> None:
    odd = [
        *(_event(call, stamp=stamp) for stamp in STAMPS[1:]),
        *(_event(call, more=[row]) for row in ODD),
        *(_event(call, host=host) for host in HOSTS[1:]),
        *(_event(body, kind=kind) for body in (call, CALLS[-1]) for kind in KINDS[1:]),
    ]
    remarked_on = [one for one in odd if _is_remarked_on(one)]

    assert is_ordinary(_event(call)) and is_ordinary(_event(call, demo=True))
    assert len(remarked_on) >= 4
    assert [one.request for one in remarked_on if is_ordinary(one)] == []


@pytest.mark.parametrize(
    ("host", "quick"),
    [
        ("www.okx.com", True),
        ("openapi.okx.com", True),
        ("eea.okx.com", True),
        ("www.okx.com:8443", False),
        ("ws.okx.com", False),
        ("www.okex.com", False),
        ("www.okx.com.example", False),
    ],
)
def test_okxs_own_api_hosts_need_no_long_look_and_no_other_name_is_taken_for_one(host: str, quick: bool) -> None:
    one = _event(CALLS[0], host=host)

    assert (heard(1, one).accepted, is_ordinary(one)) == (True, quick)
    assert not (quick and _is_remarked_on(one))


def test_a_plain_request_is_by_the_book_and_a_doubled_header_is_not() -> None:
    stamp = rest_timestamp(NOW)
    headers = (
        ("Host", "127.0.0.1:8401"),
        ("OK-ACCESS-KEY", ACCOUNT.api_key),
        ("OK-ACCESS-SIGN", sign(ACCOUNT.secret.reveal(), prehash(stamp, "GET", "/api/v5/account/config"))),
        ("OK-ACCESS-TIMESTAMP", stamp),
        ("OK-ACCESS-PASSPHRASE", ACCOUNT.passphrase.reveal()),
    )
    request = WireRequest(method="GET", target="/api/v5/account/config", headers=headers)
    reply, trace = answer(request, venue=VENUE, now=NOW, caller_ip="127.0.0.1")
    plain = Handled(request=request, trace=trace, site="global", status=reply.status, code="0", received_at=NOW)
    doubled = replace(plain, request=replace(request, headers=(*headers, headers[1])))

    assert is_ordinary(plain)
    assert not is_ordinary(doubled)


TARGETS = (
    "/api/v5/account/config",
    "/api/v5/account/balance?ccy=BTC",
    f"/api/v5/account/balance?ccy={ACCOUNT.passphrase.reveal()}",
    *(f"/api/v5/account/balance?ccy={'BTC,' * times}" for times in (20, 100)),
)
MASKS = Masks((Secret(ACCOUNT.api_key), ACCOUNT.secret, ACCOUNT.passphrase))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 7, 99_999, 100_000, 1_234_567]),
            st.sampled_from(TARGETS) | st.integers(0, 400).map("/api/v5/account/balance?ccy={}".format),
            st.sampled_from(["0", "1", "51603"]),
        ),
        max_size=300,
    ),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_line_that_is_remembered_is_the_line_that_would_be_made(
    lines: list[tuple[int, str, str]], colour: bool, ascii_only: bool, whole: bool
) -> None:
    look = Look(width=80, colour=colour, ascii_only=ascii_only)
    plain = PlainLines(MASKS.loaded, look)

    usual = _event(CALLS[0])
    for number, target, code in lines:
        event = replace(usual, request=replace(usual.request, target=target), code=code)
        what = Ordinary(method="GET", target=target, code=code, event=event if whole else None)
        one = OrdinaryRequest(number, what)
        made = plain.line(one)
        assert made == text_line(one.heard, None, MASKS.loaded, look)
        assert ACCOUNT.passphrase.reveal() not in made


def test_a_line_is_checked_before_it_is_remembered_and_again_where_it_is_not() -> None:
    met: list[str] = []

    def check(text: str) -> str:
        met.append(text)
        if "BTC" in text:
            raise ValueError(text)
        return text

    plain = PlainLines(MASKS.loaded, Look(width=80, colour=True, ascii_only=False), check)

    def line(number: int, target: str) -> str:
        return plain.line(OrdinaryRequest(number, Ordinary(method="GET", target=target, code="0")))

    long = f"{TARGETS[0]}?{'x' * 300}"
    for number in (1, 2, 3):
        assert TARGETS[0] in line(number, TARGETS[0])
        assert line(number, long)
        with pytest.raises(ValueError, match="BTC"):
            line(number, TARGETS[1])

    assert len([text for text in met if text.endswith(TARGETS[0])]) == 1
    assert (len([text for text in met if "BTC" in text]), len([text for text in met if "xx" in text])) == (3, 3)

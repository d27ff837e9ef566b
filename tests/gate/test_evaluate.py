from __future__ import annotations

import pytest
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.evaluate import Venue
from okx_doctor.protocol import codes, signing
from okx_doctor.protocol.steps import STEPS, order
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.secrets.secret import Secret
from tests.gate.bot import (
    BALANCE,
    CONFIG,
    LIVE,
    NOW,
    ORDER,
    ORDER_BODY,
    ZERO_KEY,
    altered,
    code,
    judge,
    keyed,
    late,
    signed,
    with_header,
)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0"), (29.9, "0"), (30, "0"), (30.1, "50102"), (-30, "0"), (-30.1, "50102")]
)
def test_thirty_seconds_either_way_are_accepted(seconds: float, expected: str) -> None:
    assert code(judge(late(seconds))) == expected


@pytest.mark.parametrize("fraction", ["", ".7", ".71", ".715", ".715000"])
def test_a_timestamp_may_have_any_number_of_fraction_digits(fraction: str) -> None:
    stamp = f"{rest_timestamp(NOW)[:19]}{fraction}Z"

    assert code(judge(signed(LIVE, timestamp=stamp))) == "0"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (signing.KEY_HEADER, "50103"),
        (signing.PASSPHRASE_HEADER, "50104"),
        (signing.SIGN_HEADER, "50106"),
        (signing.TIMESTAMP_HEADER, "50107"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_an_absent_or_empty_header_is_named(header: str, expected: str, value: str | None) -> None:
    assert code(judge(with_header(signed(LIVE), header, value))) == expected


@pytest.mark.parametrize("spelling", ["ok-access-sign", "Ok-Access-Sign", "OK-ACCESS-SIGN"])
def test_header_names_are_compared_without_case(spelling: str) -> None:
    request = signed(LIVE)
    renamed = tuple((spelling if name == signing.SIGN_HEADER else name, value) for name, value in request.headers)

    assert code(judge(replace(request, headers=renamed))) == "0"


@pytest.mark.parametrize("value", ["0", "false", "true"])
def test_only_the_demo_header_1_means_demo_trading(value: str) -> None:
    request = signed(LIVE)

    assert code(judge(replace(request, headers=(*request.headers, ("x-simulated-trading", value))))) == "0"


@pytest.mark.parametrize(
    ("allowlist", "caller", "accepted"),
    [
        ((), "203.0.113.7", True),
        (("203.0.113.7",), "203.0.113.7", True),
        (("203.0.113.8",), "203.0.113.7", False),
        (("198.51.100.1", "203.0.113.0/24"), "203.0.113.7", True),
        (("203.0.113.99/24",), "203.0.113.7", True),
        (("203.0.113.7",), "::ffff:203.0.113.7", True),
        (("203.0.113.7",), "2001:db8::7", False),
        (("2001:db8::/32",), "2001:db8::7", True),
        (("2001:0DB8:0::7",), "2001:db8::7", True),
        (("no address",), "203.0.113.7", False),
        (("203.0.113.7",), "no address", False),
    ],
)
def test_the_allowlist_takes_addresses_and_networks_of_both_families(
    allowlist: tuple[str, ...], caller: str, accepted: bool
) -> None:
    account = generate(ip_allowlist=allowlist)

    trace = judge(signed(account), Venue(site="global", accounts=(account,)), caller_ip=caller)

    assert code(trace) == ("0" if accepted else "50110")


def test_50110_names_the_address_and_the_key_as_on_the_wire() -> None:
    account = generate(ip_allowlist=("203.0.113.8",))

    refusal = judge(signed(account), Venue(site="global", accounts=(account,)), caller_ip="203.0.113.7").refusal

    assert refusal is not None
    assert refusal.message == (f"Your IP 203.0.113.7 is not included in your API key's {account.api_key} IP whitelist.")


ORDER_OF_REFUSALS = (
    "50103", "50104", "50106", "50107", "50112", "50102", "50111", "50119", "50100", "50110", "50101",
    "50105", "50113", "50120", "404", "50115", "50027", "50006", "50000", "50002",
)  # fmt: skip


def test_the_steps_stand_in_the_order_put_together_from_the_observations() -> None:
    assert tuple(step.code() for step in order("rest")) == ORDER_OF_REFUSALS


def test_everything_wrong_at_once_is_answered_layer_by_layer_as_each_is_put_right() -> None:
    account = generate(ip_allowlist=("203.0.113.8",), permissions=("read_only",))
    venue = Venue(site="global", accounts=(account,))
    wrong = altered(account, secret="wrong", passphrase="wrong")
    faulty = replace(wrong, api_key=ZERO_KEY)

    def answer(bot: Account, *, stamp: str, demo: bool, caller: str) -> str:
        request = signed(bot, "POST", ORDER, ORDER_BODY, timestamp=stamp, demo=demo)
        return code(judge(request, venue, caller_ip=caller))

    fresh, old, home, away = rest_timestamp(NOW), rest_timestamp(NOW - 60), "203.0.113.8", "203.0.113.7"
    half = replace(wrong, passphrase=account.passphrase)
    assert [
        answer(faulty, stamp="?", demo=True, caller=away),
        answer(faulty, stamp=old, demo=True, caller=away),
        answer(replace(faulty, api_key="?"), stamp=fresh, demo=True, caller=away),
        answer(faulty, stamp=fresh, demo=True, caller=away),
        answer(wrong, stamp=fresh, demo=True, caller=away),
        answer(wrong, stamp=fresh, demo=True, caller=home),
        answer(wrong, stamp=fresh, demo=False, caller=home),
        answer(half, stamp=fresh, demo=False, caller=home),
        answer(account, stamp=fresh, demo=False, caller=home),
    ] == ["50112", "50102", "50111", "50119", "50110", "50101", "50105", "50113", "50120"]


def test_all_steps_are_shown_although_only_the_first_failure_is_answered() -> None:
    trace = judge(signed(altered(LIVE, secret="wrong", passphrase="wrong"), now=NOW - 99, demo=True))

    failed = [step.id for step in trace.steps if step.passed is False]
    assert code(trace) == "50102"
    assert failed == ["timestamp-fresh", "environment", "passphrase", "signature"]
    assert trace.account is LIVE


def test_what_depends_on_an_unknown_account_is_neither_passed_nor_failed() -> None:
    trace = judge(keyed(LIVE, ZERO_KEY))

    unreached = [step.id for step in trace.steps if step.passed is None]
    assert unreached == [
        "key-active", "ip-allowed", "environment", "passphrase", "signature", "permission", "account-open",
    ]  # fmt: skip
    assert trace.account is None


def test_a_frozen_key_and_a_restricted_account_are_told_apart() -> None:
    frozen, restricted = generate(state="frozen"), generate(state="restricted")
    venue = Venue(site="global", accounts=(frozen, restricted))

    assert code(judge(signed(frozen), venue)) == "50100"
    assert code(judge(signed(restricted), venue)) == "0"
    assert code(judge(signed(restricted, target=BALANCE), venue)) == "50027"


@pytest.mark.parametrize(
    ("method", "target", "body", "kind", "expected"),
    [
        ("POST", "/api/v5/account/balance", b"{}", "application/json", "50115"),
        ("DELETE", ORDER, b"", "application/json", "50115"),
        ("POST", ORDER, ORDER_BODY, "text/plain", "50006"),
        ("POST", ORDER, ORDER_BODY, None, "50006"),
        ("POST", ORDER, ORDER_BODY, "application/JSON; charset=utf-8", "0"),
        ("POST", ORDER, b"", "application/json", "50000"),
        ("POST", ORDER, b"{'instId': 'BTC-USDT'}", "application/json", "50002"),
        ("POST", ORDER, b"instId=BTC-USDT", "application/json", "50002"),
        ("POST", ORDER, b"[]", "application/json", "50002"),
        ("POST", "/api/v5/trade/batch-orders", b"[{},{}]", "application/json", "0"),
        ("POST", "/api/v5/trade/batch-orders", b"{}", "application/json", "50002"),
        ("POST", ORDER, b'{"sz": NaN}', "application/json", "50002"),
        ("POST", ORDER, b"[" * 100_000, "application/json", "50002"),
        ("GET", "/api/v5/account/nothing", b"", "application/json", "404"),
        ("GET", CONFIG, b"", None, "0"),
    ],
)
def test_past_authentication_method_type_and_body_are_looked_at(
    method: str, target: str, body: bytes, kind: str | None, expected: str
) -> None:
    request = with_header(signed(LIVE, method, target, body), "Content-Type", kind)

    assert code(judge(request)) == expected


def test_a_target_in_absolute_form_is_signed_by_its_path() -> None:
    request = signed(LIVE, target=BALANCE)

    assert code(judge(replace(request, target=f"http://127.0.0.1:80{BALANCE}"))) == "0"


def test_a_passphrase_beyond_ascii_is_understood_as_utf_8_bytes() -> None:
    account = generate(passphrase=Secret("Pässwört7!"))
    request = signed(account)
    on_the_wire = account.passphrase.reveal().encode().decode("latin-1")

    trace = judge(
        with_header(request, signing.PASSPHRASE_HEADER, on_the_wire),
        Venue(site="global", accounts=(account,)),
    )

    assert code(trace) == "0"


def test_every_step_says_where_it_comes_from() -> None:
    for rule in [rule for step in STEPS for rule in (step.rest, step.login) if rule]:
        assert rule.source
        assert rule.note
        assert rule.code == "404" or codes.find(rule.code) is not None


def test_every_step_of_the_rulebook_is_evaluated() -> None:
    trace = judge(signed(LIVE, "POST", ORDER, ORDER_BODY))

    assert {step.id: step.passed for step in trace.steps} == {step.id: True for step in order("rest")}


def test_a_step_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        judge(signed(LIVE)).step("no-such-step")

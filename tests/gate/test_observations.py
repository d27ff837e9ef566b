"""What others saw OKX answer, and signatures that others published: the exchange answers the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.evaluate import Trace, Venue
from okx_doctor.protocol import signing
from okx_doctor.protocol.vectors import Vector, all_vectors, good_vectors
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret
from tests.gate.bot import (
    AMERICAN,
    DEMO,
    EUROPEAN,
    GLOBAL,
    LIVE,
    NOW,
    ORDER,
    ORDER_BODY,
    READER,
    ZERO_KEY,
    altered,
    code,
    judge,
    keyed,
    late,
    signed,
    with_header,
)

Case = Callable[[], Trace]


OBSERVED: dict[str, tuple[str, int, Case]] = {
    "all correct": ("0", 200, lambda: judge(signed(LIVE))),
    "no key header, rest correct": (
        "50103",
        401,
        lambda: judge(with_header(signed(LIVE), signing.KEY_HEADER, None)),
    ),
    "a key that is no UUID": ("50111", 401, lambda: judge(keyed(LIVE, "bogus-key-not-a-uuid"))),
    "an unknown UUID, signed with another key's secret": (
        "50119",
        401,
        lambda: judge(keyed(LIVE, ZERO_KEY)),
    ),
    "secret with an x behind it": (
        "50113",
        401,
        lambda: judge(signed(altered(LIVE, secret=LIVE.secret.reveal() + "x"))),
    ),
    "passphrase with an x behind it": (
        "50105",
        401,
        lambda: judge(signed(altered(LIVE, passphrase=LIVE.passphrase.reveal() + "x"))),
    ),
    "demo key, demo header removed": ("50101", 401, lambda: judge(signed(DEMO, demo=False))),
    "live key with the demo header": ("50101", 401, lambda: judge(signed(LIVE, demo=True))),
    "timestamp 120 s old, signed again": ("50102", 401, lambda: judge(late(120))),
    "European key on the global host": ("50119", 401, lambda: judge(signed(EUROPEAN))),
    "European key on the global host, demo header": (
        "50119",
        401,
        lambda: judge(signed(EUROPEAN, demo=True)),
    ),
    "American key on the global host": ("50119", 401, lambda: judge(signed(AMERICAN))),
    "American key at home": (
        "0",
        200,
        lambda: judge(signed(AMERICAN), Venue(site="us", accounts=GLOBAL.accounts)),
    ),
    "American key at the Australian host, which is the same": (
        "0",
        200,
        lambda: judge(signed(AMERICAN), Venue(site="au", accounts=GLOBAL.accounts)),
    ),
    "read-only key places an order": (
        "50120",
        401,
        lambda: judge(signed(READER, "POST", ORDER, ORDER_BODY)),
    ),
    "placeholder key at an undocumented path": (
        "50111",
        401,
        lambda: judge(with_header(signed(LIVE, "POST", "/api/v5/p2p/ad/create", b"{}"), "ok-access-key", "KEY")),
    ),
    "wrong region and a wrong passphrase": (
        "50119",
        401,
        lambda: judge(signed(altered(EUROPEAN, passphrase="login password"))),
    ),
    "passphrase in the place of the secret": (
        "50113",
        401,
        lambda: judge(signed(altered(LIVE, secret=LIVE.passphrase.reveal()))),
    ),
    "garbage as timestamp": ("50112", 401, lambda: judge(signed(LIVE, timestamp="now"))),
    "milliseconds as timestamp are seconds far ahead": (
        "50102",
        401,
        lambda: judge(signed(LIVE, timestamp=str(int(NOW * 1000)))),
    ),
}


@pytest.mark.parametrize("case", OBSERVED)
def test_what_somebody_saw_on_the_wire_is_answered_here_too(case: str) -> None:
    expected, status, trace_of = OBSERVED[case]

    trace = trace_of()

    assert code(trace) == expected
    assert (trace.refusal.status if trace.refusal else 200) == status


@pytest.mark.parametrize("vector", good_vectors(), ids=lambda vector: vector.id)
def test_every_published_signature_passes_the_signature_step(vector: Vector) -> None:
    assert _vector_step(vector) is True


@pytest.mark.parametrize(
    "vector", [vector for vector in all_vectors() if not vector.good], ids=lambda vector: vector.id
)
def test_a_documentation_sample_that_does_not_verify_fails_the_signature_step(vector: Vector) -> None:
    assert _vector_step(vector) is False


def _vector_step(vector: Vector) -> bool | None:
    account = generate(secret=Secret(vector.secret))
    headers = (
        (signing.KEY_HEADER, account.api_key),
        (signing.SIGN_HEADER, vector.signature),
        (signing.TIMESTAMP_HEADER, vector.timestamp),
        (signing.PASSPHRASE_HEADER, account.passphrase.reveal()),
    )
    request = WireRequest(method=vector.method, target=vector.target, headers=headers, body=vector.body.encode())
    return judge(request, Venue(site="global", accounts=(account,))).step("signature").passed

"""Another server than OKX answers at OKX's name: a false DNS answer, told apart from an untrusted certificate."""

from __future__ import annotations

import pytest

from okx_doctor.causes.engine import judge
from okx_doctor.observations import CallAnswer, CallFailure, Connection, Evidence, Resolution
from okx_doctor.probes.network import FalseAddress, false_kind

HOST = "openapi.okx.com"


def evidence(
    false_address: FalseAddress = "", failure: CallFailure | None = None, answer: CallAnswer | None = None
) -> Evidence:
    return Evidence(
        (
            Resolution(host=HOST, families=("IPv4",), milliseconds=1.0, failure="", false_address=false_address),
            Connection(
                base_url=f"https://{HOST}",
                family="IPv4",
                proxy="",
                tcp_ms=1.0,
                tls_ms=-1.0,
                tls_version="",
                answer=answer,
                failure=failure,
            ),
        )
    )


def named(seen: Evidence) -> dict[str, str]:
    """Each cause that holds, with its remedy."""
    return {cause.id: cause.remedy.text for cause in judge(seen).causes}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("198.18.0.7", ""),
        ("172.32.0.1", ""),
        ("104.18.43.174", ""),
        ("2606:4700::6812:2bae", ""),
        ("no address", ""),
    ],
)
def test_an_address_that_no_public_name_has_is_known_by_its_range(address: str, kind: str) -> None:
    assert false_kind(address) == kind


@pytest.mark.parametrize("kind", ["loopback", "private", "link-local", "unspecified"])
def test_a_name_of_okx_with_such_an_address_is_a_false_answer(kind: FalseAddress) -> None:
    causes = named(evidence(kind, CallFailure(kind="refused", detail="connection refused")))

    assert "Compare this machine's resolver" in causes["dns-failure"]


def test_an_answer_of_okx_s_own_acquits_the_resolver() -> None:
    """A relay inside a company's network has such an address, and passes OKX's answers on."""
    answer = CallAnswer(status=200, form="okx", code="0", message="")

    assert "dns-failure" not in named(evidence("private", answer=answer))


def test_a_certificate_of_another_name_is_a_false_answer_and_no_matter_of_trust() -> None:
    failure = CallFailure(kind="tls", detail="Hostname mismatch, certificate is not valid", tls_code=62)
    causes = named(evidence(failure=failure))

    assert "dns-failure" in causes
    assert "tls-untrusted" not in causes
    assert "update certifi" not in causes["dns-failure"]


def test_a_certificate_of_an_unknown_issuer_stays_a_matter_of_trust() -> None:
    failure = CallFailure(kind="tls", detail="unable to get local issuer certificate", tls_code=20)
    causes = named(evidence(failure=failure))

    assert "tls-untrusted" in causes
    assert "dns-failure" not in causes

from __future__ import annotations

import subprocess
import sys

import pytest

from okx_doctor.causes import conversation
from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.decoding.forms import envelopes
from okx_doctor.probes import http
from okx_doctor.protocol import answers, codes

ASSUMED = "assumed: it publishes no order"


def _answer(text: str) -> Decoded:
    (answer,) = decode(text)
    return answer


def _because(answer: Decoded) -> dict[str, str]:
    return {row.id: row.because for row in answer.rules_out}


def _causes(answer: Decoded) -> list[str]:
    return [cause.id for cause in answer.causes]


@pytest.mark.parametrize(
    "text",
    ["50101", '{"event":"error","code":"50101","msg":"APIKey does not match current environment."}'],
    ids=["rest", "websocket"],
)
def test_another_site_is_never_ruled_out_by_a_50101(text: str) -> None:
    answer = _answer(text)

    assert "wrong-site" not in {row.id for row in answer.rules_out}
    assert [(cause.id, cause.confidence.value) for cause in answer.causes] == [
        ("wrong-environment", "likely"),
        ("wrong-site", "possible"),
    ]
    assert "wrong-site" in {row.id for row in _answer("50105").rules_out}


def test_a_50105_proves_that_the_host_knows_the_key_and_the_rest_is_said_to_be_assumed() -> None:
    because = _because(_answer("50105"))

    assert "assumed" not in because["wrong-site"]
    for cause in ("clock-drift", "ip-not-allowlisted", "wrong-environment"):
        assert ASSUMED in because[cause]
    assert "secret-wrong" not in because


def test_a_50102_names_the_unit_beside_the_clock() -> None:
    answer = _answer("50102")

    assert _causes(answer)[:2] == ["clock-drift", "timestamp-unit"]
    assert [cause.confidence.value for cause in answer.causes[:2]] == ["likely", "likely"]
    assert "illisecond" in answer.meaning


def test_a_50119_names_the_site_first_and_says_nothing_of_the_rest() -> None:
    answer = _answer("50119")

    assert _causes(answer)[0] == "wrong-site"
    assert {"secret-wrong", "passphrase-wrong", "ip-not-allowlisted"}.isdisjoint(_because(answer))


def test_a_50110_tells_the_address_for_the_allowlist() -> None:
    answer = _answer('{"msg":"Your IP 203.0.113.7 is not included in your API key\'s x IP whitelist.","code":"50110"}')

    assert "203.0.113.7" in answer.meaning
    assert "203.0.113.7" in answer.says


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("50113", {"passphrase-wrong", "clock-drift", "rate-limited"}),
        ("50110", {"api-key-expiring", "api-key-unknown"}),
        ("50100", {"permission-missing"}),
        ("50111", {"ip-not-allowlisted", "api-key-unknown"}),
        ("50112", {"secret-wrong", "passphrase-wrong"}),
        ("50102", {"secret-wrong", "passphrase-wrong"}),
        ("50119", {"clock-drift", "permission-missing"}),
        ("50115", {"timestamp-format"}),
        ("50038", {"wrong-environment"}),
        ("60005", {"connection-timeout"}),
    ],
)
def test_wrong_meanings_in_circulation_are_not_repeated(code: str, never: set[str]) -> None:
    assert never.isdisjoint(_causes(_answer(code)))


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ("50113", "50105"),
        ("50100", "50120"),
        ("50111", "50119"),
        ("50112", "50102"),
        ("50105", "50101"),
        ("50038", "50101"),
        ("50121", "50110"),
        ("59506", "50119"),
    ],
)
def test_a_misread_code_says_which_one_is_meant(code: str, instead: str) -> None:
    assert instead in _answer(code).meaning


@pytest.mark.parametrize("code", ["30013", "30001", "33014", "10007", "10004", "20102"])
def test_a_retired_code_is_named_as_retired(code: str) -> None:
    answer = _answer(code)

    assert _causes(answer)[0] == "api-version-retired"
    assert "retired" in answer.meaning


def test_a_retired_code_goes_on_with_what_it_would_be_today() -> None:
    answer = _answer("30015")

    assert "50105" in answer.meaning
    assert "passphrase-wrong" in _causes(answer)


def test_a_code_from_behind_the_gate_clears_the_credentials_and_says_that_this_is_assumed() -> None:
    answer = _answer("51000")

    assert answer.meaning.startswith("No failure of authentication.")
    assert "assumed" in _because(answer)["passphrase-wrong"]
    assert "signed call" in _because(answer)["passphrase-wrong"]


@pytest.mark.parametrize("code", ["50001", "50011", "50013", "50026", "0", "1", "2", "50108", "50114"])
def test_a_code_whose_place_nobody_knows_rules_out_no_credential(code: str) -> None:
    assert {"passphrase-wrong", "secret-wrong", "wrong-site", "clock-drift"}.isdisjoint(_because(_answer(code)))


@pytest.mark.parametrize("text", ["403", "407", "1020", "522", "<html><title>x</title></html>", "error code: 1015"])
def test_what_is_not_okx_s_rules_nothing_out(text: str) -> None:
    assert _answer(text).rules_out == ()


def test_a_share_is_the_part_of_the_public_reports_of_that_code() -> None:
    shares = {cause.id: cause.share for cause in _answer("50119").causes}

    assert shares == {"wrong-site": 0.875, "api-key-unknown": 0.125}


def test_without_a_public_report_there_is_no_share() -> None:
    assert [cause.share for cause in _answer("50120").causes] == [None]


def test_a_lone_401_shares_its_causes_with_every_refusal_of_the_gate() -> None:
    answer = _answer("401")

    assert answer.causes[0].out_of > 50
    assert {"wrong-site", "timestamp-precision", "api-version-retired", "passphrase-wrong"} <= set(_causes(answer))


def test_the_unknown_is_said_to_be_unknown() -> None:
    assert "no such code" in _answer('{"code":"50126","msg":"x"}').meaning


def test_a_text_without_a_code_is_labelled_and_proves_nothing() -> None:
    answer = _answer("API key doesn't exist")

    assert answer.meaning.startswith("Read from the wording alone")
    assert answer.rules_out == ()


def test_check_and_decode_read_answers_and_codes_with_the_same_functions() -> None:
    assert vars(envelopes)["read_answer"] is vars(http)["read_answer"] is answers.read_answer
    assert vars(envelopes)["find"] is vars(conversation)["find"] is codes.find


def test_check_loads_neither_the_long_table_nor_the_decoder() -> None:
    script = (
        "import sys\nfrom okx_doctor.settings import Options\nfrom okx_doctor.checking.simulation import simulate\n"
        "simulate(Options(), ('wrong-site', 'clock-drift'))\nfrom okx_doctor.protocol import codes\n"
        "print(codes.documented.cache_info().currsize, [name for name in sys.modules if 'decoding' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)

    assert done.stdout.split("\n")[0] == "0 []"

"""Many requests of one client: what one teaches helps with the next, and what the failing ones share is said."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Response
from okx_doctor.forensics.inspector import FULL_SEARCHES, Inspector
from okx_doctor.forensics.search import search
from okx_doctor.forensics.search.hypotheses import search_space
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.search.search import Share, run, stages, wanted
from okx_doctor.forensics.search.work import Stage
from okx_doctor.forensics.search.workers import Workers
from okx_doctor.forensics.tally import Tally
from okx_doctor.forensics.verdict import Validity
from okx_doctor.secrets.secret import Secret
from tests.forensics.bench import (
    BALANCE,
    KEYS,
    ORDER,
    ORDER_BODY,
    PASSPHRASE,
    STAMP,
    b64,
    capture,
    inspected,
    mac,
    named,
    proven,
    subject,
)

pytestmark = pytest.mark.slow


def signed(text: str, target: str = BALANCE, **more: object) -> Capture:
    return capture("GET", target, sign=b64(mac(text)), **more)  # type: ignore[arg-type]


def remarks(*made: Capture) -> str:
    inspector, tally = Inspector(KEYS), Tally()
    for one in made:
        tally.add(inspector.inspect(one))
    return " ".join(tally.remarks())


def test_a_pair_found_once_is_found_at_once_in_the_next_request() -> None:
    inspector = Inspector(KEYS)
    first = inspector.inspect(signed(f"{STAMP}get/account/balance"))
    second = inspector.inspect(signed(f"{STAMP}get/account/config", "/api/v5/account/config"))

    assert proven(first) == proven(second) == {"method-case", "path-prefix-missing"}
    assert second.hypotheses_tried < first.hypotheses_tried / 50


def test_a_moment_found_once_is_looked_for_first_in_the_next_request() -> None:
    inspector = Inspector(KEYS)
    first = inspector.inspect(signed(f"2026-11-20T09:08:57.514ZGET{BALANCE}"))
    second = inspector.inspect(signed(f"2026-11-20T09:08:56.013ZGET{BALANCE}?x=1", f"{BALANCE}?x=1"))

    assert proven(first) == proven(second) == {"timestamp-differs"}
    assert second.hypotheses_tried < 10_000


def test_what_is_known_never_hides_a_simpler_explanation() -> None:
    inspector = Inspector(KEYS)
    inspector.inspect(signed(f"{STAMP}get/account/balance"))

    assert proven(inspector.inspect(signed(f"{STAMP}get{BALANCE}"))) == {"method-case"}


def test_only_the_first_unexplained_requests_of_a_client_are_searched_in_full() -> None:
    inspector = Inspector(KEYS)
    found = [inspector.inspect(signed(f"unknown {number}")) for number in range(FULL_SEARCHES + 2)]

    assert [one.in_full for one in found] == [True] * FULL_SEARCHES + [False] * 2
    assert {one.verdict for one in found} == {Validity.UNEXPLAINED}
    assert "only single mistakes" in " ".join(found[-1].causes[0].because)


def test_another_client_is_searched_in_full_again() -> None:
    inspector = Inspector(KEYS)
    for number in range(FULL_SEARCHES + 1):
        inspector.inspect(signed(f"unknown {number}"))
    other = inspector.inspect(signed("unknown", headers={"OK-ACCESS-KEY": "0d52aa2f-6c5a-4a4c-9d2b-6a1f3e0c7b11"}))

    assert other.in_full
    assert [cause.id for cause in other.causes] == ["api-key-differs", "signature-unexplained"]


def test_whoever_makes_keys_up_gets_no_full_search_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("okx_doctor.forensics.inspector._CLIENTS", 2)
    inspector = Inspector(KEYS)
    keys = [f"0d52aa2f-6c5a-4a4c-9d2b-6a1f3e0c7b1{number}" for number in (1, 2, 3, 1)]
    found = [inspector.inspect(signed(f"unknown {key}", headers={"OK-ACCESS-KEY": key})) for key in keys]

    assert [one.in_full for one in found] == [True, True, False, True]


def test_a_request_that_is_far_too_long_is_tried_with_the_short_list_only() -> None:
    body = b'{"note": "' + b"x" * 300_000 + b'"}'
    right, wrong = capture("POST", ORDER, body), capture("POST", ORDER, body, sign=b64(mac("other")))

    assert inspected(right).verdict == "valid"
    found = inspected(wrong)
    assert found.hypotheses_tried < 50
    assert "too long" in found.causes[0].because[0]


def test_what_the_failing_ones_have_in_common_is_said() -> None:
    good = [capture(target="/api/v5/account/config"), capture("POST", ORDER, ORDER_BODY)]
    bad = [signed(f"{STAMP}GET{BALANCE}", f"{BALANCE}?ccy={name}") for name in ("BTC", "ETH")]

    said = remarks(*good, *bad)
    assert f"Every request that fails goes to {BALANCE} and has a query; none of the 2 valid ones does." in said
    assert "is a GET" not in said
    assert "none of" not in remarks(good[0], bad[0]), "two requests show nothing"


def test_dropped_zeros_of_the_timestamp_are_seen_across_requests() -> None:
    full = [capture(stamp=f"2026-11-20T09:08:57.71{digit}Z") for digit in range(1, 10)]
    short = capture(stamp="2026-11-20T09:08:57.71Z", sign=b64(mac(f"2026-11-20T09:08:57.710ZGET{BALANCE}")))

    assert "has a timestamp with fewer than three decimals; none of the 9 valid ones does" in remarks(*full, short)


def test_nothing_is_said_of_what_all_requests_share() -> None:
    assert remarks(signed("x"), signed("y")) == ""
    assert remarks(capture(), capture()) == ""


def test_a_signature_that_is_kept_is_noticed() -> None:
    made = replace(signed("x"), place="line 1")
    again = replace(
        capture(target="/api/v5/account/config", sign=made.request.header("OK-ACCESS-SIGN")), place="line 2"
    )

    assert "line 1 and line 2 carry the same signature" in remarks(made, again)


def test_a_timestamp_that_is_kept_is_noticed() -> None:
    def late(seconds: float) -> Capture:
        return replace(capture(), response=Response(status=401, code="50102", date=1795165737.7 + seconds))

    assert "Requests 300 s apart carry the same timestamp" in remarks(late(60), late(360))
    assert "apart" not in remarks(late(60), late(60))


@pytest.mark.parametrize("stage", stages(subject(capture()))[1:4], ids=str)
def test_the_shares_of_all_workers_come_to_the_whole(stage: Stage) -> None:
    made = subject(signed("unknown"))
    space, sought = search_space(made, frozenset({32})), wanted(made.signature)
    whole = run(space, sought, stage)
    shares = [run(space, sought, stage, Share(number, 3)) for number in range(3)]

    assert whole[1] == sum(count for _, count in shares) > 0


def test_workers_find_what_one_process_finds() -> None:
    made = signed(f"{STAMP}get/account/balance")
    with Workers(2) as workers:
        together = Inspector(KEYS, runner=workers.run).inspect(made)
    alone = inspected(made)

    assert together.causes == alone.causes
    assert together.prehash == alone.prehash
    assert together.hypotheses_tried == alone.hypotheses_tried


def test_deep_searches_for_four_mistakes() -> None:
    text = f"{STAMP}gethttps://www.okx.com{BALANCE}"
    made = capture("GET", f"{BALANCE}?ccy=BTC", sign=b64(mac(text, PASSPHRASE)))
    found = Inspector(KEYS, deep=True).inspect(made)

    assert inspected(made).verdict is Validity.UNEXPLAINED
    assert proven(found) == {"method-case", "query-not-signed", "full-url-signed", "passphrase-as-secret"}


def test_a_very_long_body_is_not_searched_for_ever() -> None:
    small, long, huge = (subject(capture("POST", ORDER, b"[" + b"1," * count + b"1]")) for count in (1, 6_000, 60_000))

    assert len(stages(small)) == 5
    assert max(stage.mistakes for stage in stages(long)) == 2
    assert [stage.mistakes for stage in stages(huge)] == [1]


def test_a_long_body_that_was_not_signed_is_still_explained() -> None:
    body = b"[" + b"1," * 200_000 + b"1]"
    made = capture("POST", ORDER, body, sign=b64(mac(f"{STAMP}POST{ORDER}")))

    assert proven(inspected(made)) == {"body-not-signed"}


def test_a_right_signature_that_okx_refuses_convicts_the_secret() -> None:
    assert named(inspected(capture(code="50113"))) == {"secret-wrong": "likely"}


def test_an_accepted_request_that_does_not_match_convicts_the_loaded_secret() -> None:
    found = inspected(capture(sign=b64(mac("x")), code="0"))

    assert found.verdict is Validity.UNEXPLAINED
    assert "another secret than the one loaded" in " ".join(found.causes[0].because)


def test_ties_stand_in_equally_simple() -> None:
    made = capture("POST", ORDER, ORDER_BODY, sign=b64(mac(f"{STAMP}POST{ORDER}".encode() + ORDER_BODY + b"\n")))
    found = inspected(made)

    assert [proven(found), *map(set, found.equally_simple)] == [{"prehash-separator"}, {"body-reserialised"}]


def test_a_secret_from_another_source_explains_by_its_cause() -> None:
    keys = Keys(
        secret=Secret("0" * 32), others=((KEYS.secret, ("credential-sources-conflict",), "the secret from .env"),)
    )
    assert named(inspected(capture(), keys)) == {"credential-sources-conflict": "proven"}


def test_the_digests_of_another_size_are_not_tried() -> None:
    outcome = search.search(subject(capture(sign=b64(mac(f"{STAMP}GET{BALANCE}", algorithm="sha512")))))

    assert outcome.best is not None
    assert outcome.tried < 100


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("python-requests/2.32.0", "requests.post(url, data=body"),
        ("python-httpx/0.28.1", "httpx.post(url, content=body"),
        ("Python/3.12 aiohttp/3.9", "session.post(url, data=body"),
        ("axios/1.7.2", "axios.post(url, body"),
        ("undici", "fetch(url, { method"),
        ("node", "fetch(url, { method"),
        ("okhttp/4.12.0", "RequestBody.create(body"),
        ("Java-http-client/17.0.1", "BodyPublishers.ofString(body)"),
        ("Go-http-client/2.0", "bytes.NewReader(body)"),
        ("GuzzleHttp/7", "'body' => $body"),
        ("RestSharp/110", "new StringContent(body"),
        ("Faraday v2.9.0", "request.body = body"),
        ("reqwest/0.12", ".body(body)"),
        ("curl/8.5.0", '--data-raw "$body"'),
        ("PostmanRuntime/7.36", "Make the body's text once"),
    ],
)
def test_the_fix_is_put_in_the_words_of_the_client(agent: str, said: str) -> None:
    made = capture(
        "POST",
        ORDER,
        ORDER_BODY,
        sign=b64(mac(f"{STAMP}POST{ORDER}" + ORDER_BODY.decode().replace(",", ", "))),
        agent=agent,
    )
    (cause,) = inspected(made).causes

    assert cause.id == "body-reserialised"
    assert said in cause.remedy.text


def test_the_fix_for_a_request_in_ccxts_log_is_ccxts_whatever_user_agent_it_shows() -> None:
    text = f"{STAMP}POST{ORDER}" + ORDER_BODY.decode().replace(",", ", ")
    made = capture("POST", ORDER, ORDER_BODY, sign=b64(mac(text)), agent="Mozilla/5.0 (Windows NT 10.0) Chrome/62.0")

    (cause,) = inspected(replace(made, form="ccxt")).causes
    assert "let it sign" in cause.remedy.text

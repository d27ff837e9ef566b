from __future__ import annotations

import pytest

from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.decoding.forms.messages import compare
from okx_doctor.model import Confidence
from okx_doctor.protocol.codes import all_codes
from okx_doctor.report.decoding import render_text
from tests.decoding.pastes import corpus


def _only(text: str) -> Decoded:
    (answer,) = decode(text)
    return answer


@pytest.mark.parametrize("code", [row.code for row in all_codes() if row.kind == "error"])
def test_no_known_wording_of_a_code_is_called_unlike_it(code: str) -> None:
    rows = [row for row in all_codes() if row.code == code]

    assert [text for row in rows for text in (row.text, row.wire_text) if compare(code, text).unlike] == []


def test_no_answer_of_the_corpus_is_called_unlike_its_code() -> None:
    answers = [(paste, answer) for paste in corpus() for answer in decode(paste.text)]

    assert [str(paste) for paste, answer in answers if answer.sighting.unlike] == []


@pytest.mark.parametrize(
    ("code", "message"),
    [("50113", "Too fast, slow down please"), ("60031", "API key doesn't exist."), ("51008", "Invalid OK-ACCESS-KEY")],
)
def test_a_message_that_differs_from_every_wording_of_its_code_is_pointed_out(code: str, message: str) -> None:
    answer = _only(f'{{"code":"{code}","msg":"{message}"}}')

    assert answer.sighting.unlike
    assert "The message beside it" in answer.meaning
    assert answer.rules_out == ()
    assert all(cause.confidence is Confidence.POSSIBLE for cause in answer.causes)


@pytest.mark.parametrize("message", ["无效的签名", "x", "", "Assinatura inválida, tente"])
def test_a_text_that_cannot_be_compared_is_not(message: str) -> None:
    assert not _only(f'{{"code":"50113","msg":"{message}"}}').sighting.unlike


def test_an_unknown_code_is_read_by_its_wording_and_labelled_so() -> None:
    answer = _only('{"code":"50126","msg":"Invalid Sign"}')

    assert "worded as 50113" in answer.meaning
    assert "no such code" in answer.meaning
    assert answer.causes[0].confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("code", "channel", "path", "login"),
    [
        ("60011", "orders-algo", "/ws/v5/business", True),
        ("60011", "books50-l2-tbt", "/ws/v5/public", True),
        ("60011", "books-l2-tbt", "/ws/v5/public", True),
        ("60018", "account", "/ws/v5/private", True),
        ("64001", "candle1D", "/ws/v5/business", False),
        ("64002", "tickers", "/ws/v5/public", False),
        ("64003", "books-l2-tbt", "/ws/v5/public", True),
    ],
)
def test_the_channel_of_a_refused_subscription_is_looked_up(code: str, channel: str, path: str, login: bool) -> None:
    text = f'{{"op":"subscribe","args":[{{"channel":"{channel}"}}]}}\n{{"event":"error","code":"{code}","msg":""}}'
    meaning = _only(text).meaning

    assert f"{channel} is served on {path}, {'after a login' if login else 'without a login'}" in meaning


@pytest.mark.parametrize("asked", ["my-secret-channel", "candleTernHarbour7", "sprd-TernHarbour7", "candle1D7secret"])
def test_a_channel_that_is_none_of_okx_s_is_not_printed(asked: str) -> None:
    printed = render_text(decode(f'{{"channel":"{asked}"}}\n{{"event":"error","code":"60018","msg":""}}'))

    assert asked not in printed
    assert "Harbour" not in printed


@pytest.mark.parametrize("code", ["51008", "51000", "64003", "60030"])
def test_no_failure_of_authentication_has_a_neutral_sign_and_no_next_step(code: str) -> None:
    answer = _only(code)
    printed = render_text(decode(code))

    assert (answer.next, answer.then) == ("", "")
    assert printed.startswith("●")
    assert "Next" not in printed


@pytest.mark.parametrize("code", ["50113", "50105", "50119", "60009"])
def test_a_refusal_has_two_steps(code: str) -> None:
    answer = _only(code)

    assert answer.next.startswith("okx-doctor check")
    assert answer.then == "okx-doctor inspect CAPTURE"

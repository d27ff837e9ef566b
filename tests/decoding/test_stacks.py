"""What real clients print where the way to OKX is broken, or where they will not send: every text of the workshop."""

from __future__ import annotations

from collections import Counter

import pytest

from okx_doctor.decoding.decode import decode
from okx_doctor.model import Confidence
from okx_doctor.report.decoding import render_json, render_text
from tests.decoding.stacks.texts import CAUSES, SAYS_TOO_LITTLE, UNVERIFIED, Spoken, spoken

pytestmark = pytest.mark.slow

TEXTS = spoken()
SENT = ("Tern", "Harbour7", "Törn", "密码", "proxy.invalid")
"""What the values in refused headers are made of, and a name of the user's own."""


def test_the_texts_are_many_and_of_nine_languages_in_every_situation() -> None:
    languages = Counter(text.program.partition(":")[0] for text in TEXTS)

    assert len({text.text for text in TEXTS}) >= 1_000
    assert set(languages) == {"python", "node", "go", "java", "rust", "php", "ruby", "curl", "dotnet"}
    assert {text.situation.removesuffix(", socket") for text in TEXTS} == set(CAUSES)
    assert all(text.version for text in TEXTS)


def test_what_could_not_be_run_here_is_named() -> None:
    assert len(UNVERIFIED) == 5
    assert all(UNVERIFIED.values())


def test_the_texts_that_say_too_little_are_few_and_all_there() -> None:
    assert set(SAYS_TOO_LITTLE) <= {str(text) for text in TEXTS}
    assert len(SAYS_TOO_LITTLE) <= 0.02 * len(TEXTS)


@pytest.mark.parametrize("text", [text for text in TEXTS if str(text) not in SAYS_TOO_LITTLE], ids=str)
def test_a_text_of_a_client_is_read_as_what_really_happened(text: Spoken) -> None:
    (answer,) = decode(text.text)
    named = [cause.id for cause in answer.causes if cause.id != "websocket-port-retired"]

    assert named[0] in text.causes


@pytest.mark.parametrize("text", [text for text in TEXTS if ":8443" in text.text], ids=str)
def test_a_port_that_okx_has_retired_leads_wherever_its_address_stands_in_a_failure(text: Spoken) -> None:
    for answer in decode(text.text):
        assert answer.causes[0].id == "websocket-port-retired" or answer.sighting.kind in ("status", "page")


def test_no_text_that_says_too_little_makes_a_false_cause_likely() -> None:
    for text in TEXTS:
        if str(text) in SAYS_TOO_LITTLE:
            for answer in decode(text.text):
                likely = {cause.id for cause in answer.causes if cause.confidence is Confidence.LIKELY}
                assert likely <= {*text.causes, *SAYS_TOO_LITTLE[str(text)]}, str(text)


def test_nothing_of_a_value_that_was_not_sent_and_no_name_of_the_user_s_is_printed() -> None:
    for text in TEXTS:
        answers = decode(text.text)
        printed = render_text(answers) + render_json(answers)
        assert [value for value in SENT if value in printed] == [], str(text)

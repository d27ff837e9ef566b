from __future__ import annotations

import base64
import html
import json
import logging
import pickle
import shlex
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import asdict

from okx_doctor.secrets.redactor import Redactor, derived_forms
from okx_doctor.secrets.secret import MASK, Secret

pytestmark = pytest.mark.slow

SENTINEL = "S3ntinel-'\"é\n-passphrase"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        ascii,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: f"{secret:^60}",
        lambda secret: "{}".format(secret),  # noqa: UP032  the method is what is tested
        lambda secret: "%s" % secret,  # noqa: UP031
        lambda secret: str([secret, {secret: secret}]),
        lambda secret: str(pickle.dumps(secret)),
        lambda secret: str(asdict(_Holder(secret))),
        lambda secret: repr(_Holder(secret)),
        lambda secret: str(ValueError("refused", secret)),
    ],
)
def test_no_way_of_showing_a_secret_shows_it(show: Callable[[Secret], str]) -> None:
    shown = show(Secret(SENTINEL))

    assert "S3ntinel" not in shown
    assert "passphrase" not in shown


class _Holder(Struct):
    value: Secret


def test_a_traceback_with_its_locals_does_not_show_a_secret() -> None:
    def fails(secret: Secret) -> None:
        raise ValueError("refused", secret)

    with pytest.raises(ValueError, match="refused") as caught:
        fails(Secret(SENTINEL))

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "secret = Secret(" in shown
    assert "S3ntinel" not in shown


def test_a_log_record_does_not_show_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("okx_doctor.test").warning("signing with %s and %r", Secret(SENTINEL), Secret(SENTINEL))

    assert "signing with Secret(" in caplog.text
    assert "S3ntinel" not in caplog.text


def test_json_refuses_a_secret() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"passphrase": Secret(SENTINEL)})

    assert "S3ntinel" not in str(caught.value)


def test_a_secret_tells_its_text_only_when_asked_to_reveal_it() -> None:
    secret = Secret(SENTINEL)

    assert secret.reveal() == SENTINEL
    assert SENTINEL not in [str(getattr(secret, name, "")) for name in dir(secret) if name.startswith("__")]


def test_a_pickled_secret_comes_back_as_the_mask() -> None:
    assert pickle.loads(pickle.dumps(Secret(SENTINEL))).reveal() == MASK


def test_secrets_compare_by_text_and_only_with_secrets() -> None:
    same = Secret("a") == Secret("a")
    other = Secret("a") == Secret("b")
    text: object = "a"

    assert (same, other, Secret("a") == text) == (True, False, False)
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


@pytest.mark.parametrize(("text", "filled"), [("", False), (" ", True), ("x", True)])
def test_a_secret_is_true_when_it_holds_anything(text: str, filled: bool) -> None:
    assert bool(Secret(text)) is filled
    assert len(Secret(text)) == len(text)


def _forms(text: str) -> dict[str, str]:
    """What a program may make of a secret on its way into some output, by the standard library alone."""
    raw = text.encode()
    standard = base64.b64encode(raw).decode()
    url_safe = base64.urlsafe_b64encode(raw).decode()
    return {
        "as it is": text,
        "lower case": text.lower(),
        "upper case": text.upper(),
        "base64": standard,
        "base64 without padding": standard.rstrip("="),
        "base64url": url_safe,
        "base64url without padding": url_safe.rstrip("="),
        "percent-encoded": quote(text, safe=""),
        "percent-encoded path": quote(text),
        "encodeURIComponent": quote(text, safe="!'()*~"),
        "form-encoded": quote_plus(text),
        "JSON": json.dumps(text)[1:-1],
        "JSON, not escaped to ASCII": json.dumps(text, ensure_ascii=False)[1:-1],
        "repr": repr(text)[1:-1],
        "repr of bytes": repr(raw)[2:-1],
        "hex": raw.hex(),
        "upper-case hex": raw.hex().upper(),
        "header dump": repr({"OK-ACCESS-PASSPHRASE": text})[len("{'OK-ACCESS-PASSPHRASE': '") : -2],
        "trimmed": text.strip(),
    }


NAMES = tuple(_forms("abcd"))
SECRETS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=40),
    st.text("ab'\"`\\/ \n\r\té$#%+=&?{}", min_size=4, max_size=20),
    st.from_regex(r"[0-9A-F]{32}", fullmatch=True),
    st.uuids().map(str),
)
TEXT = st.text(max_size=30)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(secret=SECRETS, before=TEXT, after=TEXT)
@example(secret="Ünï?>~ü\"x'/n y\\z", before="", after="")
@example(secret="aB?>~ü?>x", before="GET /", after="?x=1")
@example(secret='it\'s "me"', before="{'OK-ACCESS-PASSPHRASE': '", after="'}")
@example(secret="tab\tand\nnewline/b c", before='{"p": "', after='"}')
@example(secret="Mixed Case 1", before="\x1b[31m", after="\x1b[0m")
def test_every_form_of_a_secret_is_gone_from_any_text(name: str, secret: str, before: str, after: str) -> None:
    form = _forms(secret)[name]
    assume(len(form) >= 4 and form not in MASK)
    assume(form not in before + MASK + after)  # what stands around it must not spell it once more
    redactor = Redactor([Secret(secret)])
    text = f"{before}{form}{after}"

    assert form not in redactor.foreign(text)
    assert form not in redactor.told(text)


@given(secrets=st.lists(SECRETS, min_size=2, max_size=4), before=TEXT)
def test_several_secrets_side_by_side_are_all_gone(secrets: list[str], before: str) -> None:
    assume(not any(secret in before or secret in MASK for secret in secrets))
    text = before + MASK.join(secrets)
    assume(not any(secret in before + MASK * len(secrets) for secret in secrets))

    masked = Redactor([Secret(secret) for secret in secrets]).foreign(text)

    assert not any(secret in masked for secret in secrets)


@given(text=TEXT, secret=SECRETS)
def test_text_without_the_secret_stays_as_it_is(text: str, secret: str) -> None:
    folded = text.casefold()
    assume(not any(form.strip().casefold() in folded for form in _forms(secret).values()))
    bare = secret.strip("\"'` \t\r\n=")
    assume(not bare or bare.casefold() not in folded)

    assert Redactor([Secret(secret)]).foreign(text) == text


@pytest.mark.parametrize("stored", [" value-1234 ", '"value-1234"', "'value-1234'\n", "=value-1234", "`value-1234`"])
def test_the_value_inside_quotes_and_whitespace_is_hidden_too(stored: str) -> None:
    assert "value-1234" not in Redactor([Secret(stored)]).foreign("sent value-1234 instead")


def own(text: str) -> Callable[[], str]:
    return lambda: text


def test_a_secret_that_is_one_of_the_tools_own_words_is_kept_in_its_sentences_only() -> None:
    redactor = Redactor([Secret("passphrase")], own("the passphrase is wrong"))

    assert redactor.told("the passphrase is wrong") == "the passphrase is wrong"
    assert redactor.foreign("your passphrase, please") == f"your {MASK}, please"


@given(words=st.lists(st.from_regex(r"[a-z]{4,12}", fullmatch=True), min_size=1, max_size=6), data=st.data())
def test_own_words_are_never_masked_in_sentences_and_raise_no_alarm(words: list[str], data: st.DataObject) -> None:
    secret = data.draw(st.sampled_from(words))
    text = " ".join(words)
    redactor = Redactor([Secret(secret)], own(text))

    assert redactor.told(text) == text
    assert not redactor.finds(text)


@pytest.mark.parametrize(
    "text", ["a monkey here", "monkey", "monkey.env", "a monkeys", "the_monkey", "x-monkey-y", "MONKEY"]
)
def test_a_part_of_an_own_word_is_no_own_word(text: str) -> None:
    redactor = Redactor([Secret("monkey")], own("monkeypatch x y a env"))

    assert "monkey" not in redactor.told(text).lower()
    assert redactor.told("monkeypatch") == "monkeypatch"


def test_an_own_word_that_is_numbered_is_own_but_not_a_secret_with_a_number() -> None:
    """Masked, the name of a candidate would tell what the passphrase is."""
    own_words = own("the passphrase")

    assert Redactor([Secret("passphrase")], own_words).told("passphrase-1") == "passphrase-1"
    assert Redactor([Secret("passphrase")], own_words).told("passphrase-x1") == f"{MASK}-x1"
    assert Redactor([Secret("passphrase-1")], own_words).told("passphrase-1") == MASK


def test_an_encoded_form_of_an_own_word_is_masked_all_the_same() -> None:
    encoded = base64.b64encode(b"passphrase").decode()
    redactor = Redactor([Secret("passphrase")], own("passphrase"))

    assert redactor.told(encoded) == MASK
    assert redactor.finds(encoded)


@pytest.mark.parametrize(
    ("secret", "document"),
    [
        ("20261126", '"started_at": "20261126"'),
        ("13:44:39", "2026-11-26T13:44:39.001Z"),
        ("passphrase-wrong", '{"id": "passphrase-wrong"}'),
        ("passphrase-wro", "passphrase-wrong"),
        ("status is", "its status is wrong"),
        ('"status": "', '{"status": "wrong"}'),
        ("[hidden]", "[hidden] is wrong"),
    ],
)
def test_own_words_and_numbers_raise_no_alarm_whatever_a_secret_is_spelled_like(secret: str, document: str) -> None:
    redactor = Redactor([Secret(secret)], own("passphrase-wrong status is its hidden started_at id"))

    assert not redactor.finds(document)


@pytest.mark.parametrize(
    "secret", ["hunter22", "correct horse", "пароль-надёжный", "9F3B7C21E8D04A56", "Abc-1234!", "it's-a-secret1"]
)
@pytest.mark.parametrize("dressed", [str, json.dumps, html.escape, shlex.quote, quote, repr])
def test_a_secret_in_a_finished_document_raises_the_alarm(secret: str, dressed: Callable[[str], str]) -> None:
    redactor = Redactor([Secret(secret)], own("a the correct document"))

    assert redactor.finds(f"<p>a {dressed(secret)}</p>")
    assert not redactor.finds("<p>a document</p>")


@pytest.mark.parametrize("secret", ["a", "0.001", "2026", '": "', "class=", "short77"])
def test_a_short_secret_raises_no_alarm(secret: str) -> None:
    assert not Redactor([Secret(secret)]).finds(f"a document {secret} with it")


@pytest.mark.parametrize("secret", ["", "a", "abc", " a "])
def test_a_value_too_short_to_search_for_masks_nothing(secret: str) -> None:
    assert Redactor([Secret(secret)]).foreign("abc ab a 3 abc") == "abc ab a 3 abc"


def test_the_fixed_examples_tell_all_forms_of_base64_apart() -> None:
    forms = _forms("aB?>~ü?>x")

    assert len({forms[name] for name in NAMES if name.startswith("base64")}) == 4


def test_a_file_taken_for_a_value_is_masked_as_it_is_and_trimmed_alone() -> None:
    text = f" {'aB3$' * 16_000} "
    redactor = Redactor([Secret(text)])

    assert len(derived_forms(text)) == 2
    assert redactor.foreign(f"it was {text}.") == f"it was {MASK}."
    assert redactor.told(f"it was {text.strip()}.") == f"it was {MASK}."


def test_without_secrets_nothing_is_masked() -> None:
    assert Redactor([]).told(Redactor([]).foreign("anything")) == "anything"
    assert not Redactor([]).finds("anything")


def test_of_two_secrets_the_longer_is_masked_whole() -> None:
    redactor = Redactor([Secret("hunter22"), Secret("hunter22-and-more")])

    assert redactor.foreign("it was hunter22-and-more.") == f"it was {MASK}."

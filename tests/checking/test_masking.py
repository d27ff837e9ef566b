"""What is masked in evidence before it is judged: text of the user's own, and nothing of the product's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from okx_doctor.checking.masking import masked
from okx_doctor.observations import (
    ADDRESS,
    FOREIGN,
    KINDS,
    CallAnswer,
    CredentialValue,
    FileMangled,
    SignedCall,
)
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import MASK, Secret

OWN_WORDS = {
    "Target.site", "Target.other_sites", "Target.require", "Target.forbid", "Target.not_api_reason",
    "Machine.time_tools", "FactsAge.confirmed", "ProjectId.variable",
    "BotClient.client", "RetiredSocket.client", "PlaceSearched.found", "CredentialValue.lacks",
    "CredentialValue.edges", "CredentialValue.wrapped", "CredentialValue.odd_characters", "CredentialValue.alias",
    "CredentialValue.same_as", "CredentialValue.variable", "CredentialValue.reference",
    "SlotsSwapped.holds",
    "FileMangled.character", "FileMangled.what",
    "FileExposure.mode",
    "DialectsDiffer.variable", "DialectsDiffer.others", "DialectsDiffer.spelling", "DialectsDiffer.exceptions",
    "VectorRun.mismatches",
    "BodyForm.signed_as", "BodyForm.sent_with", "BodyForm.difference",
    "Resolution.families", "Resolution.failure",
    "CallFailure.detail",
    "CallAnswer.form", "CallAnswer.code", "CallAnswer.message", "CallAnswer.redirect_host",
    "Connection.family", "Connection.tls_version",
    "NtpSilence.reason",
    "Correction.id", "Correction.causes", "Correction.changes",
    "SignedCall.about", "SignedCall.endpoint", "SignedCall.corrections",
    "PeelingEnded.reason",
    "KeyFacts.permissions",
    "SocketLogin.code",
}  # fmt: skip
"""Fields that hold words of the product's own, or codes and names that are known, and never text of anybody else's."""


def _unmarked(kind: type[Struct], seen: set[type]) -> Iterator[str]:
    """The fields of a kind, and of what it holds, with text that is not marked as foreign."""
    if kind in seen:
        return
    seen.add(kind)
    hints = get_type_hints(kind, include_extras=True)
    for part in fields(kind):
        for hint in _parts(hints[part.name]):
            if hint is str:
                yield f"{kind.__name__}.{part.name}"
            elif isinstance(hint, type) and issubclass(hint, Struct):
                yield from _unmarked(hint, seen)


def _parts(hint: Any) -> Iterator[Any]:
    if get_origin(hint) is Annotated:
        assert {FOREIGN, ADDRESS} & set(hint.__metadata__)
    elif get_origin(hint) is not Literal and get_args(hint):
        for each in get_args(hint):
            yield from _parts(each)
    else:
        yield hint


def test_every_field_of_every_observation_is_foreign_or_known_to_hold_our_own_words() -> None:
    seen: set[type] = set()
    assert {name for kind in KINDS.values() for name in _unmarked(kind, seen)} == OWN_WORDS


def _value(source: str) -> CredentialValue:
    return CredentialValue(
        slot="passphrase", shape="other", length=4, edges=(), wrapped=(), odd_characters=(), letter_case="lower",
        source=source, alias="", same_as=(), variable="OKX_PASSPHRASE", holds_secret=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "word", ["passphrase", "PASSPHRASE", "lower", "other", "OKX_PASSPHRASE", "2026", "environment"]
)
def test_our_own_words_in_evidence_stay_whatever_the_passphrase_is(word: str) -> None:
    value = _value("OKX_PASSPHRASE in the environment")

    assert masked(value, redactor_of([Secret(word)])) == value


def test_a_file_s_name_that_holds_the_passphrase_is_masked_and_the_rest_stays() -> None:
    known = redactor_of([Secret("hunter22")])
    file = FileMangled(slot="passphrase", file="a-hunter22.env", line=3, character="#", what="was cut at #")

    assert masked(_value("OKX_PASSPHRASE in a-hunter22.env line 3"), known).source == (
        f"OKX_PASSPHRASE in a-{MASK}.env line 3"
    )
    assert masked(file, known).file == f"a-{MASK}.env"


@pytest.mark.parametrize("passphrase", ["50105", "GET account/config", "config", "refused"])
def test_a_code_is_no_credential_whatever_the_passphrase_is(passphrase: str) -> None:
    call = SignedCall(
        number=1, purpose="as loaded", about=(), endpoint="GET account/config", base_url="https://www.okx.com",
        demo=False, corrections=(), answer=CallAnswer(status=401, form="okx", code="50105", message=""), failure=None,
    )  # fmt: skip

    assert masked(call, redactor_of([Secret(passphrase)])) == call


@given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=10))
@example("::error::x.env", "", ":12: found")
@example(":", "", ":12: found")
@example(" \t::stop-commands::x", "", "")
@example("a\n::error::b", "x ", "")
@example("##[group]a\x1b[31m\u202e", "", "")
def test_a_shown_name_makes_no_line_a_command_and_drives_no_terminal(name: str, before: str, behind: str) -> None:
    made = visible_name(name)

    assert made.isprintable() and "::" not in made and "##[" not in made
    assert visible_name(made) == made
    for start in range(len(made)):  # a line may be broken anywhere
        assert not made[start:].startswith("::")
    assert not f"{made}:12: found".lstrip().startswith("::")


@pytest.mark.parametrize("name", ["bot.env", "C:\\bots\\.env", "a b.env", "ключ.env", "x:y", "-", "#1.env", ""])
def test_a_usual_name_is_shown_as_it_is(name: str) -> None:
    assert visible_name(name) == name

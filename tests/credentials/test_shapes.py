from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.shapes import (
    LetterCase,
    Shape,
    case_variants,
    cleaned,
    edges,
    letter_case,
    odd_characters,
    shape,
    unwrapped,
    wrapped,
)

pytestmark = pytest.mark.slow

UUID = "37c541a1-12ab-34cd-56ef-10fe7a038418"
HEX32 = "22582BD0CFF14C41EDBF1AB98506286D"
TEXT = st.one_of(st.text(max_size=30), st.text("aZ9 '\"`=\n\r\t“’é-", max_size=12))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "absent"),
        ("", "empty"),
        ("  \n", "empty"),
        ('""', "empty"),
        ("''", "empty"),
        ("=", "empty"),
        (UUID, "uuid"),
        (UUID.upper(), "uuid"),
        (f' "{UUID}"\n', "uuid"),
        (f"={UUID}", "uuid"),
        (HEX32, "hex32"),
        (HEX32.lower(), "hex32"),
        (f"`{HEX32}`", "hex32"),
        (UUID[:-1], "other"),
        (UUID.replace("-", ""), "hex32"),
        (HEX32 + "0", "other"),
        (HEX32[:-1], "other"),
        (HEX32[:-1] + "G", "other"),
        ("Tr0ub4dor&3", "other"),
        ("correct horse battery", "other"),
        ("$ecret#1", "other"),
    ],
)
def test_a_value_has_the_shape_it_looks_like(value: str | None, kind: Shape) -> None:
    assert shape(value) == kind


@pytest.mark.parametrize(
    "value",
    [
        "your-api-key",
        "your_exchange_key",
        "YOUR_API_KEY",
        "your_okx_passphrase",
        "<your secret key>",
        "<API_KEY>",
        "[passphrase]",
        "changeme",
        "change-me",
        "CHANGE_ME",
        "replace_with_real_key",
        "paste-your-key-here",
        "api_key",
        "apikey",
        "secret_key",
        "API_SECRET",
        "okx-api-key",
        "xxxxxxxx",
        "XXXX-XXXX",
        "********",
        "...",
        "none",
        "null",
        "undefined",
        "NaN",
        "TODO",
        "-1",
        "placeholder",
        "00000000-0000-0000-0000-000000000000",
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        '"your-api-key"',
    ],
)
def test_the_text_of_an_example_is_a_placeholder(value: str) -> None:
    assert shape(value) == "placeholder"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("x\n", ("trailing newline",)),
        ("x\r\n", ("trailing CR and newline",)),
        ("x\r", ("trailing carriage return",)),
        ("x ", ("trailing space",)),
        ("x\t", ("trailing tab",)),
        (" x", ("leading space",)),
        ("\nx", ("leading newline",)),
        ("\tx \n", ("leading tab", "trailing newline")),
        ("x\u00a0", ("trailing space",)),
        ("x y", ()),
        ("x", ()),
        ("", ()),
    ],
)
def test_whitespace_at_the_edges_is_named(value: str, named: tuple[str, ...]) -> None:
    assert edges(value) == named


def test_a_value_of_whitespace_only_has_one_edge() -> None:
    assert edges(" \n ") == ("leading newline",)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ('"x"', ("double quotes",)),
        ("'x'", ("single quotes",)),
        ("`x`", ("backticks",)),
        ("“x”", ()),  # odd characters, not a pair of quotes
        (' "x" \n', ("double quotes",)),
        ("=x", ("a leading equals sign",)),
        ('="x"', ("a leading equals sign", "double quotes")),
        ('"x', ("one of a pair of double quotes, at the start",)),
        ("x'", ("one of a pair of single quotes, at the end",)),
        ('"', ("one of a pair of double quotes, at the start",)),
        ("x=", ()),
        ('x"y', ()),
        ("", ()),
    ],
)
def test_what_stands_around_a_value_is_named(value: str, named: tuple[str, ...]) -> None:
    assert wrapped(value) == named


@pytest.mark.parametrize(
    "value", ["x", " x\n", '"x"', "'x'", "`x`", "=x", '= "x"', '"x', "x'", ' " x " ', "'\"x\"'", "'x\"'"]
)
def test_unwrapping_leaves_the_bare_value(value: str) -> None:
    assert unwrapped(value) == "x"


@given(value=TEXT)
def test_an_unwrapped_value_without_edges_or_wrappers_stays_as_it_is(value: str) -> None:
    if not edges(value) and not wrapped(value):
        assert unwrapped(value) == value


@given(value=TEXT)
def test_unwrapping_takes_away_only_what_is_named(value: str) -> None:
    bare = unwrapped(value)

    assert bare in value
    assert bare == value or edges(value) or wrapped(value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("pass\u200bword", ("U+200B zero width space at 5",)),
        ("\ufeffpassword", ("U+FEFF zero width no-break space at 1",)),
        ("café", ("U+00E9 latin small letter e with acute at 4",)),
        ("раss", ("U+0440 cyrillic small letter er at 1", "U+0430 cyrillic small letter a at 2")),
        ("a\u2013b", ("U+2013 en dash at 2",)),
        ("a\tb", ("U+0009 control character at 2",)),
        ("a\nb", ("U+000A control character at 2",)),
        ("a\x7fb", ("U+007F control character at 2",)),
        ("Tr0ub4dor&3 ~", ()),
        (" x\n", ()),
        ("“x’", ("U+201C left double quotation mark at 1", "U+2019 right single quotation mark at 3")),
        ("", ()),
    ],
)
def test_characters_that_only_look_right_are_named_with_their_place(value: str, named: tuple[str, ...]) -> None:
    assert odd_characters(value) == named


def test_a_place_is_counted_in_the_value_as_it_stands() -> None:
    assert odd_characters("  é") == ("U+00E9 latin small letter e with acute at 3",)


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        (HEX32.replace("0", "O", 1), "O"),
        (HEX32.replace("1", "l", 1), "l"),
        (UUID.replace("0", "o", 1), "o"),
        (UUID.replace("1", "I", 1), "I"),
    ],
)
def test_a_letter_that_stands_for_a_digit_is_named_and_put_right(value: str, letter: str) -> None:
    assert odd_characters(value) == (f"the letter {letter} in a hexadecimal value",)
    assert cleaned(value) in (HEX32, UUID)


def test_letters_in_a_passphrase_stand_for_themselves() -> None:
    assert odd_characters("Ool1I0") == ()
    assert cleaned("Ool1I0") == "Ool1I0"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("pass\u200bword\ufeff", "password"),
        ("раss", "pass"),
        ("a\u2013b\u2212c\u2011d", "a-b-c-d"),
        ("ＡＢＣ１２３", "ABC123"),
        ("a\u00a0b", "a b"),
        ("ﬁne", "fine"),
        (UUID.replace("-", "\u2010"), UUID),
        ("café", "café"),
        ("“pass”", "pass"),
        ("‘pass’\r\n", "pass"),
        ("«pass»", "pass"),
        ("it’s", "it's"),
    ],
)
def test_look_alikes_become_what_they_stand_for(value: str, plain: str) -> None:
    assert cleaned(value) == plain


@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_plain_text_is_not_changed_by_cleaning_unless_a_letter_stands_for_a_digit(value: str) -> None:
    assert cleaned(value) == value or odd_characters(value)


@pytest.mark.parametrize(
    ("value", "case"),
    [("Ab1", "mixed"), ("ab1-", "lower"), ("AB1", "upper"), ("123-", "none"), ("", "none"), ("Éa", "mixed")],
)
def test_the_letters_are_of_one_case_or_both(value: str, case: LetterCase) -> None:
    assert letter_case(value) == case


@pytest.mark.parametrize(
    ("value", "variants"),
    [
        ("Passphrase1", ("pASSPHRASE1", "passphrase1", "PASSPHRASE1")),
        ("passPhrase", ("PASSpHRASE", "passphrase", "PASSPHRASE", "PassPhrase")),
        ("pass", ("PASS", "Pass")),
        ("PASS", ("pass", "pASS")),
        ("1234-", ()),
        ("", ()),
    ],
)
def test_variants_differ_in_case_only_and_none_stands_twice(value: str, variants: tuple[str, ...]) -> None:
    assert case_variants(value) == variants


@given(value=TEXT)
def test_at_most_four_variants_are_told_and_the_value_itself_is_none(value: str) -> None:
    variants = case_variants(value)

    assert len(variants) == len(set(variants)) <= 4
    assert value not in variants


@given(value=TEXT)
def test_every_text_has_a_shape_and_a_description_and_none_repeats_it(value: str) -> None:
    told = (*edges(value), *wrapped(value), *odd_characters(value))

    assert shape(value) in ("empty", "uuid", "hex32", "placeholder", "other")
    assert len(value) < 5 or not any(value in text for text in told)
    assert isinstance(cleaned(value), str)

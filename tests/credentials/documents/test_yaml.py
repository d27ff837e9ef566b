from __future__ import annotations

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.yaml import leaves
from okx_doctor.credentials.files import UnusableFile

pytestmark = pytest.mark.slow

plain = st.text(alphabet="0123456789abcdefxoEeNnOoYyTtRrUuSsLlFf_.:-+~ #$%&!?@{}[],'\"\\|>=`*", min_size=1, max_size=14)


def _one(written: str) -> Leaf:
    (leaf,) = leaves(f"passphrase: {written}\n", "f")
    return leaf


@given(plain)
def test_a_value_is_what_pyyaml_makes_of_it(written: str) -> None:
    try:
        loaded = yaml.safe_load(f"passphrase: {written}\n")
    except (yaml.YAMLError, ValueError):
        assume(False)
    assume(isinstance(loaded, dict) and list(loaded) == ["passphrase"])
    assume(not isinstance(loaded["passphrase"], dict | list | bytes))
    value = loaded["passphrase"]

    assert _one(written).text.reveal() == ("" if value is None else str(value))


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"), max_size=20
    )
)
def test_single_quotes_keep_everything(value: str) -> None:
    leaf = _one("'" + value.replace("'", "''") + "'")

    assert (leaf.text.reveal(), leaf.change) == (value, None)


@given(plain)
def test_a_text_is_read_or_refused_in_one_line_that_does_not_repeat_it(written: str) -> None:
    for value in (written, f"S3ntinel{written}", f"{written}S3ntinel"):
        try:
            leaves(f"passphrase: {value}\nsecret: x", "bot.yaml")
        except UnusableFile as error:
            assert str(error).startswith("bot.yaml is not YAML at line ")
            assert len(str(error).splitlines()) == 1
            assert "S3ntinel" not in str(error)


@pytest.mark.parametrize(
    ("written", "loaded"),
    [
        ("0123", "83"),
        ("0x1F", "31"),
        ("1_000", "1000"),
        ("+12345", "12345"),
        ("12:34:56", "45296"),
        ("1.50", "1.5"),
        ("1.0e+5", "100000.0"),
        (".5", "0.5"),
        ("No", "False"),
        ("on", "True"),
        ("2026-11-22T15:04:05Z", "2026-11-22 15:04:05+00:00"),
        ("!Abc-12345", ""),
        ("&Abc-12345", ""),
        ('"Abc\\t12345"', "Abc\t12345"),
    ],
)
def test_what_yaml_alters_is_told_with_what_is_written(written: str, loaded: str) -> None:
    leaf = _one(written)

    assert leaf.change is not None
    assert leaf.change.suspected
    assert leaf.change.meant.reveal() == written.strip('"')
    assert leaf.text.reveal() == loaded
    assert leaf.change.meant.reveal() not in leaf.change.what


@pytest.mark.parametrize(
    "written", ["1e5", "123456", "Abc-12345", "y", "2026-01-02", "'0123'", '"0123"', "Abc#12345", "0o17"]
)
def test_what_yaml_keeps_is_no_change(written: str) -> None:
    leaf = _one(written)

    assert leaf.text.reveal() == written.strip("'\"")
    assert leaf.change is None


@pytest.mark.parametrize("written", ["~", "null", "", "Null"])
def test_nothing_is_an_empty_value(written: str) -> None:
    assert (_one(written).text.reveal(), _one(written).change) == ("", None)


@pytest.mark.parametrize(
    ("written", "text", "suspected"),
    [
        ("Abc-12345 #7", "Abc-12345", True),
        ("Abc-12345 # of the bot", "Abc-12345", False),
        ("22582BD0CFF14C41EDBF1AB98506286D #old", "22582BD0CFF14C41EDBF1AB98506286D", None),
    ],
)
def test_a_comment_behind_a_value_may_be_a_part_of_it(written: str, text: str, suspected: bool | None) -> None:
    leaf = _one(written)

    assert leaf.text.reveal() == text
    assert (leaf.change.suspected if leaf.change else None) is suspected
    assert leaf.change is None or leaf.change.meant.reveal() == written


@pytest.mark.parametrize("style", ["|", ">"])
def test_a_block_keeps_its_last_newline(style: str) -> None:
    assert _one(f"{style}\n  Abc-12345\n").text.reveal() == "Abc-12345\n"


def test_a_value_on_two_lines_is_folded_and_told() -> None:
    leaf = _one("Abc\n  12345")

    assert leaf.text.reveal() == "Abc 12345"
    assert leaf.change is not None


def test_keys_and_lines_are_those_of_the_file() -> None:
    found = leaves("# mine\r\nbots:\r\n  - okx:\r\n      key: a\r\n      secret: 'b'\r\n", "f")

    assert [(".".join(leaf.path), leaf.text.reveal(), leaf.line) for leaf in found] == [
        ("bots.0.okx.key", "a", 4),
        ("bots.0.okx.secret", "b", 5),
    ]


def test_what_is_merged_in_stands_before_what_overrides_it() -> None:
    found = leaves("base: &base\n  key: a\n  secret: b\nokx:\n  <<: *base\n  secret: c\n", "f")

    assert [(leaf.path[-1], leaf.text.reveal()) for leaf in found if leaf.path[0] == "okx"] == [
        ("key", "a"),
        ("secret", "b"),
        ("secret", "c"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("okx:\n  secret: hidden: text\n", "line 2, column 17"),
        ("okx:\n\tsecret: hidden\n", "line 2, column 1"),
        ("passphrase: *hidden\n", "line 1, column 13"),
        ("passphrase: @hidden\n", "line 1, column 13"),
        ("passphrase: 'hidden\n", "line 2, column 1"),
        ("a: 1\n---\nb: hidden\n", "line 2, column 1"),
        ("passphrase: hid\x07den\n", "control character on line 1"),
        ("[" * 5_000, "nested too deeply"),
        ("a: &a [*a]\n", "nested too deeply"),
        ("a: &a {<<: *a}\n", "more than"),
        (
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
            "more than",
        ),
    ],
)
def test_a_fault_is_told_by_its_place_and_never_by_the_text(text: str, said: str) -> None:
    with pytest.raises(UnusableFile, match=said) as caught:
        leaves(text, "bot.yaml")
    assert "hid" not in str(caught.value)


def test_no_tag_makes_an_object() -> None:
    (leaf,) = leaves("secret: !!python/object/apply:os.getcwd []\nkey: a", "f")

    assert leaf.path == ("key",)

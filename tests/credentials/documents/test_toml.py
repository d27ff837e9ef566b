from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.forms import read
from okx_doctor.credentials.documents.home import Home, Leaf
from okx_doctor.credentials.documents.toml import leaves
from okx_doctor.credentials.files import UnusableFile

values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


def _found(text: str) -> list[tuple[str, str, int]]:
    return [(".".join(leaf.path), leaf.text.reveal(), leaf.line) for leaf in leaves(text, "f")]


def _basic(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _one(written: str) -> Leaf:
    (leaf,) = leaves(f"passphrase = {written}\n", "f")
    return leaf


@given(values, values, st.integers(0, 5))
def test_every_value_is_found_on_its_line(one: str, other: str, above: int) -> None:
    text = "\n" * above + f"[profiles.a]\nsecret_key = {_basic(one)}\n[profiles.b]\nsecret_key = {_basic(other)}\n"

    assert _found(text) == [
        ("profiles.a.secret_key", one, above + 2),
        ("profiles.b.secret_key", other, above + 4),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[profiles]\nlive = {secret_key = 'x'}\n",
        "[profiles]\nlive.secret_key = 'x'\n",
        "[profiles.live] # secret_key\nsecret_key = 'x'\n",
        "[profiles.live]\nsecret_key = '''\nx'''\n",
        "[profiles.live]\n\"secret_key\" = 'x' # secret_key\n",
    ],
)
def test_a_value_is_found_however_its_table_is_written(text: str) -> None:
    assert _found(text) == [("profiles.live.secret_key", "x", 2)]


def test_a_line_that_would_take_long_to_find_is_left_untold() -> None:
    text = "".join(f"[profiles.p{at}]\nsecret_key = 'x{at}'\n" for at in range(30))

    assert {line for _, _, line in _found(text)} == {0}


@pytest.mark.parametrize(
    ("written", "loaded", "meant"),
    [
        ("1_000", "1000", "1_000"),
        ("1e5 # five", "100000.0", "1e5"),
        ("0x1F", "31", "0x1F"),
        ("1979-05-27T07:32:00Z", "1979-05-27 07:32:00+00:00", "1979-05-27T07:32:00Z"),
        ('"Abc\\t12345"', "Abc\t12345", "Abc\\t12345"),
        ('"Abc\\b12345" # mine', "Abc\b12345", "Abc\\b12345"),
    ],
)
def test_what_toml_alters_is_told_with_what_is_written(written: str, loaded: str, meant: str) -> None:
    leaf = _one(written)

    assert leaf.text.reveal() == loaded
    assert leaf.change is not None
    assert leaf.change.meant.reveal() == meant


@pytest.mark.parametrize(
    "written", ["123456", "true", "'Abc\\t12345'", '"Abc\\\\t"', '"Abc#12345" # mine', "1979-05-27"]
)
def test_what_toml_keeps_is_no_change(written: str) -> None:
    assert _one(written).change is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nsecret_key = hidden#text\n", "line 2, column 14; a text stands in single quotes"),
        ('secret_key = "hidden\\-text"\n', "line 1, column 2"),
        ("secret_key = 'hid'\nsecret_key = 'den'\n", "line 2, column 19: the key stands twice"),
        ("[a]\nx = 1\n[a]\n", "line 3, column 3: the key stands twice"),
        ("secret_key = 'hidden", "its end|line 1"),
        ("passphrase = 0123\n", "line 1"),
        ("a = " + "[" * 5_000, "nested too deeply"),
        ("a = " + "9" * 5_000, "its end"),
        ("a" + ".a" * 30_000 + " = 1", "nested too deeply"),
    ],
)
def test_a_fault_is_told_by_its_place_and_never_by_the_text(text: str, said: str) -> None:
    with pytest.raises(UnusableFile, match=said) as caught:
        leaves(text, "config.toml")
    assert "hid" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@given(st.text(alphabet="[]{}=.,\"'\\#\n ab_01-", max_size=30))
def test_any_text_is_read_or_refused_in_one_line_that_does_not_repeat_it(text: str) -> None:
    for document in (text, f"secret_key = 'S3ntinel{text}"):
        try:
            leaves(document, "config.toml")
        except UnusableFile as error:
            assert str(error).startswith("config.toml ")
            assert len(str(error).splitlines()) == 1
            assert "S3ntinel" not in str(error)


def test_an_escape_that_toml_refuses_is_explained_with_the_spellings_that_keep_it() -> None:
    with pytest.raises(UnusableFile) as refused:
        leaves('passphrase = "Tern\\Quay"\n', "config.toml")

    said = str(refused.value)
    assert "in double quotes \\ is written \\\\; '…' keeps every character as it is, '''…''' keeps a '" in said
    assert "Quay" not in str(refused.value)


def test_a_text_with_a_single_quote_in_it_is_spelled_with_three() -> None:
    found = read("passphrase = \"Te'rn\\tQuay\"\nokx_api_key = 'a'\n", "config.toml", None, {})

    assert isinstance(found, Home)
    assert [each.corrected for each in found.found] == ["okx_api_key = '…'", "passphrase = '''…'''"]

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.credentials.documents.json import leaves
from okx_doctor.credentials.files import UnusableFile
from tests.needs import needs

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.one_of(texts, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False))
documents = st.dictionaries(
    texts,
    st.recursive(
        scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3))
    ),
    max_size=4,
)
filler = st.lists(
    st.sampled_from([" ", "\t", "\n", "\r\n", '// a "comment", it\'s one\n', '/* and {"another": 1,} \n */']),
    max_size=2,
).map("".join)


@st.composite
def loose(draw: st.DrawFn, value: object) -> str:
    """A value as freqtrade's users write it: with comments, trailing commas and blanks wherever they may stand."""
    match value:
        case dict():
            parts = [
                f"{json.dumps(key, ensure_ascii=draw(st.booleans()))}{draw(filler)}:{draw(loose(inner))}"
                for key, inner in value.items()
            ]
            text = "{" + ",".join(parts) + ("," * (bool(parts) and draw(st.booleans()))) + draw(filler) + "}"
        case list():
            parts = [draw(loose(inner)) for inner in value]
            text = "[" + ",".join(parts) + ("," * (bool(parts) and draw(st.booleans()))) + draw(filler) + "]"
        case _:
            text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return draw(filler) + text + draw(filler)


def _flat(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _flat(inner, (*path, key))
        case list():
            for at, inner in enumerate(value):
                yield from _flat(inner, (*path, str(at)))
        case _:
            yield path, "" if value is None else str(value)


@pytest.mark.slow
@needs("libstdc++")
@given(documents.flatmap(loose))
def test_what_freqtrade_s_own_parser_reads_is_read_alike(text: str) -> None:
    import rapidjson  # loads that library

    mode = rapidjson.PM_COMMENTS | rapidjson.PM_TRAILING_COMMAS
    expected = rapidjson.loads(text, parse_mode=mode)

    assert [(leaf.path, leaf.text.reveal()) for leaf in leaves(text, "f")] == list(_flat(expected))


@given(texts, st.integers(0, 20))
def test_a_value_is_found_on_its_line(value: str, above: int) -> None:
    document = "{" + "\n" * above + f'"secret": {json.dumps(value)}}}'

    assert [(leaf.text.reveal(), leaf.line) for leaf in leaves(document, "f")] == [(value, above + 1)]


@given(st.text(alphabet='{}[]:,"\\/* \n\t019.eE+-truefalsn', max_size=30))
def test_any_text_is_read_or_refused_in_one_line_that_does_not_repeat_it(text: str) -> None:
    for document in (text, f'{{"secret": "S3ntinel{text}'):
        try:
            leaves(document, "bot.json")
        except UnusableFile as error:
            assert str(error).startswith("bot.json ")
            assert len(str(error).splitlines()) == 1
            assert "S3ntinel" not in str(error)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "secret": "hidden-text"\n  "password": "x"}', "line 3, column 3"),
        ('{"secret": "hidden\\-text"}', "line 1, column 19"),
        ("{\"secret\": 'hidden-text'}", "line 1, column 12"),
        ('{"secret": "hidden-text', "line 1, column 12"),
        ('{"secret": "hidden\n-text"}', "line 1, column 19"),
        ('{"secret": 0123}', "line 1, column 13"),
        ("", "line 1, column 1"),
        ("/* hidden-text", "line 1, column 15"),
    ],
)
def test_a_fault_is_told_by_its_place_and_never_by_the_text(text: str, place: str) -> None:
    with pytest.raises(UnusableFile, match=place) as caught:
        leaves(text, "bot.json")
    assert "hidden" not in str(caught.value)


def test_a_key_that_stands_twice_is_kept_twice() -> None:
    found = leaves('{"secret": "old",\n"secret": "new"}', "f")

    assert [(leaf.text.reveal(), leaf.line) for leaf in found] == [("old", 1), ("new", 2)]


@pytest.mark.parametrize(
    ("written", "loaded", "meant"),
    [("1e5", "100000.0", "1e5"), ("1.50", "1.5", "1.50"), ('"a\\tb"', "a\tb", "a\\tb"), ('"a\\bc"', "a\bc", "a\\bc")],
)
def test_what_a_parser_alters_is_told_with_what_is_written(written: str, loaded: str, meant: str) -> None:
    (leaf,) = leaves(f'{{"password": {written}}}', "f")

    assert leaf.text.reveal() == loaded
    assert leaf.change is not None
    assert leaf.change.meant.reveal() == meant


@pytest.mark.parametrize("written", ["123456", '"a\\\\b"', '"a\\"b"', '"a\\/b"', '"\\u0041b"', "true", "null"])
def test_what_is_as_it_should_be_is_no_change(written: str) -> None:
    (leaf,) = leaves(f'{{"password": {written}}}', "f")

    assert leaf.change is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        "/*" * 100_000,
        "//" * 100_000,
        '"' * 200_000,
        "," * 200_000,
        '{"a": ' + "9" * 5000 + "}",
    ],
    ids=["lists", "objects", "comments", "slashes", "quotes", "commas", "a long number"],
)
def test_what_is_hard_to_read_is_refused(text: str) -> None:
    with pytest.raises(UnusableFile):
        leaves(text, "f")

"""The JSON of a body is read as Python reads it, whichever reader was quicker."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.gate.body import document_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    JSON.map(json.dumps).map(str.encode)
    | JSON.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    | st.tuples(JSON.map(json.dumps), st.sampled_from(["utf-16", "utf-32", "utf-8-sig"])).map(
        lambda one: one[0].encode(one[1])
    )
    | st.binary(max_size=40)
    | st.text(alphabet='{}[]",:0123456789.eE+- \\utfnl\n', max_size=30).map(str.encode)
)
@example(b'{"a":1,"a":2}')
@example(b"1e400")
@example(b"[" + b"9" * 400 + b"]")
@example(b'"\\ud800"')
@example(b"-0")
@example(b"9" * 5000)
def test_a_body_is_what_python_reads_in_it(body: bytes) -> None:
    assert _read(document_of, body) == _read(_by_python, body)


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b'{"a":-Infinity}', b"", b"{'a':1}", b'{"a":1}x'])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # json's own and codecs' errors are kinds of it, without a common text
        document_of(body)


def _by_python(body: bytes) -> object:
    def refuse(name: str) -> float:
        raise ValueError(name)

    return json.loads(body, parse_constant=refuse)


def _read(reader: Callable[[bytes], object], body: bytes) -> str:
    try:
        return repr(reader(body))
    except (ValueError, RecursionError):
        return "refused"

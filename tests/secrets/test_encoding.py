"""No encoder writes a secret: a record that holds one cannot be turned into JSON or plain values."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import okx_doctor
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.gate.accounts import generate
from okx_doctor.secrets.secret import Secret

pytestmark = pytest.mark.slow

ROOT = Path(okx_doctor.__file__).parent
RECORDS = {
    "a secret alone": Secret("22582BD0CFF14C41EDBF1AB98506286D"),
    "an account": generate(),
    "the keys of a search": Keys(secret=Secret("22582BD0CFF14C41EDBF1AB98506286D")),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.to_builtins], ids=["as JSON", "as plain values"])
def test_what_holds_a_secret_is_not_encoded(encode: Callable[[object], object], record: object) -> None:
    with pytest.raises(TypeError, match="Secret"):
        encode(record)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_encoder_is_told_to_write_what_it_does_not_know_as_text(path: Path) -> None:
    keywords = {node.arg for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.keyword)}

    assert keywords.isdisjoint({"enc_hook"})


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_pythons_own_encoder_refuses_a_secret(record: object) -> None:
    with pytest.raises(TypeError):
        json.dumps(record)

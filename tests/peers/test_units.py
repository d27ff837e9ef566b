"""How a unit's ``Environment=`` is split into words, beside systemd's own code."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from okx_doctor.credentials.documents.unit import NoWord, words
from tests.needs import needs, program
from tests.peers import env_loaders

pytestmark = pytest.mark.peer

COUNT = 3000
SIGNS = (
    "a",
    "b=",
    "OKX_PASSPHRASE=",
    " ",
    "\t",
    "'",
    '"',
    "\\",
    "\\n",
    "\\x41",
    "\\101",
    "\\u00e9",
    "\\s",
    "$",
    "#",
    "%%",
    ";",
)


def split(text: str) -> list[str] | None:
    try:
        return words(text)
    except NoWord:
        return None


@needs("libsystemd-shared")
def test_words_are_split_as_systemd_splits_them() -> None:
    dice = random.Random(11)
    texts = ["".join(dice.choice(SIGNS) for _ in range(dice.randrange(1, 9))) for _ in range(COUNT)]
    done = subprocess.run(
        [sys.executable, str(env_loaders.FOLDER / "words.py"), program("libsystemd-shared")],
        input=json.dumps(texts).encode(),
        capture_output=True,
        timeout=env_loaders.SECONDS,
        check=True,
    )
    rows = list(zip(texts, map(split, texts), env_loaders.decoded(done.stdout), strict=True))

    assert [row for row in rows if row[1] != row[2]][:3] == []
    assert sum(row[2] is not None for row in rows) > COUNT / 3

"""Bad requests made by real code in other languages: what the table says of them must be what was done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from okx_doctor.forensics.verdict import Validity
from tests.forensics.bench import API_KEY, PASSPHRASE, SECRET, STAMP, inspected, named, one
from tests.go import build_cache

SIGNERS = Path(__file__).parent / "signers"
VALUES = (SECRET, API_KEY, PASSPHRASE, STAMP)
INPUT = json.dumps(dict(zip(("secret", "key", "passphrase", "stamp"), VALUES, strict=True)))
LANGUAGES: dict[str, tuple[Sequence[str], int]] = {
    "node": (["node", "node.mjs"], 96),
    "php": (["php", "signers.php"], 18),
    "ruby": (["ruby", "signers.rb"], 8),
    "go": (["go", "run", "signers.go"], 16),
    "java": (["java", "Signers.java", *VALUES], 18),
    "openssl": (["bash", "openssl.sh", *VALUES], 14),
}
"""The command and the fewest cases that it makes."""


@pytest.mark.machine
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_other_languages_do_wrong_is_named(language: str, tmp_path: Path) -> None:
    command, least = LANGUAGES[language]
    if shutil.which(command[0]) is None or (language == "openssl" and shutil.which("openssl") is None):
        pytest.skip(f"{command[0]} is not installed (Debian: php-cli, ruby, golang-go, default-jdk, nodejs, openssl)")
    done = subprocess.run(
        command,
        cwd=SIGNERS,
        input=INPUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **dict.fromkeys(("LC_ALL", "LANG"), "C.UTF-8"),
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            **({"GOCACHE": build_cache(), "GO111MODULE": "off"} if language == "go" else {}),
        },
    )
    assert done.returncode == 0, done.stderr

    rows = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = []
    for row in rows:
        found = inspected(one(json.dumps(row["capture"])))
        sets = [set(named(found)), *map(set, found.equally_simple)]
        expected = set(row["causes"])
        if (found.verdict is Validity.VALID) != (not expected) or not any(expected <= causes for causes in sets):
            wrong.append((row["causes"], named(found), row["capture"]["url"], found.prehash.signed))

    assert len(rows) >= least
    assert wrong == []

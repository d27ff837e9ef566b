"""Bad requests made by real code in other languages: what the table says of them must be what was done."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from okx_doctor.forensics.verdict import Validity
from tests.forensics.bench import API_KEY, PASSPHRASE, SECRET, STAMP, inspected, named, one
from tests.go import go_setting
from tests.needs import needs

pytestmark = pytest.mark.slow

SIGNERS = Path(__file__).parent / "signers"
VALUES = (SECRET, API_KEY, PASSPHRASE, STAMP)
INPUT = json.dumps(dict(zip(("secret", "key", "passphrase", "stamp"), VALUES, strict=True)))
LANGUAGES = (
    pytest.param(["node", "node.mjs"], 96, marks=needs("node"), id="node"),
    pytest.param(["php", "signers.php"], 18, marks=needs("php"), id="php"),
    pytest.param(["ruby", "signers.rb"], 8, marks=needs("ruby"), id="ruby"),
    pytest.param(["go", "run", "signers.go"], 16, marks=needs("go"), id="go"),
    pytest.param(["java", "Signers.java", *VALUES], 18, marks=needs("java", "javac"), id="java"),
    pytest.param(["bash", "openssl.sh", *VALUES], 14, marks=needs("bash", "openssl"), id="openssl"),
)
"""The command and the fewest cases that it makes."""


@pytest.mark.machine
@pytest.mark.parametrize(("command", "least"), LANGUAGES)
def test_what_other_languages_do_wrong_is_named(command: Sequence[str], least: int, tmp_path: Path) -> None:
    done = subprocess.run(
        command,
        cwd=SIGNERS,
        input=INPUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **dict.fromkeys(("LC_ALL", "LANG"), "C.UTF-8"),
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            **({"GOCACHE": go_setting("GOCACHE"), "GO111MODULE": "off"} if command[0] == "go" else {}),
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

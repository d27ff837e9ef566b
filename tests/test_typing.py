"""What a type checker tells a user of the package: the type of every public name, as mypy reveals it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import pytest
from mypy import api

import okx_doctor
import okx_doctor.testing

pytestmark = pytest.mark.slow

USED: Final = """
import asyncio
import okx_doctor
from okx_doctor.testing import SHOWN, Account, Clock, OkxExchange, Order, Ran, Request, Stage

reveal_type(okx_doctor.__version__)  # str
credentials = okx_doctor.Credentials.of("key", "secret", "passphrase")
reveal_type(credentials)  # Credentials
report = okx_doctor.check(credentials, site="eea", ntp=["127.0.0.1"], timeout=5)
reveal_type(report)  # Report
reveal_type(report.healthy)  # bool
reveal_type(report.exit_status(fail_on_warning=True))  # int
reveal_type(report.status)  # Health
reveal_type(report.checks[0].summary)  # str
(*causes,) = report.verdict.causes
reveal_type(causes[0].id)  # str
reveal_type(causes[0].confidence)  # Confidence
reveal_type(causes[0].remedy.commands)  # tuple[str, ...]
found = okx_doctor.inspect(b"curl", credentials)
reveal_type(found)  # InspectionReport
reveal_type(found.requests[0].verdict)  # Validity
reveal_type(found.remarks)  # tuple[str, ...]


async def main() -> None:
    reveal_type(await asyncio.to_thread(okx_doctor.check, credentials))  # Report


def test_bot(okx_exchange: OkxExchange) -> None:
    reveal_type(okx_exchange.url)  # str
    reveal_type(okx_exchange.accounts[0])  # Account
    reveal_type(okx_exchange.requests[0])  # Request
    reveal_type(okx_exchange.requests[0].headers)  # tuple[tuple[str, str], ...]
    reveal_type(okx_exchange.requests[0].accepted)  # bool
    reveal_type(okx_exchange.orders)  # tuple[Order, ...]
    reveal_type(okx_exchange.run(["bot"]))  # Ran


def errors() -> None:
    try:
        okx_doctor.check(env_file="bot.env")
    except okx_doctor.UnusableFile as unusable:
        reveal_type(unusable)  # UnusableFile
    except okx_doctor.UsageError as wrong:
        reveal_type(wrong)  # UsageError


Stage, Clock, SHOWN, Account, Order, Ran, Request
"""
WRONG: Final = """
import okx_doctor

okx_doctor.check("key")
okx_doctor.check(sites="eea")
okx_doctor.check().status.causes
okx_doctor.nothing
okx_doctor.run
"""


def told(text: str, folder: Path) -> list[tuple[int, str]]:
    """Line and message of everything that mypy says of a user's file, outside of this repository."""
    file = folder / "bot.py"
    file.write_text(text, "utf-8")
    # Of the package only what its user sees is reported.
    options = ["--strict", "--config-file=", f"--python-executable={sys.executable}", f"--cache-dir={folder / 'cache'}"]
    out, err, _ = api.run([*options, "--no-error-summary", "--hide-error-context", str(file)])
    assert err == ""
    rows = (re.fullmatch(r".*bot\.py:(\d+): \w+: (.*)", line) for line in out.splitlines())
    found = [(int(row[1]), row[2]) for row in rows if row]
    assert len(found) == len(out.splitlines()), out
    return found


def plain(kind: str) -> str:
    """A revealed type without the modules that its parts are from."""
    return re.sub(r"[\w.]+\.(?=\w)", "", kind.replace("builtins.", ""))


@pytest.mark.slow
def test_every_public_name_has_the_type_that_its_user_counts_on_and_a_misuse_is_an_error(tmp_path: Path) -> None:
    expected = {at: line.partition("  # ")[2] for at, line in enumerate(USED.splitlines(), 1) if "reveal_type" in line}
    revealed = {
        at: plain(found[1])
        for at, message in told(USED, tmp_path)
        if (found := re.fullmatch(r'Revealed type is "(.*)"', message))
    }
    assert revealed == expected

    lines = WRONG.splitlines()
    assert list(dict.fromkeys(lines[at - 1] for at, _ in told(WRONG, tmp_path))) == lines[3:]


def test_every_public_name_is_in_what_is_checked() -> None:
    for name in (*okx_doctor.__all__, *okx_doctor.testing.__all__):
        assert re.search(rf"\b{name}\b", USED), name

"""README is run: every command in it works, and every transcript is what the command prints.

``OKX_DOCTOR_UPDATE_README=1 pytest tests/test_readme.py`` writes the transcripts anew.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from okx_doctor.cli import group
from okx_doctor.credentials.variables import VARIABLES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TRANSCRIPT = re.compile(r"```console\n\$ (okx-doctor [^\n]*)\n(.*?)```", re.DOTALL)
BOT = re.compile(r"```sh\n(OKX_API_BASE_URL=\S+ python3 [^\n]+)\n```")
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": os.environ.get("HOME", "/")}
COMMAND = re.compile(
    r"okx-doctor (?:check|decode|inspect|listen|test-signer|sign|env|explain|diagnose|guard)\b[^`\n|;\\]*"
)
UPDATE = os.environ.get("OKX_DOCTOR_UPDATE_README") == "1"


def transcripts() -> list[tuple[str, str]]:
    return TRANSCRIPT.findall(README.read_text("utf-8"))


def run(command: str) -> str:
    """What a command prints, in an environment without credentials of its own."""
    words = [sys.executable, "-m", "okx_doctor", *shlex.split(command)[1:]]
    if words[3] == "listen":
        return heard(words)
    ended = subprocess.run(words, capture_output=True, env=ENVIRONMENT, cwd=ROOT, timeout=120, check=False)
    assert ended.stderr == b""
    return ended.stdout.decode()


def heard(words: list[str]) -> str:
    """What a listener prints while the bot that README names runs against it."""
    (bot,) = BOT.findall(README.read_text("utf-8"))
    variable, _, *program = shlex.split(bot)
    listener = subprocess.Popen(words, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=ROOT)
    try:
        name, _, url = variable.partition("=")
        reached = False
        while not reached:
            assert listener.poll() is None
            with socket.socket() as door:
                reached = door.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0
        subprocess.run(
            [sys.executable, *program], env={**ENVIRONMENT, name: url}, cwd=ROOT, timeout=120, check=True, text=True
        )
        return listener.communicate(timeout=120)[0].decode()
    finally:
        listener.kill()
        listener.wait()


def comparable(text: str) -> str:
    """Without what differs from run to run (ports, thousandths) and from machine to machine (a clock's remedy)."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b(?:44\.[5-9]|45\.[0-5]) s (?=behind)", "45.0 s ", text)  # a busy machine measures less exactly
    text = re.sub(r"\b0\.\d{3} s\b", "0.00x s", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z(?=GET)", "NOW", text)
    text = re.sub(r"\b(\d+) ms\b", "N ms", text)
    text = text.replace("over an open connection, no proxy,", "over IPv4, no proxy, TCP N ms,")
    text = re.sub(r"(clock-drift: .*?  Fix\n).*?(    then )", r"\1…\n\2", text, flags=re.DOTALL)
    return " ".join(text.split())


@pytest.mark.skipif(not UPDATE, reason="only with OKX_DOCTOR_UPDATE_README=1")
def test_the_transcripts_are_written_anew() -> None:
    text = README.read_text("utf-8")
    README.write_text(TRANSCRIPT.sub(lambda found: f"```console\n$ {found[1]}\n{run(found[1])}```", text), "utf-8")


@pytest.mark.parametrize(("command", "printed"), transcripts(), ids=[command for command, _ in transcripts()])
def test_a_transcript_is_what_the_command_prints(command: str, printed: str) -> None:
    assert comparable(run(command)) == comparable(printed)


def test_readme_shows_a_failing_run() -> None:
    assert any("✗" in printed and "proven" in printed for _, printed in transcripts())


@pytest.mark.parametrize("command", sorted({found.strip() for found in COMMAND.findall(README.read_text("utf-8"))}))
def test_every_command_and_option_that_readme_names_exists(command: str) -> None:
    words = shlex.split(re.sub(r"\[.*?\]|\.\.\.|[,;:)]*$", "", command))
    name, options = words[1], [word.partition("=")[0] for word in words[2:] if word.startswith("--") and word != "--"]
    shown = CliRunner().invoke(group, [name, "--help"])
    assert shown.exit_code == 0
    assert [option for option in options if option not in shown.output] == []


def test_readme_tells_every_exit_status() -> None:
    assert re.findall(r"^\| (\d) \|", README.read_text("utf-8"), re.MULTILINE) == ["0", "1", "2", "3"]


def test_the_page_on_credentials_has_every_name_that_is_looked_for() -> None:
    page = (ROOT / "docs" / "credentials.md").read_text("utf-8")
    for names in VARIABLES.values():
        assert ", ".join(f"`{name}`" for name in names) in page

"""README, the pages under docs and the causes' pages: commands work, transcripts are what is printed, links lead on.

``pytest tests/test_readme.py --update`` writes the transcripts anew.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import socket
import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
from dotenv import dotenv_values

from okx_doctor.cli import group
from okx_doctor.credentials.variables import VARIABLES
from tests.cli.running import okx_doctor
from tests.confining.running import USERS, required

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
CAUSE_PAGES = tuple(sorted((ROOT / "okx_doctor" / "catalogue" / "pages").glob("*.md")))
MOST_README_LINES = 200
TRANSCRIPT = re.compile(r"```console\n\$ (okx-doctor [^\n]*)\n(.*?)```", re.DOTALL)
BOT = re.compile(r"```sh\n(OKX_API_BASE_URL=\S+ python3 [^\n]+)\n```")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"\bokx-doctor (?=[a-z-]+(?:\s|$))[^`\n|;\\#]*")
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": os.environ.get("HOME", "/")}


def label(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text("utf-8"))


def transcripts() -> list[tuple[Path, str, str]]:
    return [(page, *found) for page in (*PAGES, *CAUSE_PAGES) for found in TRANSCRIPT.findall(page.read_text("utf-8"))]


def commands() -> list[tuple[Path, str]]:
    """Every command of ours that a page names in code, in a block of it or between backticks, but for transcripts."""
    found = set()
    for page in PAGES:
        blocks = [block for _, block in FENCED.findall(TRANSCRIPT.sub("", page.read_text("utf-8")))]
        for code in (*blocks, *INLINE.findall(prose(page))):
            found |= {(page, command.strip()) for command in COMMAND.findall(code)}
    return sorted(found)


def run(page: Path, command: str) -> str:
    """What a command prints, in an environment without credentials of its own."""
    words = shlex.split(command)[1:]
    if words[0] == "listen":
        return heard(page, [sys.executable, "-m", "okx_doctor", *words])
    if words[0] == "run":
        return sealed(words)
    ended = okx_doctor(*words, env=ENVIRONMENT, cwd=ROOT)
    assert ended.err == b""
    return ended.text


def heard(page: Path, words: list[str]) -> str:
    """What a listener prints while the bot that its page names runs against it."""
    (bot,) = BOT.findall(page.read_text("utf-8"))
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


def sealed(words: list[str]) -> str:
    """The whole terminal of a run, with the example's credentials in the environment."""
    required(USERS[0] if os.geteuid() == 0 else USERS[1])
    found = {name: value for name, value in dotenv_values(DOCS / "captures" / "example.env").items() if value}
    path = os.pathsep.join((str(Path(sys.executable).parent), ENVIRONMENT["PATH"]))
    return subprocess.run(
        [sys.executable, "-m", "okx_doctor", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**ENVIRONMENT, **found, "PATH": path},
        cwd=ROOT,
        timeout=120,
        text=True,
    ).stdout


def comparable(text: str) -> str:
    """Without what differs from run to run (ports, thousandths) and from machine to machine (a clock's remedy)."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b(?:44\.[5-9]|45\.[0-5]) s (?=behind)", "45.0 s ", text)  # a busy machine measures less exactly
    text = re.sub(r"\b0\.\d{3} s\b", "0.00x s", text)
    text = re.sub(r"0\.00x s (?:ahead of|behind)", "0.00x s from", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z(?=GET|POST)", "NOW", text)
    text = re.sub(r"\b(\d+) ms\b", "N ms", text)
    text = re.sub(r"\d{4}-\d\d-\d\d\s+\d\d:\d\d:\d\d\s+UTC", "NOW", text)
    text = re.sub(r"key …[0-9a-f]{4}", "key …KEYS", text)
    text = text.replace("no proxy, a connection that was open,", "no proxy, TCP N ms,")
    text = re.sub(r"(clock-drift: .*?  Fix\n).*?(    then )", r"\1…\n\2", text, flags=re.DOTALL)
    text = re.sub(r"(clock is off\n +Fix: ).*?(  (?:then|2[.]) )", r"\1…\n\2", text, flags=re.DOTALL)
    return " ".join(text.split())


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    given: Counter[str] = Counter()
    for heading in HEADING.findall(prose(page)):
        given[re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")] += 1
    return {f"{anchor}-{more}" if more else anchor for anchor, times in given.items() for more in range(times)}


@pytest.mark.parametrize(
    ("page", "command", "printed"),
    transcripts(),
    ids=[f"{label(page)}: {command}" for page, command, _ in transcripts()],
)
def test_a_transcript_is_what_the_command_prints(page: Path, command: str, printed: str, update: bool) -> None:
    now = run(page, command)

    if update:
        shown = f"$ {command}\n"
        page.write_text(page.read_text("utf-8").replace(f"{shown}{printed}```", f"{shown}{now}```"), "utf-8")
    else:
        assert comparable(now) == comparable(printed)


def test_readme_answers_each_of_its_three_questions_with_a_transcript() -> None:
    shown = [(command.split()[1], printed) for page, command, printed in transcripts() if page == README]

    assert [command for command, _ in shown] == ["check", "decode", "run"]
    assert all(re.search("^✗ ", printed, re.MULTILINE) for _, printed in shown)


def test_readme_is_a_front_page_and_no_manual() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= MOST_README_LINES


@pytest.mark.parametrize(
    ("page", "command"), commands(), ids=[f"{label(page)}: {command}" for page, command in commands()]
)
def test_every_command_that_a_page_names_is_one_that_okx_doctor_takes(page: Path, command: str) -> None:
    named, *words = shlex.split(re.sub(r"\[.*?\]|\.\.\.", "", command))[1:]
    found = group if named.startswith("-") else group.get_command(click.Context(group), named)
    assert found is not None
    words = [named, *words] if found is group else words

    with suppress(click.exceptions.Exit, click.MissingParameter):  # --help; and what is named without its FILE
        found.make_context(named, words)


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    dead = []
    for link in LINK.findall(prose(page)):
        address = urlsplit(link)
        if address.scheme:
            continue
        there = (page.parent / address.path).resolve() if address.path else page
        if not there.exists() or (address.fragment and address.fragment not in anchors(there)):
            dead.append(link)

    assert dead == []


def test_the_index_leads_to_every_page_and_every_command_has_one() -> None:
    index = LINK.findall(prose(DOCS / "README.md"))

    assert {label(page) for page in DOCS.rglob("*.md")} - {"docs/README.md"} <= {f"docs/{link}" for link in index}
    assert {f"{command}.md" for command in group.list_commands(click.Context(group))} <= set(index)


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_the_python_that_a_page_shows_is_python(page: Path) -> None:
    for language, block in FENCED.findall(page.read_text("utf-8")):
        if language == "python":
            ast.parse(textwrap.dedent(block))


def test_readme_tells_every_exit_status() -> None:
    assert re.findall(r"^\| (\d) \|", README.read_text("utf-8"), re.MULTILINE) == ["0", "1", "2", "3"]


def test_the_page_on_credentials_has_every_name_that_is_looked_for() -> None:
    page = (DOCS / "credentials.md").read_text("utf-8")
    for names in VARIABLES.values():
        assert ", ".join(f"`{name}`" for name in names) in page

"""``okx-doctor decode`` as a user runs it: argument, file, pipe, terminal; status, streams, secrets."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from okx_doctor.cli import group
from okx_doctor.cli.decode import SIZE_LIMIT
from tests.cli.running import CLI, clean, okx_doctor
from tests.decoding.pastes import SECRETS, Pasted, corpus
from tests.decoding.schema import valid

pytestmark = pytest.mark.slow

REFUSAL = '{"msg":"Invalid Sign","code":"50113"}'
KEY, SECRET, PASSPHRASE, SIGNATURE = SECRETS


def decode(*words: str, stdin: str | bytes = "") -> Result:
    """The command in this process. Its errors come out as they are, for the group to turn into a line."""
    return CliRunner().invoke(group, ["decode", *words], input=stdin)


def codes(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [answer["code"] for answer in json.loads(result.stdout)["answers"]]


@pytest.mark.parametrize(
    "words",
    [
        ("50113",),
        (REFUSAL,),
        ("okx", REFUSAL),
        ("error", "50113:", "Invalid", "Sign"),
        ("AuthenticationError:", "okx", '{"msg":"Invalid', 'Sign","code":"50113"}'),
    ],
)
def test_words_are_joined_to_one_text(words: tuple[str, ...]) -> None:
    assert codes(decode("--format", "json", *words)) == ["50113"]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_what_is_piped_in_is_read(words: tuple[str, ...]) -> None:
    assert codes(decode("--format", "json", *words, stdin=REFUSAL)) == ["50113"]


def test_an_argument_that_names_a_file_is_read(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text(f"started\n{REFUSAL}\n")

    assert codes(decode("--format", "json", str(log))) == ["50113"]


@pytest.mark.parametrize(
    "text",
    [
        f"{'连接失败。' * 40} okx 50113",
        f"{'连接失败。' * 40}/api/v5/x okx 50113",
        f"/{'x' * 300} okx error 50113",
        f"{'a/' * 3_000} okx error 50113",
        f"{'b' * 255}/{'c' * 300} okx error 50113",
    ],
)
def test_an_argument_that_is_too_long_for_a_file_s_name_in_characters_or_bytes_is_a_text(text: str) -> None:
    assert codes(decode("--format", "json", text)) == ["50113"]


def test_a_code_is_a_code_even_beside_a_file_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "50113").write_text('{"code":"50105"}')
    monkeypatch.chdir(tmp_path)

    assert codes(decode("--format", "json", "50113")) == ["50113"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_as_powershell_writes_it_is_read(tmp_path: Path, encoding: str) -> None:
    log = tmp_path / "out.txt"
    log.write_text(f"Grüße\r\n{REFUSAL}\r\n", encoding)

    assert codes(decode("--format", "json", str(log))) == ["50113"]


def test_json_is_one_object_by_the_shipped_schema_and_nothing_else(tmp_path: Path) -> None:
    done = okx_doctor("decode", "--format", "json", "50113", env=clean(), cwd=tmp_path)

    assert (done.status, done.err) == (0, b"")
    assert valid(done.text)


@pytest.mark.parametrize("paste", corpus()[::7], ids=str)
def test_json_is_by_the_schema_and_the_status_the_same_in_both_formats(paste: Pasted) -> None:
    data, text = decode("--format", "json", stdin=paste.text), decode(stdin=paste.text)

    assert data.exit_code == text.exit_code == (0 if paste.expected else 2)
    assert not paste.expected or valid(data.stdout)


def test_text_is_at_most_80_columns_wide_where_it_goes_to_no_terminal(tmp_path: Path) -> None:
    done = okx_doctor("decode", "50113 50119 50102 60032 30013 407", env=clean(COLUMNS="200"), cwd=tmp_path)

    assert (done.status, done.err) == (0, b"")
    assert max(map(len, done.text.splitlines())) <= 80
    assert "\x1b" not in done.text


def test_text_says_what_okx_says_what_causes_it_what_it_rules_out_and_what_comes_next() -> None:
    shown = decode("50105").stdout.splitlines()

    assert shown[0] == "✗ OKX answers 50105: Request header OK-ACCESS-PASSPHRASE incorrect"
    headings = [line.strip() for line in shown if line.startswith("  ") and line[2] != " " and line[2].isupper()]
    assert "Rules out" in headings
    assert "  Causes, with their share of 4 public reports" in shown
    assert "      passphrase-wrong: likely, 2 of 4" in shown
    assert shown[-7:] == [
        shown[0],
        "  Likely (2 of 4 reports): The passphrase is not the one set for this key",
        "  $ okx-doctor check",
        "  if that is healthy, the fault is in the bot's request; okx-doctor inspect",
        "  without a file says how to capture it",
        "  $ okx-doctor inspect CAPTURE",
        "  more: okx-doctor explain passphrase-wrong",
    ]


def test_several_answers_are_numbered_and_say_their_line() -> None:
    shown = decode(stdin=f'one\n{REFUSAL}\ntwo\n{{"code":"50102"}}\n').stdout

    assert "✗ 1. OKX answers 50113 (line 2): Invalid Sign" in shown
    assert "✗ 2. OKX answers 50102 (line 4): Timestamp request expired" in shown


@pytest.mark.parametrize("form", ["text", "json"])
def test_output_goes_to_a_file_of_one_s_own(tmp_path: Path, form: str) -> None:
    target = tmp_path / "answer"
    done = okx_doctor("decode", "50113", "--format", form, "--output", str(target), env=clean(), cwd=tmp_path)

    assert (done.status, done.out, done.err) == (0, b"", b"")
    assert "50113" in target.read_text("utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing that is known",),
        ("99999",),
        ("",),
        (" ",),
        ("missing.log",),
        ("--fromat", "json"),
        ("-x",),
        ("--format", "yaml", "50113"),
        ("50113", "-"),
        ("-", "-"),
        ("a\x00b",),
        ("x" * 100_000,),
        ("[/red]",),
        ("/",),
    ],
)
def test_what_is_not_recognised_is_2_and_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if "\x00" in "".join(arguments):  # no process can be given one
        assert decode(*arguments).exit_code == 2
        return
    done = okx_doctor("decode", *arguments, env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\x00\xff\xfe", b"just a log\n" * 1_000, b"\xff\xfe"])
def test_a_pipe_without_an_answer_is_2_and_one_line(tmp_path: Path, stdin: bytes) -> None:
    for words in ((), ("-",)):
        assert okx_doctor("decode", *words, stdin=stdin, env=clean(), cwd=tmp_path).is_one_line_of_usage()


def test_a_closed_standard_input_is_2_and_one_line(tmp_path: Path) -> None:
    command = f"exec {sys.executable} {' '.join(CLI)} decode <&-"
    done = subprocess.run(
        ["sh", "-c", command], env=clean(), cwd=tmp_path, capture_output=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal of its own")
def test_without_an_argument_on_a_terminal_it_asks_for_one(tmp_path: Path) -> None:
    leader, follower = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, *CLI, "decode"],
            stdin=follower,
            capture_output=True,
            env=clean(),
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
    finally:
        os.close(leader)
        os.close(follower)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().strip().endswith("name a file, or pipe it in")


def test_a_paste_that_is_too_large_is_2_and_one_line(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    with log.open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    done = okx_doctor("decode", str(log), env=clean(), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "larger" in done.said


def test_a_log_of_16_mib_is_read(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    line = b"2026-01-02 03:04:05 INFO okx heartbeat 50113.5\n"
    log.write_bytes((line * (SIZE_LIMIT // len(line)))[: SIZE_LIMIT - 100] + b"\n" + REFUSAL.encode())

    assert codes(decode("--format", "json", str(log))) == ["50113"]


@pytest.mark.parametrize(
    "words",
    [
        (f"passphrase={PASSPHRASE} secret={SECRET}",),
        (KEY,),
        (SECRET,),
        (SIGNATURE,),
        (f"/no/such/{SECRET}",),
        (f"--{SECRET.lower()}",),
        (PASSPHRASE, KEY, "-"),
        (f"okx {REFUSAL} {KEY} {SECRET} {SIGNATURE} {PASSPHRASE}",),
    ],
)
def test_nothing_of_the_paste_comes_back_not_even_in_an_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = okx_doctor("decode", *words, env=clean(), cwd=tmp_path)

    assert [secret for secret in (*SECRETS, SECRET.lower()) if secret in done.text + done.said] == []


def test_help_names_the_forms_and_the_statuses() -> None:
    shown = decode("--help").stdout

    assert "[CODE | TEXT | FILE | -]" in shown
    assert "0 recognised" in " ".join(shown.split())

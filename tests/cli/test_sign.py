"""``okx-doctor sign``: the reference is right, ready to use, and shows nothing that it should not."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from okx_doctor.protocol.vectors import Vector, good_vectors
from okx_doctor.secrets.redactor import derived_forms
from tests.cli.running import API_KEY, CREDENTIALS, PASSPHRASE, SECRET, Outcome, clean, in_a_process, okx_doctor
from tests.needs import needs
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

PATH = "/api/v5/account/balance?ccy=BTC"
STAMP = ("--timestamp", "2020-12-08T09:08:57.715Z")


@cache
def schema() -> Any:
    return jsonschema.Draft202012Validator(schema_of("signing"))


def sign(
    *words: str, cwd: Path, credentials: Mapping[str, str] = CREDENTIALS, stdin: bytes = b"", **more: str
) -> Outcome:
    return okx_doctor("sign", *words, env=clean(**credentials, **more), cwd=cwd, stdin=stdin)


def reference(*words: str, cwd: Path, credentials: Mapping[str, str] = CREDENTIALS, stdin: bytes = b"") -> Any:
    done = sign("--format", "json", *words, cwd=cwd, credentials=credentials, stdin=stdin)
    assert (done.status, done.said) == (0, "")
    schema().validate(done.report)
    return done.report


@pytest.mark.parametrize("vector", good_vectors()[:8], ids=lambda vector: vector.id)
def test_it_gives_the_published_prehash_and_signature(vector: Vector, tmp_path: Path) -> None:
    rest = (vector.method, vector.target, "--body", vector.body)
    words = ("--websocket",) if vector.channel == "websocket" else rest
    found = reference(
        *words, "--timestamp", vector.timestamp, cwd=tmp_path, credentials={"OKX_SECRET_KEY": vector.secret}
    )
    assert (found["prehash"], found["signature"]) == (vector.prehash, vector.signature)
    assert found["prehash_bytes"] == len(vector.prehash.encode())
    assert json.loads(found["prehash_literal"]) == vector.prehash


def test_neither_secret_nor_key_nor_passphrase_is_shown(tmp_path: Path) -> None:
    for form in ("text", "json"):
        done = sign("GET", PATH, "--format", form, cwd=tmp_path)
        assert done.status == 0
        for value in (SECRET, API_KEY, PASSPHRASE):
            assert not any(shape in done.text + done.said for shape in derived_forms(value))
        assert "$OKX_PASSPHRASE" in done.text and "$OKX_API_KEY" in done.text


def test_reveal_shows_key_and_passphrase_but_never_the_secret(tmp_path: Path) -> None:
    found = reference("GET", PATH, "--reveal", cwd=tmp_path)
    assert found["headers"]["OK-ACCESS-KEY"] == API_KEY
    assert found["headers"]["OK-ACCESS-PASSPHRASE"] == PASSPHRASE
    assert not any(shape in json.dumps(found) for shape in derived_forms(SECRET))


def test_a_revealed_passphrase_that_is_the_secret_stays_hidden(tmp_path: Path) -> None:
    done = sign("GET", PATH, "--reveal", cwd=tmp_path, credentials={**CREDENTIALS, "OKX_PASSPHRASE": SECRET})
    assert done.status == 0
    assert SECRET not in done.text


def test_without_a_secret_there_is_only_the_text_to_sign_and_it_says_so(tmp_path: Path) -> None:
    found = reference("GET", PATH, *STAMP, cwd=tmp_path, credentials={})
    assert found["prehash"] == f"{STAMP[1]}GET{PATH}"
    assert (found["signature"], found["headers"], found["curl"], found["message"]) == (None, {}, None, None)
    assert any("No secret key was loaded" in note for note in found["notes"])


def test_an_env_file_beside_it_is_read_unless_told_not_to(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OKX_SECRET_KEY={SECRET}\n")
    assert reference("GET", PATH, cwd=tmp_path, credentials={})["signature"]
    assert reference("GET", PATH, "--no-env-file", cwd=tmp_path, credentials={})["signature"] is None


def test_what_is_corrected_is_said(tmp_path: Path) -> None:
    found = reference("get", f"https://www.okx.com{PATH}#top", *STAMP, cwd=tmp_path)
    assert found["prehash"] == f"{STAMP[1]}GET{PATH}"
    assert found["notes"] == [
        "The method is signed in upper case: GET.",
        "Scheme and host were dropped: only the path with its query is signed.",
        "The fragment behind # was dropped: it does not travel.",
        "The timestamp is more than 30 seconds from this machine's time: OKX would refuse it with 50102 now.",
    ]


def test_non_ascii_and_control_characters_are_visible_in_the_literal(tmp_path: Path) -> None:
    done = sign("POST", "/api/v5/trade/order", "--body", '{"tag":"é\t\x7f\x1b"}', *STAMP, cwd=tmp_path)
    assert done.status == 0
    line = done.text.splitlines()[1]
    assert line.isascii() and line.isprintable()
    assert json.loads(line).endswith('{"tag":"é\t\x7f\x1b"}')
    assert "\x1b" not in done.text and "\x7f" not in done.text


def test_a_body_comes_from_a_file_and_from_standard_input_byte_for_byte(tmp_path: Path) -> None:
    body = b'{"a":"1"}\n'
    (tmp_path / "a body.json").write_bytes(body)
    from_file = reference("POST", "/api/v5/x", "--body", "@a body.json", *STAMP, cwd=tmp_path)
    piped = reference("POST", "/api/v5/x", "--body", "-", *STAMP, cwd=tmp_path, stdin=body)
    assert from_file["prehash"] == piped["prehash"] == f'{STAMP[1]}POST/api/v5/x{{"a":"1"}}\n'
    assert "--data-binary '@a body.json'" in from_file["curl"]
    assert any("line break" in note for note in piped["notes"])


def test_demo_trading_has_its_header(tmp_path: Path) -> None:
    assert "x-simulated-trading" not in reference("GET", PATH, cwd=tmp_path)["headers"]
    assert reference("GET", PATH, "--demo", cwd=tmp_path)["headers"]["x-simulated-trading"] == "1"


def test_a_login_message_holds_what_was_signed(tmp_path: Path) -> None:
    found = reference("--websocket", "--reveal", "--timestamp", "1538054050", cwd=tmp_path)
    message = json.loads(found["message"])
    assert message["op"] == "login"
    assert message["args"] == [
        {"apiKey": API_KEY, "passphrase": PASSPHRASE, "timestamp": "1538054050", "sign": found["signature"]}
    ]


@pytest.mark.machine
@needs("bash")
@pytest.mark.parametrize(
    "body", ['{"a":"it\'s $HOME `x` \\"q\\" é"}', "two\nlines\\ and\ta tab\x01 'q'", "@no-file", ""]
)
def test_a_shell_reads_the_curl_command_back_as_the_request(body: str, tmp_path: Path) -> None:
    stdin = body.encode()
    found = reference("POST", "/api/v5/x?a=[1]&b='2'", "--body", "-", cwd=tmp_path, stdin=stdin)
    (tmp_path / "curl").write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    (tmp_path / "curl").chmod(0o755)
    env = {**CREDENTIALS, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", found["curl"]], env=env, capture_output=True, timeout=120, check=True)
    words = done.stdout.decode().split("\0")[:-1]
    assert "https://openapi.okx.com/api/v5/x?a=[1]&b='2'" in words
    assert "--globoff" in words
    assert f"OK-ACCESS-PASSPHRASE: {PASSPHRASE}" in words and f"OK-ACCESS-KEY: {API_KEY}" in words
    assert (words[words.index("--data-raw") + 1] if body else "") == body


def test_a_plain_curl_command_is_read_by_any_posix_shell(tmp_path: Path) -> None:
    found = reference("GET", PATH, cwd=tmp_path)
    words = shlex.split(found["curl"])
    assert words[:4] == ["curl", "--silent", "--show-error", f"https://openapi.okx.com{PATH}"]


def powershell_words(command: str) -> list[str]:
    """The words of a command by PowerShell's rules of quoting: ``''`` in single quotes, a backtick in double ones."""
    found = re.findall(
        r"'(?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*'|\"(?:`.|[^\"`])*\"|[^\s'\"`]+", command, re.DOTALL
    )
    named = {"n": "\n", "r": "\r", "t": "\t"}

    def read(word: str) -> str:
        if word.startswith("'"):
            return re.sub(r"(['\u2018-\u201b])\1", r"\1", word[1:-1])
        if word.startswith('"'):
            filled = re.sub(r"\$env:(\w+)", lambda name: CREDENTIALS[name[1]], word[1:-1])
            plain = re.sub(r"\$\(\[char\](\d+)\)", lambda char: chr(int(char[1])), filled)
            return re.sub(r"`(.)", lambda char: named.get(char[1], char[1]), plain, flags=re.DOTALL)
        return word

    return [read(word) for word in found]


@pytest.mark.parametrize("body", ['{"a":"it\'s ‘so’ $HOME `x` é"}', 'two\nlines\ta\x01 "“q”" `$x', ""])
def test_powershell_is_given_the_same_request_with_its_body_in_a_file(body: str, tmp_path: Path) -> None:
    stdin = body.encode()
    found = reference("POST", "/api/v5/x?a=1&b='2'", "--shell", "powershell", "--body", "-", cwd=tmp_path, stdin=stdin)
    before, _, command = found["curl"].rpartition("curl.exe ")
    words = powershell_words(command.replace(" `\n  ", " "))
    assert words[:2] == ["--silent", "--show-error"]
    assert "https://openapi.okx.com/api/v5/x?a=1&b='2'" in words
    assert f"OK-ACCESS-KEY: {API_KEY}" in words and f"OK-ACCESS-SIGN: {found['signature']}" in words
    if body:
        assert words[-2:] == ["--data-binary", "@body.json"]
        written = re.fullmatch(r'\[IO\.File\]::WriteAllText\("\$PWD\\body\.json", (.*)\)\n', before, re.DOTALL)
        assert written and powershell_words(written[1]) == [body]
    else:
        assert before == "" and "body.json" not in command


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("GET",),
        ("GET", "api/v5/account/balance"),
        ("GET", "/api/v5/a b"),
        ("GET", "/api/v5/a\n"),
        ("/api/v5/account/balance", "GET"),
        ("GET", PATH, "--body", "@no-such-file"),
        ("GET", PATH, "--timestamp", ""),
        ("GET", PATH, "--timestamp", "a\nb"),
        ("POST", PATH, "--websocket"),
        ("--websocket", "--body", "{}"),
        ("GET", PATH, "--env-file", "no-such-file"),
        ("POST", PATH, "--body", f'{{"secret":"{SECRET}"}}'),
        ("GET", PATH, "--output", "no-such-folder/file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = sign(*words, cwd=tmp_path)
    assert done.is_one_line_of_usage(), (done.status, done.said, done.text)
    assert SECRET not in done.said


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\0b"])
def test_a_piped_body_that_no_command_line_can_hold_is_refused(body: bytes, tmp_path: Path) -> None:
    assert sign("POST", "/api/v5/x", "--body", "-", cwd=tmp_path, stdin=body).is_one_line_of_usage()


@pytest.mark.machine
@pytest.mark.skipif(os.name != "posix", reason="streams are closed in a shell of POSIX")
@pytest.mark.parametrize("words", ["sign GET /api/v5/account/balance", "test-signer --export -"])
@pytest.mark.parametrize("stdout", [">&-", "> /dev/full"])
def test_an_output_that_cannot_be_written_is_one_line_and_status_3(words: str, stdout: str, tmp_path: Path) -> None:
    script = f"{shlex.quote(sys.executable)} -m okx_doctor {words} {stdout}"
    done = subprocess.run(
        ["sh", "-c", script], env=clean(), cwd=tmp_path, capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), done.stderr
    assert b"a bug" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX's")
def test_a_body_in_a_pipe_that_nothing_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    arguments = ("sign", "POST", "/api/v5/trade/order", "--body", "@pipe")
    done = in_a_process(*arguments, env=clean(**CREDENTIALS), cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "nothing writes to" in done.said


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("passphrase", ["O'Brien'77-xyZ", 'it\'s "me" `x`-Z9', "a\\b'c\"dZq1", "tab\tZq1'x"])
def test_a_loaded_passphrase_is_not_shown_however_a_shell_or_json_quotes_it(
    form: str, passphrase: str, tmp_path: Path
) -> None:
    env = clean(**{**CREDENTIALS, "OKX_PASSPHRASE": passphrase})
    done = okx_doctor(
        "sign", "POST", "/api/v5/x", "--body", f"a {passphrase} b", "--format", form, env=env, cwd=tmp_path
    )

    assert done.status == 0
    assert "a [hidden] b" in done.text
    pieces = [piece for piece in re.split(r"['\"\\\t` ]", passphrase) if len(piece) > 2]
    assert pieces and not [piece for piece in pieces if piece in done.text + done.said]

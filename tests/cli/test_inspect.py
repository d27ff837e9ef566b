"""``okx-doctor inspect`` as a user runs it: another process, captures in files, exit statuses, nothing secret shown."""

from __future__ import annotations

import base64
import hmac
import json
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from tests.cli.running import (
    API_KEY,
    CREDENTIALS,
    PASSPHRASE,
    SECRET,
    Outcome,
    clean,
    computing,
    in_a_process,
    okx_doctor,
)
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

STAMP = "2026-11-20T09:08:57.715Z"
BALANCE = "/api/v5/account/balance?ccy=BTC,ETH"
ORDER = "/api/v5/trade/order"
BODY = '{"instId":"BTC-USDT","side":"buy","sz":"2"}'
SPACED = '{"instId": "BTC-USDT", "side": "buy", "sz": "2"}'
SCHEMA = schema_of("inspection")
IN_A_PROCESS = partial(in_a_process, start=computing(20))
"""For what may take long, and for searches that start processes of their own."""


def sign(text: str, key: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def request(
    method: str = "GET", target: str = BALANCE, body: str = "", signed: str | None = None, **headers: str
) -> dict[str, Any]:
    return {
        "method": method,
        "url": f"https://www.okx.com{target}",
        "headers": {
            "OK-ACCESS-KEY": API_KEY,
            "OK-ACCESS-SIGN": sign(f"{STAMP}{method}{target}{body}" if signed is None else signed),
            "OK-ACCESS-TIMESTAMP": STAMP,
            "OK-ACCESS-PASSPHRASE": PASSPHRASE,
            "Content-Type": "application/json",
            **headers,
        },
        "body": body,
    }


GOOD = request()
UNSIGNED_QUERY = request(signed=f"{STAMP}GET/api/v5/account/balance")
RESERIALISED = request(
    "POST", ORDER, BODY, signed=f"{STAMP}POST{ORDER}{SPACED}", **{"User-Agent": "python-httpx/0.28.1"}
)
WITH_PASSPHRASE = request(signed=f"{STAMP}GET{BALANCE}{PASSPHRASE}")
HEX = request(**{"OK-ACCESS-SIGN": hmac.digest(SECRET.encode(), f"{STAMP}GET{BALANCE}".encode(), "sha256").hex()})
PUBLIC = {"method": "GET", "url": "https://www.okx.com/api/v5/public/time", "headers": {}}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def inspect(
    tmp_path: Path,
    text: str | bytes,
    *arguments: str,
    variables: Mapping[str, str] = CREDENTIALS,
    stdin: bool = False,
    run: Callable[..., Outcome] = okx_doctor,
) -> Outcome:
    raw = text.encode() if isinstance(text, str) else text
    (tmp_path / "capture").write_bytes(raw)
    name = "-" if stdin else "capture"
    return run("inspect", name, *arguments, env=clean(**variables), cwd=tmp_path, stdin=raw if stdin else b"")


def as_json(done: Outcome) -> list[dict[str, Any]]:
    jsonschema.validate(done.report, SCHEMA)
    rows = done.report["requests"]
    assert isinstance(rows, list)
    return rows


def test_the_signed_and_the_expected_text_and_the_fix_are_shown(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(RESERIALISED))

    assert done.status == 1
    assert "body-reserialised: proven" in done.text
    assert f"{STAMP}POST{ORDER}" in done.text.replace("\n    ", "")
    assert "httpx.post(url, content=body, headers=headers)" in done.flat
    assert "1 request: 1 invalid." in done.text
    assert done.said == ""


def test_the_difference_is_marked_below_both_texts(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(UNSIGNED_QUERY))
    rows = done.text.splitlines()
    signed = next(at for at, row in enumerate(rows) if row.strip() == "Signed")
    expected = next(at for at, row in enumerate(rows) if row.strip() == "OKX expects")

    assert rows[signed + 2].strip() == "^"
    assert rows[signed + 2].index("^") == rows[signed + 1].index("balance") + len("balance")
    assert rows[expected + 2].strip() == "~" * len("?ccy=BTC,ETH")


@pytest.mark.parametrize("stdin", [False, True])
def test_json_holds_every_request_by_its_schema(tmp_path: Path, stdin: bool) -> None:
    done = inspect(tmp_path, lines(GOOD, UNSIGNED_QUERY, HEX, PUBLIC), "--format", "json", stdin=stdin)
    rows = as_json(done)

    assert done.status == 1
    assert [row["verdict"] for row in rows] == ["valid", "invalid", "invalid", "unsigned"]
    assert [[cause["id"] for cause in row["causes"]] for row in rows] == [
        [],
        ["query-not-signed"],
        ["signature-hex"],
        [],
    ]
    assert rows[1]["prehash"] == {"expected": f"{STAMP}GET{BALANCE}", "signed": f"{STAMP}GET/api/v5/account/balance"}
    assert rows[0]["hypotheses_tried"] == 1


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ((GOOD,), 0),
        ((GOOD, PUBLIC), 0),
        ((GOOD, UNSIGNED_QUERY), 1),
        ((request(signed="something else"),), 1),
        ((PUBLIC,), 2),
        ((), 2),
    ],
)
def test_the_exit_status_is_the_same_in_every_format(
    tmp_path: Path, form: str, rows: tuple[object, ...], status: int
) -> None:
    done = inspect(tmp_path, lines(*rows), "--format", form)

    assert done.status == status
    assert (status == 2) == done.is_one_line_of_usage()


def test_what_cannot_be_read_is_told_with_its_place_and_the_rest_is_judged(tmp_path: Path) -> None:
    bad = inspect(tmp_path, lines(GOOD) + "{broken\n" + lines(UNSIGNED_QUERY), "--format", "json")
    fine = inspect(tmp_path, lines(GOOD) + "{broken\n" + lines(GOOD))

    assert (bad.status, len(as_json(bad))) == (1, 2)
    assert bad.said.startswith("okx-doctor: capture: line 2 is no JSON")
    assert (fine.status, fine.text) == (2, "2 requests: 2 valid.\n")
    assert fine.said.startswith("okx-doctor: capture: line 2 is no JSON")


def test_a_file_that_is_called_as_a_credential_is_not_named_in_a_complaint(tmp_path: Path) -> None:
    (tmp_path / f"{SECRET}.jsonl").write_text(lines(GOOD) + "{broken\n")
    done = okx_doctor("inspect", f"{SECRET}.jsonl", env=clean(**CREDENTIALS), cwd=tmp_path)

    assert done.status == 2
    assert done.said.startswith("okx-doctor: [hidden].jsonl: line 2 is no JSON")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "is empty"),
        (os.urandom(64) + b"\0" * 64 + os.urandom(4096), "is binary"),
        (b'{"log": {"entries": [{"request": {"method": "GET", "url": "https://example.com"}}]}}', "no request in it"),
        (b"curl 'https://www.okx.com/api/v5/account/balance", "line 1, column 6 opens a quote"),
        (b'{"url": "https://www.okx.com/a", "body": "\xff\xfe"}\n', "line 1 is not UTF-8: byte 43"),
        (
            b'{"op": "login", "args": [{"apiKey": "a", "passphrase": "\xff", "sign": "b="}]}\n',
            "line 1 is not UTF-8: byte 57",
        ),
        (b'{"url": "' + b"x" * (20 * 1024 * 1024), "line 1 is too long"),
        (b'2026-11-20 HTTP Request: GET https://www.okx.com/a "HTTP/1.1 401"\n', "event hook"),
    ],
)
def test_bad_input_is_one_clear_line_with_its_place(tmp_path: Path, raw: bytes, said: str) -> None:
    done = inspect(tmp_path, raw)

    assert done.is_one_line_of_usage()
    assert said in done.said
    assert done.said.startswith("okx-doctor: capture: ")


def test_no_value_of_a_request_that_cannot_be_read_is_repeated(tmp_path: Path) -> None:
    raw = f"GET {BALANCE} HTTP/1.1\nOK-ACCESS-KEY: {API_KEY}\nOK-ACCESS-PASSPHRASE {PASSPHRASE}\n\n"
    loose = f"curl -H OK-ACCESS-PASSPHRASE: {PASSPHRASE}\n"
    swapped = {**HEX, "headers": {**HEX["headers"], "OK-ACCESS-TIMESTAMP": PASSPHRASE, "OK-ACCESS-PASSPHRASE": STAMP}}
    shown = b""
    for text in (raw, loose, lines(swapped), lines(swapped, swapped) + "{"):
        for form in ("text", "json"):
            for variables in ({}, CREDENTIALS):
                done = inspect(tmp_path, text, "--format", form, variables=variables)
                assert done.status in (1, 2)
                shown += done.out + done.err

    assert PASSPHRASE.encode() not in shown
    assert json.dumps(PASSPHRASE)[1:-1].encode() not in shown


def test_a_passphrase_of_several_words_is_hidden_where_lines_are_broken(tmp_path: Path) -> None:
    words = "correct horse battery staple and a last word"
    odd = {**HEX["headers"], "OK-ACCESS-SIGN": f"Error: {words}", "OK-ACCESS-PASSPHRASE": words}
    done = inspect(tmp_path, lines({**HEX, "headers": odd}))

    assert "the signature is the text 'Error: [hidden]'" in done.flat
    assert "horse" not in done.text
    assert "battery" not in done.text


def test_a_pipe_that_nothing_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    env = clean(**CREDENTIALS)
    alone = in_a_process("inspect", "pipe", env=env, cwd=tmp_path)
    (tmp_path / "whole").write_text(lines(GOOD))
    with subprocess.Popen(["sh", "-c", "cat whole > pipe"], cwd=tmp_path):
        written = in_a_process("inspect", "pipe", env=env, cwd=tmp_path)

    assert alone.is_one_line_of_usage()
    assert "nothing writes to" in alone.said
    assert (written.status, written.text) == (0, "1 request: 1 valid.\n")


def test_a_browsers_other_traffic_is_not_convicted(tmp_path: Path) -> None:
    text = "".join(f"curl 'https://www.okx.com/{path}' -H 'accept: */*' ;\n" for path in ("priapi/v5/x", "cdn/a.js"))
    done = inspect(tmp_path, text)

    assert done.is_one_line_of_usage()
    assert "no request in it is signed" in done.said
    assert "header-missing" in inspect(tmp_path, "curl https://www.okx.com/api/v5/account/balance").text


def test_one_entry_that_is_far_too_long_hides_no_other(tmp_path: Path) -> None:
    entry = {"request": {"method": "GET", "url": GOOD["url"], "headers": []}}
    entry["request"]["headers"] = [{"name": name, "value": value} for name, value in GOOD["headers"].items()]
    large = {**entry, "response": {"content": {"text": "x" * 80_000_000}}}
    done = inspect(tmp_path, json.dumps({"log": {"entries": [entry, large, entry]}}))

    assert (done.status, done.text) == (2, "2 requests: 2 valid.\n")
    assert "entry 2 is too long" in done.said


CCXT = "fetch Request: okx POST https://www.okx.com/a RequestHeaders: "
LONG = {
    "blanks before a cut": CCXT + " " * 300_000,
    "a word before a cut": CCXT + "a" * 300_000 + " RequestBody: ",
    "blanks in an answer": CCXT
    + "{} RequestBody: {}\nfetch Response: okx POST x 401 ResponseHeaders: "
    + " " * 300_000,
    "blank lines": "\n" * 300_000,
    "blank lines before a command": "\n" * 60_000 + "curl https://www.okx.com/a",
    "braces before a login": 'sent "op":"login"\n' + '{"args":[' * 60_000 + '"op":"login"',
    "chunks": "POST /a HTTP/1.1\nTransfer-Encoding: chunked\n\n" + "1\na\n" * 100_000 + "x" * 4_000_000,
    "words before a command": "curl x\n" + "a=b " * 80_000 + "\n" + "/a" * 200_000,
    "signs of a shell": "curl https://www.okx.com/a " + "'a" * 150_001,
    "backslashes": "curl https://www.okx.com/a $'" + "\\" * 300_001,
    "parts of a log": "send: b'POST /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'\n" + "send: b'xxxxxxxx'\n" * 100_000,
    "brackets": "[" * 300_000,
}


@pytest.mark.parametrize("what", LONG)
def test_no_input_takes_long_because_of_what_is_in_it(tmp_path: Path, what: str) -> None:
    assert inspect(tmp_path, LONG[what], run=IN_A_PROCESS).status in (1, 2)


def test_wrong_usage_is_one_line(tmp_path: Path) -> None:
    env = clean(**CREDENTIALS)
    for arguments in (
        ("inspect", "missing"),
        ("inspect", "."),
        ("inspect", "x", "--as", "xml"),
        ("inspect", "x", "--jobs", "0"),
    ):
        assert okx_doctor(*arguments, env=env, cwd=tmp_path).is_one_line_of_usage(), arguments


def test_without_a_secret_only_what_shows_is_named_and_what_it_would_add_is_said(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(HEX, UNSIGNED_QUERY), variables={})
    rows = as_json(inspect(tmp_path, lines(HEX, UNSIGNED_QUERY), "--format", "json", variables={}))

    assert done.status == 1
    assert "signature-hex: likely" in done.text
    assert "With OKX_SECRET_KEY set" in done.flat
    assert done.flat.count(f"OKX expects this text to be signed; compare what the bot signs {STAMP}GET{BALANCE}") == 2
    assert "The same (not checked): line 3." in inspect(tmp_path, lines(HEX, GOOD, GOOD), variables={}).text
    assert "2 requests: 1 invalid, 1 not checked." in done.text
    assert [row["prehash"] for row in rows] == [{"expected": f"{STAMP}GET{BALANCE}", "signed": None}] * 2
    assert [(row["verdict"], row["hypotheses_tried"]) for row in rows] == [("invalid", 0), ("unexplained", 0)]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_secret_is_shown_in_any_form(tmp_path: Path, form: str, jobs: str) -> None:
    other = {**WITH_PASSPHRASE, "headers": {**WITH_PASSPHRASE["headers"], "OK-ACCESS-PASSPHRASE": "An0ther-passphrase"}}
    swapped = {**GOOD, "headers": {**GOOD["headers"], "OK-ACCESS-KEY": SECRET}}
    done = inspect(
        tmp_path,
        lines(WITH_PASSPHRASE, other, swapped, request(signed=f"{SECRET}{STAMP}GET{BALANCE}"), request(signed="?")),
        "--format",
        form,
        "--jobs",
        jobs,
        run=IN_A_PROCESS,
    )
    shown = (done.out + done.err).decode()

    assert done.status == 1
    assert "passphrase-in-prehash" in shown
    for secret in (SECRET, PASSPHRASE, json.dumps(PASSPHRASE)[1:-1], API_KEY, "An0ther-passphrase"):
        assert secret not in shown
    for row in (WITH_PASSPHRASE, GOOD):
        assert row["headers"]["OK-ACCESS-SIGN"] not in shown


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("value", ["9F3B7C21E8D04A56B1C7F02D93E84A6B", "hunter2-Zq1", "Zq7"])
def test_a_credential_in_a_captured_address_or_body_is_hidden_where_none_is_loaded(
    value: str, form: str, tmp_path: Path
) -> None:
    """Shown would be the text that the request's signature is made of, which holds both."""
    carrying = [
        (target, body)
        for field in ("secret", "secretKey", "OKX_SECRET_KEY", "passphrase", "api%53ecret")
        for target, body in (
            (f"/api/v5/account/balance?{field}={value}", ""),
            ("/api/v5/trade/order", json.dumps({unquote(field): value, "sz": "1"})),
            ("/api/v5/trade/order", json.dumps({"sz": "1", "account": {unquote(field): [value, {"of": value}]}})),
        )
    ]
    sent = [{**request(target=target, signed="x"), "method": "POST", "body": body} for target, body in carrying]
    done = inspect(tmp_path, lines(*sent), "--format", form, variables={})

    assert done.status == 1
    assert value not in done.text + done.said
    assert done.text.count("[hidden]") >= (len(sent) if form == "json" else 1), "a text tells alike ones once"


def test_the_secret_is_loaded_as_check_loads_it(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(f"OKX_API_SECRET='{SECRET}'\n")
    named = inspect(tmp_path, lines(UNSIGNED_QUERY), "--env-file", "bot.env", variables={})
    (tmp_path / ".env").write_text(f"OKX_SECRET_KEY={SECRET}\n")
    here = inspect(tmp_path, lines(UNSIGNED_QUERY), variables={})
    without = inspect(tmp_path, lines(UNSIGNED_QUERY), "--no-env-file", variables={})

    assert "query-not-signed: proven" in named.text
    assert "query-not-signed: proven" in here.text
    assert "query-not-signed" not in without.text


def test_a_secret_that_its_loader_altered_is_named_by_what_altered_it(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(GOOD), "--format", "json", variables={**CREDENTIALS, "OKX_SECRET_KEY": SECRET + " "})
    (row,) = as_json(done)

    assert [(cause["id"], cause["confidence"]) for cause in row["causes"]] == [("credential-whitespace", "proven")]


def test_a_report_in_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(UNSIGNED_QUERY), "--format", "json", "--output", "report.json")
    written = tmp_path / "report.json"

    assert (done.status, done.out) == (1, b"")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    jsonschema.validate(json.loads(written.read_text()), SCHEMA)


def test_a_report_is_never_written_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    done = inspect(tmp_path, lines(GOOD), "--output", "link")

    assert done.is_one_line_of_usage()
    assert (tmp_path / "target").read_text() == "kept"


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    pair = request(signed=f"{STAMP}get/account/balance?ccy=BTC%2CETH")
    text = lines(pair, request(signed="unknown"))
    alone, together = (
        as_json(inspect(tmp_path, text, "--format", "json", "--jobs", jobs, run=IN_A_PROCESS)) for jobs in "12"
    )

    assert [row["causes"] for row in alone] == [row["causes"] for row in together]
    assert [row["hypotheses_tried"] for row in alone] == [row["hypotheses_tried"] for row in together]
    assert {cause["id"] for cause in alone[0]["causes"]} == {"method-case", "path-prefix-missing", "query-encoding"}


def test_a_curl_command_is_not_run(tmp_path: Path) -> None:
    headers = " ".join(f"-H '{name}: {value}'" for name, value in HEX["headers"].items() if "'" not in value)
    command = f'curl "https://www.okx.com{BALANCE}" {headers} -H "x: $(touch ran)" -o written; touch ran\n'
    done = inspect(tmp_path, command)

    assert done.status == 1
    assert "signature-hex: proven" in done.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture"]


def test_the_same_mistake_again_is_counted_not_repeated(tmp_path: Path) -> None:
    done = inspect(tmp_path, lines(*[UNSIGNED_QUERY] * 30, *[GOOD] * 3))

    assert done.text.count("query-not-signed: proven") == 1
    assert "The same (invalid, query-not-signed)" in done.flat
    assert "33 requests: 3 valid, 30 invalid." in done.flat


def test_what_the_failing_requests_have_in_common_is_said(tmp_path: Path) -> None:
    plain = request(target="/api/v5/account/config")
    done = inspect(tmp_path, lines(plain, UNSIGNED_QUERY, plain, UNSIGNED_QUERY))

    assert "and has a query with characters that may be encoded; none of the 2 valid ones does." in done.flat


def test_json_says_too_what_all_requests_together_show(tmp_path: Path) -> None:
    plain = request(target="/api/v5/account/config")
    again = request(target="/api/v5/account/config", **{"OK-ACCESS-SIGN": UNSIGNED_QUERY["headers"]["OK-ACCESS-SIGN"]})
    done = inspect(tmp_path, lines(plain, plain, UNSIGNED_QUERY, again), "--format", "json")
    alone = inspect(tmp_path, lines(GOOD), "--format", "json")
    jsonschema.validate(done.report, SCHEMA)

    assert done.report["remarks"] == ["line 3 and line 4 carry the same signature: it is made once and kept."]
    assert alone.report["remarks"] == []


def test_terminal_escapes_of_a_capture_never_reach_the_terminal(tmp_path: Path) -> None:
    hostile = request(target="/api/v5/a?x=\x1b[31mred[/red]", signed="x", **{"OK-ACCESS-SIGN": "\x1b]0;owned\x07"})
    done = inspect(tmp_path, lines(hostile))

    assert done.status == 1
    assert b"\x1b" not in done.out + done.err


ENV_FILE = f"OKX_SECRET_KEY={'9F3B7C21' * 4}\nDB_PASSWORD=hunter2-Zq1\n"
SIGNED_CURL = (
    f"curl -X POST https://www.okx.com/api/v5/trade/order -H 'OK-ACCESS-KEY: {API_KEY}' -H 'OK-ACCESS-SIGN: "
    f"{'A' * 43}=' -H 'OK-ACCESS-TIMESTAMP: 2026-11-20T09:08:57.715Z' -H 'OK-ACCESS-PASSPHRASE: x' "
)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("option", ["-d", "--data-binary", "--json", "--data-urlencode x"])
@pytest.mark.parametrize("reading", [(), ("--read-files",)], ids=["not read", "read"])
def test_what_a_file_holds_that_a_capture_names_is_never_printed(
    option: str, form: str, reading: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "prod.env").write_text(ENV_FILE)
    (tmp_path / "capture").write_text(f"{SIGNED_CURL} {option}{'' if option[-1] == 'x' else ' '}@prod.env\n")
    for env in (clean(), clean(**CREDENTIALS)):
        done = okx_doctor("inspect", "capture", "--format", form, *reading, env=env, cwd=tmp_path)
        shown = (done.text + done.said).replace("%3D", "=")
        assert done.status == 1
        assert not [word for word in ("9F3B7C21", "hunter2", "DB_PASS", "OKX_SECRET_KEY=") if word in shown]
        assert ("--read-files" in done.flat) == (not reading)
        assert "prod.env" in done.flat or form == "json"

"""Everything that can be wrong with what a run is given, by its user or by a server: one clear line or a named
cause, never a traceback, and an end within the time allowed."""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange
from tests.cli.raw import ACCEPTED, Answerer, Raw, ReceivedRequest, always, http, refusal, telling_time, the_time
from tests.cli.running import (
    CLOSED,
    CREDENTIALS,
    Outcome,
    Run,
    at,
    batch,
    clean,
    computing,
    in_a_process,
    okx_doctor,
    one_by_one,
    patched,
)

pytestmark = pytest.mark.slow

TEXT = ("check", "--timeout", "60", "--skip", "clock.ntp")
WITHIN = (*TEXT, "--format", "json")
"""Without time servers, which are silent here: a run would wait for them a little each time."""
OFFLINE = ("check", "--timeout", "60", "--offline", "--format", "json")
COMPUTING = computing(2)
"""Offline there is nothing to wait for: what it may take is the processor's time."""
OFFICIAL = "https://www.okx.com"


def lines(*rows: str) -> bytes:
    return "\n".join((*rows, "")).encode()


ENV_FILE = lines(*(f"{name}='{value}'" for name, value in CREDENTIALS.items() if "PASS" not in name))


def crashes(ended: Mapping[str, Outcome]) -> dict[str, object]:
    """Name of a run to the checks that crashed in it, or to what it said of a bug of its own."""
    found: dict[str, object] = {}
    for name, done in ended.items():
        crashed = []
        if done.out.startswith(b"{"):
            crashed = [check for check, status in done.checks.items() if status == "crash"]
        if crashed or b"bug" in done.err:
            found[name] = crashed or done.said
    return found


def asked_of(servers: Mapping[str, Answerer], cwd: Path, *, text: bool = False) -> dict[str, Outcome]:
    """A run against each of these servers, in JSON or in text, within the bound."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(Raw(answer)).url for name, answer in servers.items()}
        arguments = TEXT if text else WITHIN
        env = clean(**CREDENTIALS)
        runs = {name: (arguments, {**env, "OKX_API_BASE_URL": url}) for name, url in urls.items()}
        return one_by_one(runs, cwd=cwd)


# Credentials


@pytest.mark.parametrize("slot", list(CREDENTIALS))
def test_a_missing_credential_is_named_by_its_variable(okx: Exchange, tmp_path: Path, slot: str) -> None:
    env = {name: value for name, value in at(okx).items() if name != slot}
    done = okx_doctor(*WITHIN, env=env, cwd=tmp_path)
    assert (done.status, list(done.causes)) == (1, ["credentials-missing"])
    assert slot in str(done.report["verdict"]["causes"][0]["remedy"]["text"])


def test_an_empty_credential_is_missing_whatever_stands_around_nothing(okx: Exchange, tmp_path: Path) -> None:
    runs = {repr(empty): (WITHIN, at(okx, OKX_PASSPHRASE=empty)) for empty in ("", " ", "\n", '""', "''", "=")}
    ended = one_by_one(runs, cwd=tmp_path)
    assert {value: list(done.causes) for value, done in ended.items()} == {
        name: ["credentials-missing"] for name in runs
    }


def test_no_credentials_at_all_is_one_named_cause(tmp_path: Path) -> None:
    done = okx_doctor(*OFFLINE, env=clean(), cwd=tmp_path)
    assert (done.status, list(done.causes)) == (1, ["credentials-missing"])


# Env files


def unusable(done: Outcome, *words: str) -> None:
    assert done.is_one_line_of_usage(), (done.status, done.out, done.err)
    for word in words:
        assert word in done.said


def read(tmp_path: Path, name: str = "bad.env") -> Outcome:
    return okx_doctor(*OFFLINE, "--env-file", name, env=clean(), cwd=tmp_path)


def read_in_a_process(tmp_path: Path, name: str = "bad.env") -> Outcome:
    return in_a_process(*OFFLINE, "--env-file", name, env=clean(), cwd=tmp_path, start=COMPUTING)


def test_an_env_file_that_does_not_exist(tmp_path: Path) -> None:
    unusable(read(tmp_path), "bad.env")


def test_an_env_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bad.env").mkdir()
    unusable(read(tmp_path), "bad.env", "directory")


def test_an_env_file_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "bad.env").write_bytes(ENV_FILE)
    unusable(read(tmp_path, "bad.env/x"), "bad.env/x")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO in the file system")
def test_an_env_file_that_is_a_fifo_without_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bad.env")
    unusable(read(tmp_path), "bad.env", "regular file")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/zero")
def test_an_env_file_that_never_ends(tmp_path: Path) -> None:
    unusable(read_in_a_process(tmp_path, "/dev/zero"), "/dev/zero")


def test_an_env_file_that_is_a_link_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "bad.env").symlink_to("bad.env")
    unusable(read(tmp_path), "bad.env")


def test_an_env_file_of_a_gigabyte(tmp_path: Path) -> None:
    with (tmp_path / "bad.env").open("wb") as file:
        file.truncate(1024**3)
    unusable(read_in_a_process(tmp_path), "bad.env", "bytes")


def test_an_env_file_that_is_binary(tmp_path: Path) -> None:
    (tmp_path / "bad.env").write_bytes(b"\x7fELF\x02\x01\x01\x00\x00" + bytes(range(256)))
    unusable(read(tmp_path), "bad.env", "binary")


def test_an_env_file_in_another_eight_bit_encoding(tmp_path: Path) -> None:
    (tmp_path / "bad.env").write_bytes(b"OKX_PASSPHRASE=caf\xe9\n")
    unusable(read(tmp_path), "bad.env", "UTF-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_an_env_file_in_a_wide_encoding_is_told_from_a_binary_one(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "bad.env").write_text(ENV_FILE.decode(), encoding=encoding)
    unusable(read(tmp_path), "bad.env", "UTF-16" if "16" in encoding else "UTF-")


def test_an_env_file_of_utf_8_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "bad.env").write_bytes(b"\xef\xbb\xbf" + ENV_FILE + b"OKX_PASSPHRASE=Abc-12345\n")
    assert read(tmp_path).status == 0


def test_an_unusable_env_file_in_this_folder_is_told_and_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    env = clean(**CREDENTIALS)
    unusable(okx_doctor(*OFFLINE, env=env, cwd=tmp_path), "the env file .env is a directory")
    assert okx_doctor(*OFFLINE, "--no-env-file", env=env, cwd=tmp_path).status == 0


def test_lines_that_are_no_assignment_are_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "bad.env").write_bytes(lines("'", '"', "=", "export", "a b c", "{", "OKX_API_KEY='x"))
    done = read(tmp_path)
    assert (done.status, done.err) == (1, b"")


LONG = 65_000
"""Nearly as many bytes as are read of an env file: a longer one is refused unread."""
HEAVY = {
    "one long value": b"OKX_PASSPHRASE=" + b"x" * LONG,
    "one long value that is no ASCII": b"OKX_PASSPHRASE=" + "é".encode() * (LONG // 2),
    "blanks inside a value": b"OKX_PASSPHRASE=a" + b" " * LONG + b"b",
    "marks of a comment": b"OKX_PASSPHRASE=a" + b" #" * (LONG // 2),
    "equals signs": b"OKX_PASSPHRASE=" + b"=" * LONG,
    "a quote that is never closed": b'OKX_PASSPHRASE="' + b"a\\" * (LONG // 2),
    "braces that are never closed": b"OKX_PASSPHRASE=" + b"${" * (LONG // 2),
    "words of a placeholder": b"OKX_PASSPHRASE=" + b"paste-" * (LONG // 6),
    "lines that are none": b"'\n" * (LONG // 2),
    "seven thousand names": b"".join(b"A%d=1\n" % number for number in range(7_000)),
    "a name some thousand times": b"OKX_PASSPHRASE=Abc-12345\n" * 2_500,
}


@pytest.mark.parametrize("data", HEAVY.values(), ids=HEAVY)
def test_a_small_env_file_that_is_hard_to_read_ends_in_time(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.env").write_bytes(data)
    patient = ("check", "--timeout", "60", "--offline")
    done = okx_doctor(*patient, "--env-file", "bad.env", env=clean(), cwd=tmp_path)
    assert done.status in (1, 2)
    assert b"reads at most" not in done.err


LOOPS = {
    "an alias to itself": "okx: &a\n  api_key: x\n  more: *a\n",
    "an alias to itself, thousands of times": "okx: &a\n  api_key: x\n" + "  more: *a\n" * 4_000,
    "a merge of itself": "okx: &a\n  <<: *a\n  api_key: x\n",
    "aliases to aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi")),
}


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits")
@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_a_document_that_stands_for_endless_values_takes_neither_time_nor_memory(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.yaml").write_text(text)
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
    done = in_a_process(
        *(*OFFLINE, "--credentials", "keys.yaml"),
        env=clean(),
        cwd=tmp_path,
        start=patched(limit),
    )
    unusable(done, "keys.yaml")


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits")
def test_an_env_file_whose_variables_double_forty_times_takes_no_memory(tmp_path: Path) -> None:
    """A kilobyte that python-dotenv's expansion makes terabytes of; the limit keeps the test machine alive."""
    doubling = (f"A{number + 1}=${{A{number}}}${{A{number}}}" for number in range(40))
    (tmp_path / "bad.env").write_bytes(lines("A0=xxxxxxxxxx", *doubling, "OKX_PASSPHRASE=${A40}"))
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
    done = in_a_process(
        *OFFLINE,
        "--env-file",
        "bad.env",
        env=clean(),
        cwd=tmp_path,
        start=patched(limit),
    )
    assert done.status in (1, 2)
    assert b"bug" not in done.err


# Base URLs

NO_URL = {
    "no scheme": "www.okx.com",
    "backticks": "`https://www.okx.com`",
    "quotes": '"https://www.okx.com"',
    "angle brackets": "<https://www.okx.com>",
    "markdown": "[https://www.okx.com](https://www.okx.com)",
    "only a scheme": "https://",
    "one slash": "https:/www.okx.com",
    "no slash": "https:www.okx.com",
    "no scheme but slashes": "//www.okx.com",
    "a path": "https://www.okx.com/api/v5",
    "a query": "https://www.okx.com?x=1",
    "a fragment": "https://www.okx.com#x",
    "user information": "https://user:word@www.okx.com",
    "user information of nothing": "https://@www.okx.com",
    "another scheme": "ftp://www.okx.com",
    "a script": "javascript:alert(1)",
    "a socket": "wss://ws.okx.com:8443",
    "an open bracket": "https://[::1",
    "a port of letters": "https://www.okx.com:abc",
    "a port too high": "https://www.okx.com:99999",
    "port zero": "https://www.okx.com:0",
    "an empty host with a port": "https://:443",
    "a blank inside": "https://www.okx .com",
    "a control character": "https://www.okx\x1b[31m.com",
    "letters that are no ASCII": "https://www.оkx.com",
    "digits that are no ASCII": "http://１２７.0.0.1",
    "nothing": "",
    "a blank": " ",
    "plain http elsewhere": "http://www.okx.com",
    "plain http to a number": "http://2130706433",
    "plain http to all addresses": "http://0.0.0.0",
    "plain http to a name like loopback": "http://127.0.0.1.example.com",
    "plain http to a subdomain of localhost": "http://localhost.example.com",
    "a backslash": "https://www.okx.com\\.example.com",
    "a host of two dots": "https://www..okx.com",
    "a host that is a dot": "https://.",
    "percent signs": "https://%zz",
    "a shell's words": "https://$(id)",
    "a shell's separator": "https://a;id",
    "a punycode that is none": "https://xn--a",
    "an IPv4 address that is none": "https://256.256.256.256",
    "a loopback address that is none": "http://127.999.1.1",
    "a label too long": "https://" + "a" * 70 + ".com",
}


@pytest.fixture(scope="module")
def runs_to_no_url(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    env = clean(**CREDENTIALS)
    runs = {form: ((*WITHIN, "--base-url", url), env) for form, url in NO_URL.items()}
    return batch(runs, cwd=tmp_path_factory.mktemp("url"))


def test_a_base_url_that_is_no_url_is_one_line_of_usage_in_every_form(
    runs_to_no_url: dict[str, Outcome],
) -> None:
    wrong = {form: done for form, done in runs_to_no_url.items() if not done.is_one_line_of_usage()}
    assert {form: (done.status, done.said) for form, done in wrong.items()} == {}


def test_no_base_url_makes_a_check_crash(runs_to_no_url: dict[str, Outcome]) -> None:
    """Whatever is let through is a host that cannot be reached, not a bug of the tool's own."""
    assert crashes(runs_to_no_url) == {}


def test_a_base_url_in_an_unusual_spelling_is_taken(tmp_path: Path) -> None:
    spellings = ("HTTPS://127.0.0.1:9", "https://127.0.0.1:9/", " https://127.0.0.1:9\n")
    env = clean(**CREDENTIALS)
    runs = {url: ((*WITHIN, "--base-url", url), env) for url in spellings}
    ended = one_by_one(runs, cwd=tmp_path)
    assert {done.report["target"]["base_url"] for done in ended.values()} == {CLOSED}


# Names that do not exist


def test_a_name_that_does_not_exist_is_answered_with_the_near_one(tmp_path: Path) -> None:
    near = {
        ("check", "--only", "clock.npt"): "clock.ntp",
        ("check", "--skip", "credentails"): "credentials",
        ("check", "--simulate=clok-drift"): "clock-drift",
        ("explain", "passphrase-worng"): "passphrase-wrong",
        ("explain", "501133"): "50113",
        ("chekc",): "check",
        ("diagnoze", "x"): "diagnose",
        ("check", "--ofline"): "--offline",
        ("check", "--site", "globl"): "global",
    }
    runs = {" ".join(arguments): (arguments, clean()) for arguments in near}
    ended = one_by_one(runs, cwd=tmp_path)
    wrong = {
        name: done.said
        for (name, done), expected in zip(ended.items(), near.values(), strict=True)
        if not (done.is_one_line_of_usage() and expected in done.said and len(done.said) < 300)
    }
    assert wrong == {}


def test_a_site_of_the_environment_that_does_not_exist_is_answered_with_the_near_one(tmp_path: Path) -> None:
    done = okx_doctor(*WITHIN, env=clean(**CREDENTIALS, OKX_SITE="globl"), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert "did you mean global" in done.said


def test_sites_that_cannot_be_read_are_one_line_of_usage(tmp_path: Path) -> None:
    texts = {
        "x": "'x' is not SITE=URL",
        "global": "'global' is not SITE=URL",
        "global=": "the base URL is empty",
        "mars=https://x.example": "is not SITE=URL with SITE one of",
        "global=http://x.example": "plain http",
        "=": "'=' is not SITE=URL",
        ",": "no site is named",
    }
    runs = {text: (OFFLINE, clean(**CREDENTIALS, OKX_DOCTOR_SITES=text)) for text in texts}
    ended = one_by_one(runs, cwd=tmp_path)
    assert {text: done.said for text, done in ended.items() if not done.is_one_line_of_usage()} == {}
    assert {
        text: done.said
        for text, done in ended.items()
        if "OKX_DOCTOR_SITES: " not in done.said or texts[text] not in done.said
    } == {}


def test_causes_that_cannot_be_staged_together_are_no_bug_of_the_tools_own(tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate=credentials-missing,passphrase-as-secret", env=clean(), cwd=tmp_path)
    assert b"bug" not in done.err
    assert done.status in (1, 2)


# What a server may answer


@pytest.mark.parametrize("fault", [Fault.HUGE, Fault.GZIP_BOMB, Fault.TRUNCATED, Fault.DRIP, Fault.HANG])
def test_an_answer_that_cannot_be_taken_in_is_a_named_cause_in_time(
    okx: Exchange, tmp_path: Path, fault: Fault
) -> None:
    okx.stage(fault)
    done = in_a_process(*WITHIN, env=at(okx), cwd=tmp_path)
    assert done.status == 3
    assert len(done.causes) == 1
    assert len(done.out) < 100_000


BROKEN = (
    b'{"code":"0","data":[{"ts":"15970',
    b"{",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"\xff\xfe\x00",
    b"1" * 5000,
    b"null",
    b'"text"',
    b'{"code":"0","data":{"ts":"1"}}',
    b'{"code":"0","data":[null,1,"x",[]]}',
    b'{"code":"0","data":[{"ts":{"a":1}}]}',
    b'{"code":null,"data":[{"ts":"1"}]}',
    b'{"code":' + b"9" * 5000 + b"}",
    b"\xef\xbb\xbf",
    b"",
)


def test_json_that_is_broken_or_of_another_shape_crashes_nothing(tmp_path: Path) -> None:
    answers = {repr(body[:40]): http(200, body) for body in BROKEN}
    ended = asked_of({name: always(answer) for name, answer in answers.items()}, tmp_path)
    assert crashes(ended) == {}
    assert {name: done.status for name, done in ended.items() if done.status != 3} == {}


STAMPS = ("nan", "-inf", "1e308", "9" * 400, "-1", "1e15", "", None)


def test_a_time_that_is_none_ends_no_run(tmp_path: Path) -> None:
    """A proxy or a mirror with a broken ``ts``: the other checks still have their say."""
    signed = {"accepted": http(200, ACCEPTED), "50102": refusal("50102", "Timestamp request expired")}
    servers = {
        f"{str(stamp)[:9]} {what}": telling_time(always(answer), the_time(stamp))
        for stamp in STAMPS
        for what, answer in signed.items()
    }
    data, text = asked_of(servers, tmp_path), asked_of(servers, tmp_path, text=True)
    assert crashes(data) == crashes(text) == {}
    for name, done in data.items():
        assert done.status in (1, 3), name
        assert done.status == text[name].status, name
        assert done.report["checks"], name
        assert not re.findall(rb"NaN|Infinity", done.out), name
        assert max(map(len, text[name].text.splitlines())) <= 80, name


ATTACK = "[/red]\x1b[31m\x1b]0;title\x07 [bold \x9b31m \x00 \r\n\u202e \u2028 :smile: {x} %s"


def test_markup_and_terminal_escapes_of_a_server_reach_no_terminal(tmp_path: Path) -> None:
    escaped = ATTACK.replace("\r\n", "").replace("\0", "").encode("latin-1", "replace").decode("latin-1")
    answers = {
        "message": http(401, {"code": "50105", "msg": ATTACK}),
        "code": http(401, {"code": ATTACK[:20], "msg": ATTACK}),
        "title": http(403, f"<title>{ATTACK}</title>", "text/html"),
        "location": http(302, "", "text/html", f"Location: https://x{escaped}/"),
        "permissions": http(200, {**ACCEPTED, "data": [{"perm": ATTACK, "ip": ATTACK, "uid": ATTACK}]}),
        "header": http(401, {"code": "50105", "msg": "x"}, "application/json", f"X-Trace: {escaped}"),
    }
    servers = {name: telling_time(always(answer)) for name, answer in answers.items()}
    data, text = asked_of(servers, tmp_path), asked_of(servers, tmp_path, text=True)
    for name, done in data.items():
        (tmp_path / f"{name}.json").write_bytes(done.out)
    again = one_by_one({name: (("diagnose", f"{name}.json"), clean()) for name in data}, cwd=tmp_path)
    assert crashes(data) == {}
    loose = {
        f"{name}, {kind}": ascii(found)
        for kind, ended in {"json": data, "text": text, "diagnosed": again}.items()
        for name, done in ended.items()
        if (found := {char for char in done.text + done.said if not char.isprintable()} - {"\n"})
    }
    assert loose == {}


def test_a_redirect_to_another_host_is_named_and_not_followed(tmp_path: Path) -> None:
    with (
        Raw(always(http(200, ACCEPTED))) as elsewhere,
        Raw(lambda heard: http(302, "", "text/html", f"Location: {elsewhere.url_by_name}{heard.target}")) as server,
    ):
        env = clean(**CREDENTIALS, OKX_API_BASE_URL=server.url)
        done = okx_doctor(*WITHIN, env=env, cwd=tmp_path)
        assert elsewhere.heard == []
    assert list(done.causes) == ["host-not-api"]


def test_a_redirect_to_nowhere_crashes_nothing(tmp_path: Path) -> None:
    nowhere = ("", "/", "//", "https://", "https://[::1", "\x80", "x" * 5000)
    servers = {to[:20]: always(http(301, "", "text/html", f"Location: {to}")) for to in nowhere}
    ended = asked_of(servers, tmp_path)
    assert crashes(ended) == {}
    assert [to for to, done in ended.items() if not done.causes] == []


GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing": b"",
    "a status that is none": b"HTTP/1.1 99999 X\r\n\r\n",
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 50_000,
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "broken gzip": http(200, b"\x1f\x8b\x08rubbish", "application/json", "Content-Encoding: gzip"),
    "an encoding nobody asked for": http(200, b"\x00\x01", "application/json", "Content-Encoding: br"),
    "gzip in gzip": http(200, gzip.compress(gzip.compress(b"{}")), "application/json", "Content-Encoding: gzip, gzip"),
    "a greeting of TLS": b"\x15\x03\x01\x00\x02\x02\x28",
    "information without end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000,
    "a switch of protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}


def test_a_server_that_speaks_garbage_is_a_named_cause(tmp_path: Path) -> None:
    ended = asked_of({name: always(garbage) for name, garbage in GARBAGE.items()}, tmp_path)
    assert crashes(ended) == {}
    assert {name: done.status for name, done in ended.items() if done.status != 3 or not done.causes} == {}


# Values that cannot stand in a header

UNSENDABLE = ("\n", "\r\n", "\t", "\x01", "é", "\u200b", "密码", "\udcff", "\x7f")


@pytest.mark.parametrize("slot", list(CREDENTIALS))
def test_a_value_that_no_header_can_carry_is_named(okx: Exchange, tmp_path: Path, slot: str) -> None:
    value = CREDENTIALS[slot]
    runs: dict[str, Run] = {}
    for bad in UNSENDABLE:
        runs[f"{bad!a} at the end"] = (WITHIN, at(okx, **{slot: value + bad}))
        runs[f"{bad!a} inside"] = (WITHIN, at(okx, **{slot: value[:9] + bad + value[9:]}))
    ended = one_by_one(runs, cwd=tmp_path)
    assert crashes(ended) == {}
    expected = {"credential-whitespace", "credential-characters"}
    assert {name: done.causes for name, done in ended.items() if not expected & set(done.causes)} == {}
    assert {done.status for done in ended.values()} == {1}


# Names that do not resolve, proxies that do not work

SHORT = ("check", "--timeout", "2", "--format", "json")
STUCK = (
    "import socket, threading\n"
    "socket.getaddrinfo = lambda *_, **__: threading.Event().wait()\n"
    "socket.gethostbyname = socket.getaddrinfo\n"
)


def test_a_resolver_that_never_answers_holds_nothing_beyond_the_time_allowed(tmp_path: Path) -> None:
    env = {**clean(**CREDENTIALS), "OKX_DOCTOR_NTP": "time.example"}
    done = in_a_process(*SHORT, env=env, cwd=tmp_path, start=patched(STUCK))
    assert done.status == 3
    assert list(done.causes) == ["dns-failure"]


def test_a_resolver_that_never_answers_leaves_missing_credentials_at_1(tmp_path: Path) -> None:
    done = in_a_process(*SHORT, env=clean(), cwd=tmp_path, start=patched(STUCK))
    assert done.status == 1
    assert set(done.causes) == {"credentials-missing"}  # nothing to send: no name is looked up


def test_a_proxy_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    closed = "127.0.0.1:9"
    schemes = ("http://", "https://", "", "socks5h://", "http://u:word@")
    places = [("HTTPS_PROXY", f"{scheme}{closed}") for scheme in schemes]
    places += [(name, f"socks5://{closed}") for name in ("ALL_PROXY", "all_proxy", "https_proxy")]
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=OFFICIAL)
    runs = {f"{name}={proxy}": (WITHIN, {**env, name: proxy}) for name, proxy in places}
    ended = batch(runs, cwd=tmp_path)
    assert {place: list(done.causes) for place, done in ended.items()} == {name: ["proxy-failure"] for name in runs}
    assert {done.status for done in ended.values()} == {3}
    assert not any("word" in done.text for done in ended.values())


NO_PROXY_URL = (
    "socks4://127.0.0.1:9",
    "ftp://127.0.0.1:9",
    "http://[::1",
    "http://127.0.0.1:port",
    "http://127.0.0.1:99999",
    "http://",
    "::::",
    "http://127.0.0.1:9\n",
    "`http://127.0.0.1:9`",
)


def test_a_proxy_that_is_no_url_is_a_named_cause_and_no_crash(tmp_path: Path) -> None:
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=OFFICIAL)
    runs = {proxy: (WITHIN, {**env, "HTTPS_PROXY": proxy}) for proxy in NO_PROXY_URL}
    ended = batch(runs, cwd=tmp_path)
    assert crashes(ended) == {}
    missed = {proxy: done.causes for proxy, done in ended.items() if "proxy-failure" not in done.causes}
    assert missed == {}
    assert {done.status for done in ended.values()} == {3}


def test_a_proxy_that_refuses_is_named_and_sees_no_credential(tmp_path: Path) -> None:
    page = "<title>Blocked</title>"
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=OFFICIAL)
    with ExitStack() as stack:
        proxies = {
            str(status): stack.enter_context(Raw(always(http(status, page, "text/html"))))
            for status in (400, 403, 407, 502, 503)
        }
        runs = {status: (WITHIN, {**env, "HTTPS_PROXY": proxy.url}) for status, proxy in proxies.items()}
        ended = batch(runs, cwd=tmp_path)
        heard = [heard for proxy in proxies.values() for heard in proxy.heard]
    assert {one.target for one in heard} == {"www.okx.com:443"}
    assert not any(one.has_credentials for one in heard)
    assert {status: list(done.causes) for status, done in ended.items()} == {name: ["proxy-failure"] for name in runs}
    assert {done.status for done in ended.values()} == {3}


def test_a_proxy_that_says_nothing_ends_in_time(tmp_path: Path) -> None:
    def silent(heard: ReceivedRequest) -> bytes:
        proxy.closing.wait(120)
        return b""

    with Raw(silent) as proxy:
        env = clean(**CREDENTIALS, OKX_API_BASE_URL=OFFICIAL, ALL_PROXY=proxy.url)
        done = in_a_process(*WITHIN, env=env, cwd=tmp_path)
    assert done.status == 3
    assert done.causes


def test_an_authorities_file_that_cannot_be_read_is_not_taken_for_a_refused_connection(
    tmp_path: Path,
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "rubbish.pem").write_text("rubbish\n")
    env = clean(**CREDENTIALS, OKX_API_BASE_URL=CLOSED)
    files = ("missing.pem", "folder", "rubbish.pem")
    runs = {file: (WITHIN, {**env, "SSL_CERT_FILE": file}) for file in files}
    ended = one_by_one(runs, cwd=tmp_path)
    assert crashes(ended) == {}
    assert {file: list(done.causes) for file, done in ended.items()} == {name: ["tls-untrusted"] for name in runs}
    assert {done.status for done in ended.values()} == {3}


@pytest.mark.parametrize("seconds", ["0.5", "1"])
def test_the_time_allowed_holds_in_a_simulation_too(tmp_path: Path, seconds: str) -> None:
    arguments = ("check", "--simulate=connection-timeout", "--timeout", seconds)
    assert in_a_process(*arguments, env=clean(), cwd=tmp_path).status == 3


@pytest.mark.skipif(os.name != "posix", reason="streams are closed in a shell of POSIX")
@pytest.mark.parametrize(("stream", "said"), [("<&-", "it is closed"), ("0>written", "cannot read standard input")])
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--offline", "--credentials", "-"),
        ("decode", "-"),
        ("diagnose", "-"),
        ("inspect", "-"),
        ("sign", "POST", "/api/v5/trade/order", "--body", "-"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_standard_input_that_cannot_be_read_is_one_line_of_usage(
    tmp_path: Path, arguments: tuple[str, ...], stream: str, said: str
) -> None:
    shell = ("sh", "-c", f'exec "$@" {stream}', "sh")
    done = in_a_process(*arguments, env=clean(), cwd=tmp_path, wrapper=shell)
    assert done.is_one_line_of_usage(), done.said
    assert said in done.said


@pytest.mark.parametrize("command", [("check", "--offline"), ("listen",), ("sign", "GET", "/api/v5/account/config")])
def test_a_credential_in_the_line_of_the_site_is_not_repeated(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "bot.env").write_text("OKX_PASSPHRASE=Canary-7-phrase\nOKX_SITE=Canary-7-phrase\n")
    done = okx_doctor(*command, "--env-file", "bot.env", env=clean(), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert "OKX_SITE names no site" in done.said
    assert "canary" not in done.said.lower()

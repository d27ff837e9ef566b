"""Each form of capture, as the tools write it, comes to the same request; nothing of a capture is run."""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.forensics.captures.capture import Capture, Malformed, Response, Unreadable
from okx_doctor.forensics.captures.detect import detect
from okx_doctor.forensics.captures.scanning import Scanner
from tests.forensics.bench import API_KEY, ORDER_BODY, PASSPHRASE, STAMP, one, read
from tests.memory import peak
from tests.needs import needs

SIGN = "OkAjRTXqfIRKxx7SRjIowU96vZPkf4n9X2G+8yduCf4="
HEADERS = {
    "OK-ACCESS-KEY": API_KEY,
    "OK-ACCESS-SIGN": SIGN,
    "OK-ACCESS-TIMESTAMP": STAMP,
    "OK-ACCESS-PASSPHRASE": PASSPHRASE,
}
URL = "https://www.okx.com/api/v5/trade/order"
GET_URL = "https://www.okx.com/api/v5/account/balance?ccy=BTC%2CETH&"
BODY = ORDER_BODY.decode()


def flags(quote: str = "'") -> str:
    return " ".join(f"-H {quote}{name}: {value}{quote}" for name, value in HEADERS.items())


def okx_headers(capture: Capture) -> dict[str, str]:
    return {name: value for name, value in capture.request.headers if name in HEADERS}


QUOTE, ESCAPED, BACKTICKED = '"', '\\"', '\\`"'
POSTED = {
    "as browsers copy it": f"curl '{URL}' \\\n  -X 'POST' \\\n  {flags()} \\\n  --data-raw '{BODY}' \\\n  --compressed",
    "as Postman writes it": f"curl --location --request POST '{URL}' \\\n"
    + " \\\n".join(f"--header '{name}: {value}'" for name, value in HEADERS.items())
    + f" \\\n--data '{BODY}'",
    "in double quotes": f'curl -s -XPOST "{URL}" {flags(chr(34))} -d "{BODY.replace(chr(34), chr(92) + chr(34))}"',
    "with the data attached": f"curl {URL} {flags()} -d'{BODY}'",
    "with ANSI quotes": f"curl {URL} {flags()} --data-binary $'{BODY.replace(chr(34), chr(92) + 'x22')}'",
    "with a prompt and a pipe": f"$ curl {URL} {flags()} --data '{BODY}' | jq .",
    "with --json": f"curl --json '{BODY}' {flags()} --url {URL}",
    "with --url= and --request=": f"curl --request=POST --url={URL} {flags()} --data='{BODY}'",
    "with --json in two pieces": f"curl {URL} {flags()} --json '{BODY[:20]}' --json '{BODY[20:]}'",
    "for cmd.exe": 'curl ^"'
    + URL
    + '^" ^\n  '
    + " ^\n  ".join(f'-H ^"{name}: {value}^"' for name, value in HEADERS.items())
    + ' ^\n  --data-raw ^"'
    + BODY.replace('"', '^\\^"')
    + '^"',
}
ON_WINDOWS = {
    "for cmd.exe by hand": f'C:\\bot>curl "{URL}" ^\n  {flags(QUOTE)} ^\n  -d "{BODY.replace(QUOTE, ESCAPED)}"',
    "for cmd.exe with doubled quotes": f'curl "{URL}" {flags(chr(34))} --data-raw "{BODY.replace(QUOTE, QUOTE * 2)}"',
    "for PowerShell": f"PS C:\\bot> curl.exe -X POST '{URL}' `\n  {flags()} `\n  -d '{BODY.replace(QUOTE, ESCAPED)}'",
    "for PowerShell in one line": f"curl.exe '{URL}' {flags()} -d '{BODY.replace(QUOTE, ESCAPED)}'",
    "for PowerShell in double": f'curl.exe "{URL}" `\n {flags(QUOTE)} `\n -d "{BODY.replace(QUOTE, BACKTICKED)}"',
}


@pytest.mark.parametrize("way", [*POSTED, *ON_WINDOWS])
def test_a_curl_command_is_read_whichever_way_it_is_written(way: str) -> None:
    capture = one({**POSTED, **ON_WINDOWS}[way])

    assert (capture.request.method, capture.request.target) == ("POST", "/api/v5/trade/order")
    assert capture.request.body == ORDER_BODY
    assert okx_headers(capture) == HEADERS
    assert (capture.form, capture.origin) == ("curl", "https://www.okx.com")


@pytest.mark.parametrize(
    ("command", "target", "method"),
    [
        ("curl 'https://www.okx.com/api/v5/account/balance?'", "/api/v5/account/balance?", "GET"),
        ("curl 'https://www.okx.com/api/v5/a?x=1#part'", "/api/v5/a?x=1", "GET"),
        ("curl https://www.okx.com", "/", "GET"),
        ("curl -G https://www.okx.com/api/v5/a -d ccy=BTC -d after=", "/api/v5/a?ccy=BTC&after=", "GET"),
        ("curl --get --data-urlencode 'ccy=BTC,ETH' 'https://www.okx.com/a?b=1'", "/a?b=1&ccy=BTC%2CETH", "GET"),
        ("curl --url-query 'uly=a b' https://www.okx.com/a", "/a?uly=a+b", "GET"),
        ("curl -I https://www.okx.com/a", "/a", "HEAD"),
        ("curl -sSk -m 5 -x http://localhost:3128 -o /dev/null https://www.okx.com/a", "/a", "GET"),
        ("curl -X DELETE www.okx.com/a", "/a", "DELETE"),
        ("curl --request-target /a?b=1 https://www.okx.com/", "/a?b=1", "GET"),
        ("curl -d '' https://www.okx.com/a", "/a", "POST"),
        ("curl -G -d '' https://www.okx.com/a", "/a", "GET"),
        ("curl -U me:pass --preproxy socks5://127.0.0.1:1 https://www.okx.com/a", "/a", "GET"),
    ],
)
def test_the_target_of_a_curl_command_is_kept_to_the_byte(command: str, target: str, method: str) -> None:
    request = one(command).request

    assert (request.target, request.method) == (target, method)


@pytest.mark.parametrize(
    "start",
    [
        *("me@Mac bot % curl", "[me@host bot]$ curl", "(venv) me@host:~$ curl", "PS C:\\bot> curl.exe", "C:\\bot>curl"),
        *(
            "me@host:~/bot$ curl",
            "/usr/bin/curl",
            "sudo curl",
            "time ./bin/curl",
            "LANG=C A=1 curl",
            "# curl",
            "curl.exe",
        ),
    ],
)
def test_a_curl_command_begins_behind_a_prompt_or_another_word(start: str) -> None:
    assert one(f"{start} '{URL}' {flags()}\n").request.target == "/api/v5/trade/order"


def test_requests_joined_by_next_are_read_each() -> None:
    first, second = read(f"curl {URL} -H 'OK-ACCESS-SIGN: x' -d 1 --next https://www.okx.com/a -H 'OK-ACCESS-KEY: y'")

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.request.method, first.request.header("OK-ACCESS-KEY")) == ("POST", None)
    assert (second.request.method, second.request.headers) == ("GET", (("OK-ACCESS-KEY", "y"),))


def test_what_a_shell_or_a_file_would_add_to_a_command_is_said() -> None:
    assert "the shell fills this in" in one(f'curl {URL} -H "OK-ACCESS-SIGN: $SIGN"').notes[0]
    assert "-K" in one(f"curl -K options {URL}").notes[0]
    assert "2 addresses" in one(f"curl {URL} {URL}").notes[0]
    assert one(f"curl {URL} {flags()}").notes == ()
    assert one(f"curl -s {URL} {flags()} > answer.json 2>&1").notes == ()
    assert one(f"curl {URL} {flags()} 2>/dev/null >>log").notes == ()


def test_a_line_break_in_a_body_copied_for_cmd_exe_adds_no_blank() -> None:
    # what browsers write for one: a caret and two newlines
    assert one(f'curl ^"{URL}^" ^\n  --data-raw ^"^{{^\n\n^\\^"a^\\^":1^\n\n^}}^"').request.body == b'{\n"a":1\n}'


def test_a_caret_of_a_passphrase_is_kept() -> None:
    for_bash = f'curl {URL} -H "OK-ACCESS-PASSPHRASE: Ab^c1^"'
    for_cmd = f'curl "{URL}" ^\n -H "OK-ACCESS-PASSPHRASE: Ab^c1" ^\n -H "OK-ACCESS-KEY: k"'

    assert one(for_bash).request.header("OK-ACCESS-PASSPHRASE") == "Ab^c1^"
    assert one(for_cmd).request.header("OK-ACCESS-PASSPHRASE") == "Ab^c1"


@pytest.mark.parametrize("call", ["curl -Uri '{}' -Headers @{{'a'='b'}}", "curl '{}' -Method POST -Body '{{}}'"])
def test_powershells_own_curl_is_not_taken_for_curl(call: str) -> None:
    (found,) = read(call.format(URL))

    assert isinstance(found, Unreadable)
    assert "Invoke-WebRequest" in found.why


@pytest.mark.parametrize("start", ["curl x ^\n ", "curl x `\n ", "curl.exe '{\\\" "])
@pytest.mark.parametrize("end", ['"\\"', "'", '"', '"`"'])
def test_an_open_quote_of_a_command_for_windows_is_said(start: str, end: str) -> None:
    (found,) = read(start + end + " -H OK-ACCESS-PASSPHRASE:\\ my-passphrase")

    assert isinstance(found, Unreadable)
    assert "my-passphrase" not in found.why


def test_the_values_of_a_command_that_cannot_be_read_are_not_repeated() -> None:
    (found,) = read("curl -H OK-ACCESS-PASSPHRASE: my-passphrase")

    assert isinstance(found, Unreadable)
    assert "my-passphrase" not in found.why


def test_data_in_several_pieces_is_joined_as_curl_does_it() -> None:
    assert one(f"curl {URL} -d a=1 --data-raw b=2 --data-urlencode 'c=3 4'").request.body == b"a=1&b=2&c=3+4"


def test_curls_own_content_type_is_that_of_a_form() -> None:
    assert one(f"curl {URL} -d '{BODY}'").request.header("content-type") == "application/x-www-form-urlencoded"
    assert one(f"curl {URL} --json '{BODY}'").request.header("content-type") == "application/json"
    assert one(f"curl {URL} -H 'content-type: text/plain' -d x").request.header("content-type") == "text/plain"


@pytest.mark.parametrize(
    ("quoted", "text"),
    [
        (r"$'a\nb'", "a\nb"),
        (r"$'\u00e9\x41\101'", "éAA"),
        (r"$'\xc3\xa9'", "é"),
        (r"$'\ud83d\ude00'", "😀"),
        (r"$'it\'s'", "it's"),
        (r"$'\\n'", "\\n"),
        (r"$'\xf0\x9f\x98\x80\ud83d\ude00'", "😀😀"),
        ("'a'\"b\"c", "abc"),
        ("'$HOME `id` $(id)'", "$HOME `id` $(id)"),
        ('"$HOME $(touch ran)"', "$HOME $(touch ran)"),
    ],
)
def test_words_are_quoted_as_bash_does_it_and_nothing_is_expanded(quoted: str, text: str) -> None:
    assert one(f"curl {URL} --data-raw {quoted}").request.body == text.encode()


def test_half_a_character_is_the_three_bytes_that_bash_makes_of_it() -> None:
    assert one(rf"curl {URL} -d $'\ud800a\xff'").request.body == b"\xed\xa0\x80a\xff"


@pytest.mark.machine
@needs("bash")
@pytest.mark.parametrize("way", [way for way in POSTED if way != "for cmd.exe"])
def test_bash_splits_a_command_into_the_same_words(way: str) -> None:
    from okx_doctor.forensics.captures.shell import words

    command = POSTED[way].removeprefix("$ ").partition(" | ")[0]
    done = subprocess.run(
        ["bash", "-c", f"curl() {{ printf '%s\\0' curl \"$@\"; }}\n{command}"], capture_output=True, check=True
    )
    assert words(command) == done.stdout.decode().split("\0")[:-1]


def test_a_body_in_a_file_of_the_working_directory_is_read_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_bytes(ORDER_BODY + b"\n")
    bare = one(f"curl {URL} -d @order.json", tmp_path)
    binary = one(f"curl {URL} --data-binary @order.json", tmp_path)

    assert (bare.request.body, binary.request.body) == (ORDER_BODY, ORDER_BODY + b"\n")
    assert bare.notes == ("the body was read from order.json as it is now; it is not shown",)
    assert (bare.body_file, bare.body_read) == ("order.json", True)
    assert one(f"curl {URL} --data-raw @order.json", tmp_path).request.body == b"@order.json"


def test_what_is_percent_encoded_may_come_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes("a b&ü".encode())
    post = "curl https://www.okx.com/a --data-urlencode"

    assert one(f"{post} @value", tmp_path).request.body == b"a+b%26%C3%BC"
    assert one(f"{post} name@value", tmp_path).request.body == b"name=a+b%26%C3%BC"
    assert one(f"{post} =x@y", tmp_path).request.body == b"x%40y"
    assert isinstance(read(f"{post} name@/etc/passwd", tmp_path)[0], Unreadable)


@pytest.mark.parametrize(
    "command",
    ["-G --data-urlencode @value", "-G -d @value", "--url-query name@value", "-G -d a=1 --data-binary @value"],
)
@pytest.mark.parametrize("reading", [True, False])
def test_no_file_comes_to_stand_in_an_address(command: str, reading: bool, tmp_path: Path) -> None:
    (tmp_path / "value").write_text("Zq1-content")
    (found,) = read(f"curl https://www.okx.com/a {command}", tmp_path if reading else None)

    assert isinstance(found, Unreadable)
    assert "takes its query from a file" in found.why and "Zq1" not in found.why


FILES_NAMED = (
    "-d @f",
    "-d@f",
    "-sd @f",
    "--data @f",
    "--data=@f",
    "--data-ascii @f",
    "--data-binary @f",
    "--json @f",
    "--data-urlencode @f",
    "--data-urlencode x@f",
    "-d a=1 -d @f",
    "-H @f",
    "--header @f",
    "-K f",
    "--config f",
    "-b f",
    "--cookie f",
    "-n --netrc-file f",
    "--cacert f -E f --key f",
    "-F x=@f",
    "--form x=<f",
    "-T f",
    "-G -d @f",
    "--url-query @f",
    "-d @/etc/passwd",
    "-d @../f",
    "-d @-",
)


@pytest.mark.parametrize("options", FILES_NAMED)
def test_no_file_is_read_that_a_command_names(options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one is even looked for: neither the reader nor anything below it opens a path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f").write_text("Zq1-content")
    touched: list[str] = []
    watched = ("open", "os.stat", "os.listdir", "os.scandir")
    watching = True
    sys.addaudithook(lambda event, args: touched.append(f"{event} {args}") if watching and event in watched else None)

    (found,) = read(f"curl {URL} {options}")
    watching = False

    assert touched == []
    assert "Zq1" not in str(found)
    if isinstance(found, Capture) and "@f" in options and "-H" not in options and "--header" not in options:
        assert (found.body_file, found.body_read) == ("f", False)
        assert "--read-files" in found.notes[-1]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../outside", "@../outside, outside the working directory; it is not read"),
        ("/etc/passwd", "@/etc/passwd, outside the working directory; it is not read"),
        ("-", "standard input, which is not there any more"),
        ("missing", "@missing, which is no file here"),
        ("link", "@link, outside the working directory; it is not read"),
    ],
)
def test_no_file_outside_the_working_directory_is_read(name: str, why: str, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside").write_text("secret")
    (inside / "link").symlink_to(tmp_path / "outside")
    (found,) = read(f"curl {URL} -d @{name}", inside)

    assert isinstance(found, Unreadable)
    assert found.why == f"takes its body from {why}"


def test_many_commands_in_one_file_are_read_each_and_a_broken_one_stops_none() -> None:
    text = f"# my calls\ncurl {URL} -d '{{}}'\n\nHTTP/2 401\n\ncurl 'open\ncurl https://www.okx.com/b \\\n -G\n"
    text += f"curl {URL} -d"
    first, broken, second, valueless = read(text)

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert second.place == "line 7"
    assert broken == Unreadable(place="line 6, column 6", why="opens a quote that is never closed")
    assert isinstance(valueless, Unreadable)


# HAR


def har(*entries: object) -> str:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "pages": [], "entries": entries}}
    )


def entry(url: str = URL, **post: object) -> dict[str, object]:
    return {
        "startedDateTime": "2026-11-20T10:08:57.800+01:00",
        "request": {
            "method": "POST",
            "url": url,
            "headers": [{"name": name, "value": value} for name, value in HEADERS.items()]
            + [{"name": ":authority", "value": "www.okx.com"}],
            "postData": dict[str, object](mimeType="application/json", text=BODY) | post,
        },
        "response": {
            "status": 401,
            "headers": [{"name": "date", "value": "Fri, 20 Nov 2026 09:08:58 GMT"}],
            "content": {"text": '{"msg":"Invalid Sign","code":"50113"}'},
        },
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_a_har_files_okx_requests_are_read_with_their_answers(indent: int | None) -> None:
    text = json.dumps(json.loads(har(entry("https://example.com/api/v5/x"), entry())), indent=indent)
    text = text.replace("OK-ACCESS", "xx-ACCESS", 4)  # the other site's request is not signed for OKX
    (found,) = read(text)

    assert isinstance(found, Capture)
    assert (found.form, found.place) == ("har", "entry 2")
    assert (found.request.body, okx_headers(found)) == (ORDER_BODY, HEADERS)
    assert found.sent_at == 1795165737.8
    assert found.response is not None
    assert (found.response.status, found.response.code, found.response.date) == (401, "50113", 1795165738.0)


def test_a_bad_entry_of_a_har_file_is_told_by_its_number() -> None:
    text = har(entry(), {"request": {"method": 1}}, entry(encoding="base64", text="***"), entry())
    first, bad, worse, last = read(text)

    assert isinstance(first, Capture)
    assert isinstance(last, Capture)
    assert isinstance(bad, Unreadable)
    assert isinstance(worse, Unreadable)
    assert (bad.place, worse.place, last.place) == ("entry 2", "entry 3", "entry 4")


def test_a_body_that_the_har_file_leaves_out_is_not_taken_for_none() -> None:
    left_out = entry()
    left_out["request"] = {**left_out["request"], "bodySize": 95}  # type: ignore[dict-item]
    del left_out["request"]["postData"]  # type: ignore[attr-defined]
    emptied = entry(text="")
    emptied["request"] = {**emptied["request"], "bodySize": 95}  # type: ignore[dict-item]
    for found in read(har(left_out, emptied)):
        assert isinstance(found, Unreadable)
        assert "95 bytes" in found.why


def test_a_query_that_a_har_file_holds_apart_from_the_address_is_not_taken_for_none() -> None:
    apart, beside = entry(), entry(url=f"{URL}?a=1")
    for made in (apart, beside):
        made["request"] = {**made["request"], "queryString": [{"name": "a", "value": "1"}]}  # type: ignore[dict-item]
    first, second = read(har(apart, beside))

    assert isinstance(first, Unreadable)
    assert "query" in first.why
    assert isinstance(second, Capture)


def test_null_in_a_har_file_is_nothing() -> None:
    text = har(entry(text=None, encoding=None))
    text = text.replace('"headers": [{"name": "date"', '"headers": null, "x": [{"name": "date"')
    text = text.replace('"status": 401', '"status": null').replace(
        '"content": {"text"', '"content": {"text": null, "x"'
    )
    capture = one(text)

    assert capture.request.body == b""
    assert capture.response == Response(status=None, code="", date=None)


def test_a_har_file_that_is_cut_off_gives_what_came_before() -> None:
    text = har(entry(), entry())
    first, cut = read(text[:-200])

    assert isinstance(first, Capture)
    assert isinstance(cut, Unreadable)
    assert "no end" in cut.why


# Raw HTTP


RAW = "POST /api/v5/trade/order HTTP/1.1\r\nHost: www.okx.com\r\n" + "".join(
    f"{name}: {value}\r\n" for name, value in HEADERS.items()
)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("length", [f"Content-Length: {len(BODY)}\r\n", "", "Content-Length: 9999\r\n"])
def test_raw_http_is_read_as_pasted(newline: str, length: str) -> None:
    capture = one((RAW + length + "\r\n" + BODY + "\r\n").replace("\r\n", newline))

    assert (capture.form, capture.origin) == ("http", "https://www.okx.com")
    assert (capture.request.body, okx_headers(capture)) == (ORDER_BODY, HEADERS)


def test_raw_http_in_http_2_spelling_and_with_its_answer() -> None:
    answer = 'HTTP/2 401\ndate: Fri, 20 Nov 2026 09:08:58 GMT\n\n{"msg":"Invalid Sign","code":"50113"}\n\n'
    first, second = read(RAW.replace("HTTP/1.1", "HTTP/2") + "\r\n" + BODY + "\n\n" + answer + RAW + "\r\n" + BODY)

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert first.response is not None
    assert (first.response.code, first.response.date) == ("50113", 1795165738.0)
    assert second.response is None
    assert first.request.body == second.request.body == ORDER_BODY


VERBOSE = (
    "* Connected to www.okx.com (1.2.3.4) port 443\n> GET /api/v5/account/balance?ccy=BTC HTTP/2\n> host: www.okx.com\n"
    + "".join(f"> {name.lower()}: {value}\n" for name, value in HEADERS.items())
    + "> \n{ [5 bytes data]\n< HTTP/2 401 \n< date: Fri, 20 Nov 2026 09:08:58 GMT\n< content-length: 9\n< \n"
    + '{"msg":"Invalid Sign","code":"50113"}\n* Connection #0 to host www.okx.com left intact\n'
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_curl_prints_with_v_is_read(newline: str) -> None:
    capture = one(VERBOSE.replace("\n", newline))

    assert (capture.form, capture.request.target) == ("http", "/api/v5/account/balance?ccy=BTC")
    assert [value for name, value in capture.request.headers if name.startswith("ok-")] == list(HEADERS.values())
    assert capture.response is not None
    assert (capture.response.code, capture.response.date) == ("50113", 1795165738.0)


def test_what_curl_prints_with_v_counts_more_than_the_command_above_it() -> None:
    capture = one('$ curl -v "https://www.okx.com/a" -H "OK-ACCESS-SIGN: $SIGN"\n' + VERBOSE)

    assert capture.request.header("OK-ACCESS-SIGN") == SIGN
    assert capture.response is not None


def test_a_post_is_read_from_its_command_since_curl_prints_no_body() -> None:
    posted = VERBOSE.replace("> GET", "> POST").replace("> host", "> content-length: 95\n> host")

    assert one(POSTED["with --json"] + "\n" + posted).request.body == ORDER_BODY


def test_an_answer_without_a_newline_is_read_out_of_what_curl_prints_behind_it() -> None:
    capture = one(VERBOSE.replace('"50113"}\n', '"50113"}'))

    assert capture.response is not None
    assert capture.response.code == "50113"


def test_curls_progress_meter_is_not_part_of_an_answer() -> None:
    meter = "\r100    37  100    37    0     0  39870      0 --:--:-- --:--:-- --:--:-- 37000\n"
    later = "\r100    37  100    37    0     0     19      0  0:00:01  0:00:01 --:--:--    19\n"
    capture = one(VERBOSE.replace('{"msg"', f'{meter}{later}{{"msg"'))

    assert capture.response is not None
    assert capture.response.code == "50113"


def test_a_body_that_curl_does_not_print_is_not_taken_for_none() -> None:
    (found,) = read(VERBOSE.replace("> host", "> content-length: 95\n> host"))

    assert isinstance(found, Unreadable)
    assert "95 bytes" in found.why


def test_a_line_that_is_no_header_is_told_by_its_place_and_not_repeated() -> None:
    (found,) = read(RAW + "OK-ACCESS-PASSPHRASE my-passphrase\r\n\r\n")

    assert isinstance(found, Unreadable)
    assert "6 below" in found.why
    assert "my-passphrase" not in found.why


@pytest.mark.parametrize("below", ["### the next request", '{"code":"50113"}', "  0     0    0     0"])
def test_what_stands_below_a_get_without_a_length_is_not_its_body(below: str) -> None:
    text = RAW.replace("POST", "GET") + f"\r\n{below}\r\n"

    assert one(text).request.body == b""
    assert one(text.replace("\r\n\r\n", f"\r\nContent-Length: {len(below)}\r\n\r\n")).request.body == below.encode()


def test_the_tunnel_that_a_proxy_is_asked_for_is_no_request() -> None:
    tunnel = (
        "> CONNECT www.okx.com:443 HTTP/1.1\n> Host: www.okx.com:443\n> \n< HTTP/1.1 200 Connection established\n< \n"
    )
    sent = "send: b'CONNECT www.okx.com:443 HTTP/1.0\\r\\n\\r\\n'\n"
    line = "send: b'GET /a HTTP/1.1\\r\\nHost: www.okx.com\\r\\n\\r\\n'\n"

    assert one(tunnel + VERBOSE).request.method == "GET"
    assert one(sent + line).request.target == "/a"
    assert [found.place for found in read(line + sent)] == ["line 1"]


def test_a_method_in_small_letters_begins_a_request_in_the_debug_output_of_requests() -> None:
    lines = [f"send: b'{method} /a HTTP/1.1\\r\\nHost: www.okx.com\\r\\n\\r\\n'\n" for method in ("POST", "get")]
    first, second = read("".join(lines))

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.request.body, second.request.method) == (b"", "get")


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "١", "1e3"])
def test_a_length_that_is_none_is_passed_over(length: str) -> None:
    assert one(RAW + f"Content-Length: {length}\r\n\r\n{BODY}").request.body == ORDER_BODY


def test_a_chunked_body_is_put_together() -> None:
    half = len(BODY) // 2
    parts = (BODY[:half], BODY[half:])
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in parts) + "0\r\n\r\n"
    assert one(RAW + "Transfer-Encoding: chunked\r\n\r\n" + chunks).request.body == ORDER_BODY


def test_duplicate_and_odd_headers_are_kept_as_they_stand() -> None:
    text = "GET /a? HTTP/1.1\nok_access_key: x\nOK-ACCESS-SIGN: 1\nok-access-sign:  2 \n\n"
    request = one(text).request

    assert request.target == "/a?"
    assert request.headers == (("ok_access_key", "x"), ("OK-ACCESS-SIGN", "1"), ("ok-access-sign", "2"))


# JSON


def as_json(**changes: object) -> dict[str, object]:
    return {"method": "POST", "url": URL, "headers": HEADERS, "body": BODY, **changes}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(as_json()),
        json.dumps(as_json(), indent=2),
        json.dumps([as_json()]),
        json.dumps([as_json()], indent=1),
        json.dumps(as_json()) + "\n\n",
        "\ufeff" + json.dumps(as_json()),
        json.dumps(as_json(headers=list(HEADERS.items()))),
        json.dumps(as_json(url="/api/v5/trade/order")),
        json.dumps(as_json(body=None, body_base64="e30=")),
        json.dumps(as_json(received_at="2026-11-20T09:08:58Z", response={"status": 401, "headers": {}, "body": "{}"})),
    ],
)
def test_a_json_capture_is_read_as_an_object_an_array_or_a_line(text: str) -> None:
    capture = one(text)

    assert capture.request.method == "POST"
    assert capture.request.target == "/api/v5/trade/order"
    assert capture.request.body in (ORDER_BODY, b"{}")
    assert okx_headers(capture) == HEADERS


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(1795165738, 1795165738.0), (1795165738000, 1795165738.0), (1e300, None), (-1e18, None)],
)
def test_a_time_of_receipt_that_no_calendar_has_is_none(told: float, seconds: float | None) -> None:
    assert one(json.dumps(as_json(received_at=told))).received_at == seconds


def test_json_lines_are_told_by_their_numbers_and_a_bad_one_stops_none() -> None:
    good = json.dumps(as_json())
    text = "\n".join([good, '{"url": 1}', "", '{"url": "https://www.okx.com/a"', "garbage", good, '{"a": 1}'])
    found = read(text)

    assert [(piece.place, isinstance(piece, Capture)) for piece in found] == [
        ("line 1", True),
        ("line 2", False),
        ("line 4", False),
        ("line 5", False),
        ("line 6", True),
        ("line 7", False),
    ]


def test_a_body_that_is_no_utf8_is_told_by_its_line() -> None:
    bad = json.dumps(as_json()).encode().replace(b"BTC", b"\xff\xfe")
    first, second = read(bad + b"\n" + json.dumps(as_json()).encode())

    assert isinstance(first, Unreadable)
    assert first.place == "line 1"
    assert first.why == f"is not UTF-8: byte {bad.index(bytes([255])) + 1}"
    assert isinstance(second, Capture)


def test_a_line_without_end_is_skipped_without_being_held() -> None:
    good = json.dumps(as_json()).encode()
    first, second, third = read(good + b"\n" + b'{"url":"' + b"x" * (40 * 1024 * 1024) + b'"}\n' + good)

    assert isinstance(first, Capture)
    assert second == Unreadable(place="line 2", why="is too long to be a request")
    assert isinstance(third, Capture)


PIECE = 7


class Trickle(BytesIO):
    """Gives a few bytes at a time, so that nothing ends where a piece of it ends."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or PIECE, PIECE) if size and size > 0 else PIECE)


VALUES = st.recursive(
    st.none() | st.integers() | st.text('ab"\\[]{},: é\n', max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\', max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=5), st.integers(10, 80))
def test_elements_that_are_too_long_are_passed_and_the_others_read(values: list[object], limit: int) -> None:
    found = list(Scanner(Trickle(json.dumps(values).encode()), limit).elements())

    assert len(found) == len(values)
    for raw, value in zip(found, values, strict=True):
        size = len(json.dumps(value))
        if raw is None:
            assert size > limit
        else:
            assert json.loads(raw) == value
            assert isinstance(value, int | None) or size <= limit + PIECE


def test_a_number_without_end_is_no_json_and_is_not_held() -> None:
    endless = b"[" + b"1" * 3_000_000 + b"]"

    def ends() -> str:
        with pytest.raises(Malformed, match="begins a number of more than 65536 bytes") as said:
            list(Scanner(BytesIO(endless)).elements())
        return str(said.value)

    why, memory = peak(ends)
    assert why.startswith("is no JSON: at byte 2 ")
    assert memory < 1_000_000


def test_a_long_text_costs_no_more_memory_than_its_length() -> None:
    size = 1024 * 1024
    texts = ["x" * size, '\\"' * (size // 2)]
    for text in texts:
        for raw in (json.dumps([as_json(body=text)]), har(entry(text=text)), f'curl {URL} -d "{text}"'):
            (found, *_), memory = peak(lambda: read(raw))  # noqa: B023  run at once
            assert isinstance(found, Capture)
            assert memory < 20 * size


def test_a_websocket_login_is_read_as_what_it_signs() -> None:
    arguments = {"apiKey": "k", "passphrase": "p", "timestamp": 1538054050, "sign": "s"}
    capture = one(json.dumps({"op": "login", "args": [arguments]}))

    assert (capture.request.method, capture.request.target) == ("GET", "/users/self/verify")
    assert capture.request.header("OK-ACCESS-TIMESTAMP") == "1538054050"
    assert capture.channel == "websocket"


LOGIN = {"op": "login", "args": [{"apiKey": "k", "passphrase": "p", "timestamp": "1538054050", "sign": "s"}]}


@pytest.mark.parametrize("login", [LOGIN, dict(reversed(LOGIN.items())), {"id": "7", **LOGIN}])
@pytest.mark.parametrize("around", ["> {}", "2026-11-20 INFO sending: {}", "DEBUG > TEXT '{}' [152 bytes]"])
def test_a_websocket_login_is_found_in_a_log(around: str, login: object) -> None:
    refused = '< {"event":"error","msg":"Invalid sign","code":"60007","connId":"a4d3ae55"}'
    text = "\n".join(["connected", around.format(json.dumps(login)), refused, around.format(json.dumps(login))])
    first, second = read(text)

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.form, first.place, second.place) == ("websocket", "line 2", "line 4")
    assert first.request.header("OK-ACCESS-TIMESTAMP") == "1538054050"
    assert first.response is not None
    assert first.response.code == "60007"
    assert second.response is None


# Logs


def test_ccxts_python_verbose_output_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    import ccxt

    exchange = ccxt.okx({"apiKey": API_KEY, "secret": "s3cret", "password": PASSPHRASE, "verbose": True})
    exchange.urls["api"]["rest"] = "http://127.0.0.1:9"
    with pytest.raises(ccxt.NetworkError):
        exchange.private_post_trade_order(json.loads(BODY))
    capture = next(piece for piece in read(capsys.readouterr().out) if isinstance(piece, Capture))

    assert (capture.form, capture.request.method, capture.request.target) == ("ccxt", "POST", "/api/v5/trade/order")
    assert json.loads(capture.request.body) == json.loads(BODY)
    assert capture.request.header("OK-ACCESS-KEY") == API_KEY
    assert capture.request.header("OK-ACCESS-PASSPHRASE") == PASSPHRASE


def ccxt_javascript(method: str, url: str, body: str, colour: str = "{}") -> str:
    """What ccxt 4 prints in Node; ``colour`` is what a terminal gets around each text of an object."""
    headers = "".join(f"  '{name}': {colour.format(repr(value))},\n" for name, value in HEADERS.items())
    return f"fetch Request:\n okx {method} {url} \nRequestHeaders:\n {{\n{headers}}} \nRequestBody:\n {body} \n\n"


def ccxt_javascript_answer(method: str, url: str) -> str:
    return (
        f"handleRestResponse:\n okx {method} {url} 401 Unauthorized \nResponseHeaders:\n"
        "  { Date: 'Fri, 20 Nov 2026 09:08:58 GMT' } \nResponseBody:\n"
        ' {"msg":"Invalid Sign","code":"50113"} \n\ncaught okx {"msg":"Invalid Sign","code":"50113"}\n'
    )


@pytest.mark.parametrize("colour", ["{}", "\x1b[32m{}\x1b[39m"])
def test_ccxts_javascript_verbose_output_is_read(colour: str) -> None:
    first, second = read(
        ccxt_javascript("POST", URL, BODY, colour)
        + ccxt_javascript_answer("POST", URL)
        + ccxt_javascript("GET", GET_URL, "undefined", colour)
        + ccxt_javascript_answer("GET", GET_URL)
    )

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.request.body, okx_headers(first)) == (ORDER_BODY, HEADERS)
    assert (second.request.body, second.request.target) == (b"", "/api/v5/account/balance?ccy=BTC%2CETH&")
    for found in (first, second):
        assert found.response is not None
        assert (found.response.code, found.response.date) == ("50113", 1795165738.0)


def test_an_answer_to_another_request_of_ccxts_is_given_to_none() -> None:
    first, second = read(
        ccxt_javascript("POST", URL, BODY)
        + ccxt_javascript("GET", GET_URL, "undefined")
        + ccxt_javascript_answer("POST", URL)
    )

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.response, second.response) == (None, None)


def test_what_others_log_below_a_request_of_ccxts_is_not_its_body() -> None:
    capture = one(
        f"fetch Request: okx GET {GET_URL} RequestHeaders: {HEADERS!r} RequestBody: None\n"
        'DEBUG:urllib3.connectionpool:https://www.okx.com:443 "GET /api/v5/account/balance HTTP/1.1" 401 None\n'
    )

    assert capture.request.body == b""


def test_the_debug_output_of_requests_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    import http.client
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    import requests

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(401)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        http.client.HTTPConnection.debuglevel = 1
        try:
            url = f"http://127.0.0.1:{server.server_port}/api/v5/trade/order?"
            requests.post(url, data=BODY, headers=HEADERS, timeout=5).close()
        finally:
            http.client.HTTPConnection.debuglevel = 0
    capture = one(capsys.readouterr().out)

    assert (capture.form, capture.request.method) == ("requests", "POST")
    assert (capture.request.body, okx_headers(capture)) == (ORDER_BODY, HEADERS)
    assert (
        capture.request.header(
            "user-agent",
        )
        is not None
    )
    assert capture.response is not None
    assert capture.response.status == 401


@pytest.mark.filterwarnings("ignore:Use 'content")
def test_python_okx_in_debug_mode_is_read() -> None:
    import okx.Trade
    from loguru import logger

    lines: list[str] = []
    logger.remove()
    handle = logger.add(lambda line: lines.append(str(line)), level="DEBUG")
    try:
        client = okx.Trade.TradeAPI(API_KEY, "s3cret", PASSPHRASE, flag="0", domain="http://127.0.0.1:9", debug=True)
        with pytest.raises(Exception, match=r"refused|connect|Connect"):
            client.place_order("BTC-USDT", "cash", "buy", "limit", "2", px="2.15")
        client.close()
    finally:
        logger.remove(handle)
    capture = one("".join(lines))

    assert (capture.form, capture.request.method, capture.request.target) == (
        "python-okx",
        "POST",
        "/api/v5/trade/order",
    )
    assert json.loads(capture.request.body)["instId"] == "BTC-USDT"
    assert capture.request.header("OK-ACCESS-KEY") == API_KEY


def test_httpx_own_log_holds_too_little_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    with caplog.at_level(logging.INFO, logger="httpx"):
        transport = httpx.MockTransport(lambda request: httpx.Response(401))
        with httpx.Client(transport=transport) as client:
            client.get(GET_URL, headers=HEADERS)
    (found,) = read(caplog.text)

    assert isinstance(found, Unreadable)
    assert "event hook" in found.why


# What is no capture


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (bytes(range(256)) * 20, "binary"),
        (gzip.compress(b"curl " * 100, mtime=0), "no form|binary"),
        (b"hello world\n", "no form"),
        (b"[", "no form"),
        (b"[1, 2]", "no capture|no form"),
        (b'{"log": {"entries": [', "cut off|missing"),
        (b'{"log": {"entries": 5}}', "belongs"),
        (b'{"log" 5}', "no JSON"),
        (b'[{"url": "x"} 5]', "belongs|no URL"),
        ("{" * 100_000, "cut off|no JSON|no end"),
    ],
)
def test_what_is_no_capture_is_one_clear_message(raw: bytes | str, why: str) -> None:
    import re

    found = read(raw)

    assert found
    assert all(isinstance(piece, Unreadable) for piece in found)
    assert re.search(why, found[0].why if isinstance(found[0], Unreadable) else ""), found


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_powershell_redirected_into_a_file_is_read(encoding: str) -> None:
    text = "\ufeff" + POSTED["as browsers copy it"] + "\r\n" + "ü€😀" * 50_000 + "\r\n" + POSTED["with --json"]
    first, second = read(text.encode(encoding))

    for found in (first, second):
        assert isinstance(found, Capture)
        assert (found.request.body, okx_headers(found)) == (ORDER_BODY, HEADERS)


@pytest.mark.parametrize(
    ("start", "form"),
    [
        (b"curl https://www.okx.com", "curl"),
        (b"# notes\n$ curl -X POST https://", "curl"),
        (b"GET /api/v5/a HTTP/1.1\r\n", "http"),
        (b'{"log":{"version":"1.2"', "har"),
        (b'\n  [ {"url"', "json"),
        (b'{"op":"login","args":[', "json"),
        (b"2026-11-20 DEBUG fetch Request: okx GET https://", "ccxt"),
        (b"send: b'GET / HTTP/1.1\\r\\n", "requests"),
        (b"[1.2] something else", None),
    ],
)
def test_the_form_is_detected_by_its_look(start: bytes, form: str | None) -> None:
    assert detect(start) == form

"""A curl command, as browsers, Postman and people write it, is read for every shell; nothing of it is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from okx_doctor.forensics.captures.capture import Capture, Unreadable
from tests.forensics.bench import ORDER_BODY, one, read
from tests.forensics.captures.making import AS_BROWSERS_COPY_IT, BODY, HEADERS, URL, WITH_JSON, flags, okx_headers
from tests.needs import needs

QUOTE, ESCAPED, BACKTICKED = '"', '\\"', '\\`"'
POSTED = {
    "as browsers copy it": AS_BROWSERS_COPY_IT,
    "as Postman writes it": f"curl --location --request POST '{URL}' \\\n"
    + " \\\n".join(f"--header '{name}: {value}'" for name, value in HEADERS.items())
    + f" \\\n--data '{BODY}'",
    "in double quotes": f'curl -s -XPOST "{URL}" {flags(chr(34))} -d "{BODY.replace(chr(34), chr(92) + chr(34))}"',
    "with the data attached": f"curl {URL} {flags()} -d'{BODY}'",
    "with ANSI quotes": f"curl {URL} {flags()} --data-binary $'{BODY.replace(chr(34), chr(92) + 'x22')}'",
    "with a prompt and a pipe": f"$ curl {URL} {flags()} --data '{BODY}' | jq .",
    "with --json": WITH_JSON,
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

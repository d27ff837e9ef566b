"""curl command lines as people, browsers and Postman write them. Nothing is run; words are split as a shell would.

Options: https://curl.se/docs/manpage.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote_plus

from msgspec import Struct, field

from okx_doctor.forensics.captures import http_text, windows
from okx_doctor.forensics.captures.capture import (
    PIECE_LIMIT,
    TOO_LONG,
    Capture,
    Malformed,
    Piece,
    Response,
    Unreadable,
    code_of,
    headers_of,
    split_url,
    with_answers,
)
from okx_doctor.forensics.captures.shell import UNCLOSED, open_quote, quote_after, words
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.secret import shows_only

START: Final = re.compile(
    r"[ \t]*+(?:[^\n'\"`<=|;&]{0,80}?(?:[$>%#][ \t]+|>))?(?:(?:sudo|time|exec|command|\w{1,40}+=\S{0,80}+)[ \t]+){0,9}"
    r"(?:[\w.~/-]{0,80}/)?curl(?:\.exe)?(?=\s*(?:$|[\\^`\r\n])|\s[^\n]*(?:[-'\"$\\^`]|://|okx))(?! error \d)",
    re.IGNORECASE,
)
"""A command's beginning, behind a prompt, a variable set for it, or a word that runs it; no sentence about curl."""
_CMDLET: Final = re.compile(r"curl\s+(?:\S+\s+)?-(?:Uri|Headers|Method|Body|UseBasicParsing)\s", re.IGNORECASE)
_ANSWER_LINES: Final = 1000
"""Lines below a command in which its answer is looked for."""
_OF_POWERSHELL: Final = (
    "calls PowerShell's own curl, which is Invoke-WebRequest: copy the request as cURL or HAR instead"
)
_OF_THE_QUERY: Final = "takes its query from a file, which is not read: what stands in the address is always told"
_VARIABLE: Final = re.compile(r"\$\{?[\w:]+\}?|%\w+%|\$\(.*\)|`.*`", re.DOTALL)
_SHORT_WITH_VALUE: Final = "XHdFuAebomxTcCKwEyYrPQzthDU"
_LONG_WITH_VALUE: Final = (
    " request header data data-raw data-binary data-ascii data-urlencode json url url-query user user-agent"
    " referer cookie cookie-jar output form form-string max-time connect-timeout proxy cacert cert key resolve"
    " connect-to retry write-out config interface limit-rate range upload-file ciphers tls-max proto proto-redir"
    " dump-header capath pinnedpubkey retry-delay retry-max-time proxy-user noproxy socks5 socks5-hostname socks4"
    " socks4a unix-socket trace trace-ascii stderr aws-sigv4 oauth2-bearer dns-servers local-port max-redirs"
    " speed-limit speed-time time-cond abstract-unix-socket alt-svc cert-type create-file-mode crlfile curves"
    " delegation dns-interface dns-ipv4-addr dns-ipv6-addr doh-url engine expect100-timeout"
    " happy-eyeballs-timeout-ms hsts keepalive-time key-type max-filesize netrc-file output-dir parallel-max pass"
    " proto-default proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header"
    " proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers"
    " proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy1.0 rate request-target service-name"
    " socks5-gssapi-service tls13-ciphers tlsauthtype tlspassword tlsuser preproxy trace-config variable ech"
    " ip-tos vlan-priority keepalive-cnt sigalgs "
)


@shows_only("method", "notes")
class _Command(Struct):
    """The sum of one command's options."""

    method: str = ""
    target: str = ""
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    data: list[bytes] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    as_query: bool = False
    json: bool = False
    head: bool = False
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read(numbered: Iterable[tuple[int, bytes | None]], directory: Path | None) -> Iterator[Piece]:
    """Every curl command in the lines, with the answer below it, whatever other text is between them.

    A body's file is read from ``directory`` alone, and from nowhere without one: a command that somebody else wrote
    must not choose what is read. Nor is a file read whose content would become part of the address, because the
    address is always shown.
    """
    return with_answers(_messages(numbered, directory))


def _messages(numbered: Iterable[tuple[int, bytes | None]], directory: Path | None) -> Iterator[Piece | Response]:
    below: list[bytes] = []
    for found in _commands(numbered, directory):
        if isinstance(found, bytes):
            below += [found] if len(below) < _ANSWER_LINES else []
            continue
        yield from _answer(below)
        below = []
        yield found
    yield from _answer(below)


def _answer(below: Sequence[bytes]) -> Iterator[Response]:
    """The answer in the lines below a command: its head as ``-i`` or ``-v`` print it, or its body alone."""
    heads = [line.removeprefix(b"< ") for line in below]
    first = next((at for at, line in enumerate(heads) if http_text.STATUS.fullmatch(line)), None)
    if first is not None:
        yield http_text.response([line for line in heads[first:] if line != b"<"])
    elif code := next((code for line in below if (code := code_of(line.strip()))), ""):
        yield Response(code=code)


def _commands(numbered: Iterable[tuple[int, bytes | None]], directory: Path | None) -> Iterator[Piece | bytes]:
    """Each command, and the lines that are of none."""
    held: list[str] = []
    began = size = 0
    quote = ""
    for number, raw in numbered:
        if raw is None or size > PIECE_LIMIT:
            place = number if raw is None else began
            yield Unreadable(place=f"line {place}", why=TOO_LONG)
            held, size = [], 0
            continue
        line = raw.decode("utf-8", "surrogateescape")
        if START.match(line):
            if held:
                yield from _pieces(held, began, directory)
            held, began, size, quote = [], number, 0, ""
        elif not held:
            yield raw
            continue
        held.append(line)
        size += len(line)
        quote = quote_after(line, quote)
        if not quote and not line.rstrip().endswith(("\\", *windows.CONTINUED)):
            yield from _pieces(held, began, directory)
            held, size = [], 0
    if held:
        yield from _pieces(held, began, directory)


def _pieces(held: Sequence[str], began: int, directory: Path | None) -> Sequence[Piece]:
    text = "\n".join(held)
    rewritten = windows.for_bash(text)
    opened = None if rewritten is not None else open_quote(text)
    if opened is not None:
        line = began + text.count("\n", 0, opened)
        column = opened - text.rfind("\n", 0, opened)
        return [Unreadable(place=f"line {line}, column {column}", why=UNCLOSED)]
    command = START.sub("curl ", text if rewritten is None else rewritten, count=1)
    if _CMDLET.match(command):
        return [Unreadable(place=f"line {began}", why=_OF_POWERSHELL)]
    try:
        return [_capture(found, f"line {began}", directory) for found in _requests(words(command))]
    except Malformed as error:
        return [Unreadable(place=f"line {began}", why=str(error))]


def _requests(found: Sequence[str]) -> Iterator[list[str]]:
    """The options of each request: ``--next`` ends one and begins another."""
    held: list[str] = []
    for word in found[1:]:
        if word in ("--next", "-:"):
            yield held
            held = []
        else:
            held.append(word)
    yield held


def _capture(found: Sequence[str], place: str, directory: Path | None) -> Capture:
    command = _Command()
    rest = iter(found)
    for word in rest:
        _option(command, word, rest, directory)
    if not command.urls:
        raise Malformed("has no URL")
    url = next((url for url in command.urls if "://" in url), command.urls[0])
    if len(command.urls) > 1:
        command.notes.append(f"the command has {len(command.urls)} addresses; only one of them is looked at")
    unset = [name for name, value in command.headers if "access" in name.lower() and _VARIABLE.fullmatch(value)]
    if unset:
        command.notes.append(f"{', '.join(unset)}: the shell fills this in; bash -x prints the command as it is sent")
    origin, target = split_url(url)
    body = b"&".join(command.data) if not command.json else b"".join(command.data)
    if command.as_query and command.files:
        raise Malformed(_OF_THE_QUERY)
    if command.as_query and body:
        command.query.append(body.decode("utf-8", "surrogateescape"))
        body = b""
    if command.query:
        target += ("&" if "?" in target else "?") + "&".join(command.query)
    return Capture(
        request=WireRequest(
            method=command.method
            or ("HEAD" if command.head else "POST" if command.data and not command.as_query else "GET"),
            target=command.target or target,
            headers=headers_of(_headers(command, bool(command.data) and not command.as_query)),
            body=body,
        ),
        form="curl",
        place=place,
        origin=origin,
        notes=tuple(command.notes),
        body_file=" and ".join(dict.fromkeys(command.files)),
        body_read=bool(command.files) and directory is not None,
    )


def _headers(command: _Command, has_data: bool) -> list[tuple[str, str]]:
    """The headers given, and the type that curl adds by itself."""
    names = {name.lower() for name, _ in command.headers} | command.removed
    added = []
    if has_data and "content-type" not in names:
        kind = "application/json" if command.json else "application/x-www-form-urlencoded"
        added.append(("Content-Type", kind))
    return [*command.headers, *added]


def _option(command: _Command, word: str, rest: Iterator[str], directory: Path | None) -> None:
    if word.startswith("--") and len(word) > 2:
        name, equals, value = word[2:].partition("=")
        if f" {name} " in _LONG_WITH_VALUE:
            _apply(command, name, value if equals else _next(word, rest), directory)
        elif name in ("get", "head"):
            _apply(command, name, "", directory)
    elif word.startswith("-") and len(word) > 1 and word[1] != "-":
        _short(command, word, rest, directory)
    elif word.strip() and word != "--":
        command.urls.append(word)


_SHORT_NAMES: Final = {
    "X": "request",
    "H": "header",
    "d": "data",
    "A": "user-agent",
    "e": "referer",
    "b": "cookie",
    "G": "get",
    "I": "head",
    "F": "form",
    "K": "config",
    "T": "upload-file",
    "u": "user",
}


def _short(command: _Command, word: str, rest: Iterator[str], directory: Path | None) -> None:
    """Short options, several of them in one word perhaps, the last with its value attached perhaps."""
    for at, letter in enumerate(word[1:], 1):
        if letter in _SHORT_WITH_VALUE:
            value = word[at + 1 :] or _next(word, rest)
            _apply(command, _SHORT_NAMES.get(letter, ""), value, directory)
            return
        _apply(command, _SHORT_NAMES.get(letter, ""), "", directory)


def _next(word: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise Malformed(f"ends with {word}, which wants a value")
    return value


def _apply(command: _Command, name: str, value: str, directory: Path | None) -> None:
    match name:
        case "request":
            command.method = value
        case "request-target":
            command.target = value
        case "url":
            command.urls.append(value)
        case "header":
            _header(command, value)
        case "user-agent" | "referer" | "cookie":
            command.headers.append(({"referer": "Referer", "cookie": "Cookie"}.get(name, "User-Agent"), value))
        case "data" | "data-ascii" | "data-binary" | "json":
            command.json = command.json or name == "json"
            command.data.append(_data(command, value, directory, strip=name in ("data", "data-ascii")))
        case "data-raw":
            command.data.append(value.encode("utf-8", "surrogateescape"))
        case "data-urlencode":
            command.data.append(_urlencoded(command, value, directory).encode())
        case "url-query":
            files = len(command.files)
            command.query.append(_urlencoded(command, value, None))
            if len(command.files) > files:
                raise Malformed(_OF_THE_QUERY)
        case "config":
            command.notes.append("options from a file (-K) are not read")
        case "get":
            command.as_query = True
        case "head":
            command.head = True
        case "form" | "form-string":
            raise Malformed("sends a multipart form, which OKX does not take")
        case "upload-file":
            raise Malformed("uploads a file, which OKX does not take")


def _header(command: _Command, value: str) -> None:
    if value.startswith("@"):
        command.notes.append("headers from a file (-H @file) are not read")
        return
    name, colon, text = value.partition(":")
    if colon and not text.strip():
        command.removed.add(name.lower())
    elif colon:
        command.headers.append((name, text.strip()))
    elif name.endswith(";"):
        command.headers.append((name[:-1], ""))


def _urlencoded(command: _Command, value: str, directory: Path | None) -> str:
    """``content``, ``=content``, ``name=content``, ``@file`` or ``name@file``, its content percent-encoded."""
    name, sign, content = [*re.split("([=@])", value, maxsplit=1), "", ""][:3]
    raw = content.encode("utf-8", "surrogateescape") if sign == "=" else name.encode("utf-8", "surrogateescape")
    if sign == "@":
        raw = _read(command, content, directory)
    return f"{name}={quote_plus(raw)}" if sign and name else quote_plus(raw)


def _data(command: _Command, value: str, directory: Path | None, *, strip: bool) -> bytes:
    if not value.startswith("@"):
        return value.encode("utf-8", "surrogateescape")
    raw = _read(command, value[1:], directory)
    return raw.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"") if strip else raw


def _read(command: _Command, name: str, directory: Path | None) -> bytes:
    """A body's file, if files are read and it lies in the working directory. Raises ``Malformed``."""
    known = visible_name(name)
    command.files.append(known)
    if directory is None:
        command.notes.append(
            f"the body is in {known}, which was not read, so the signature was not checked: --read-files reads it from "
            "the working directory"
        )
        return b""
    command.notes.append(f"the body was read from {known} as it is now; it is not shown")
    return _file(name, directory)


def _file(name: str, directory: Path) -> bytes:
    if name == "-":
        raise Malformed("takes its body from standard input, which is not there any more")
    try:
        inside = directory.resolve()
        path = (inside / name).resolve()
        if not path.is_relative_to(inside):
            raise Malformed(f"takes its body from @{visible_name(name)}, outside the working directory; it is not read")
        if not path.is_file():
            raise Malformed(f"takes its body from @{visible_name(name)}, which is no file here")
        with path.open("rb") as file:
            raw = file.read(PIECE_LIMIT + 1)
    except OSError as error:
        raise Malformed(f"takes its body from @{visible_name(name)}: {error.strerror}") from None
    if len(raw) > PIECE_LIMIT:
        raise Malformed(f"takes its body from @{visible_name(name)}, which is too long")
    return raw

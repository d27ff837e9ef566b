"""Text in which programs print objects: Python's ``repr``, Node's ``util.inspect``, source code, in words or alone.

The lines are put together from a bracket that opens to the one that closes it. A line at the margin that goes on with
none of it begins anew, so that a dump that was cut off takes no other with it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from okx_doctor.forensics.captures import listed, literals, objects, prefixes
from okx_doctor.forensics.captures.capture import Capture, Item, Malformed, Piece, Unreadable, with_answers
from okx_doctor.forensics.captures.literals import Found
from okx_doctor.protocol.scheme import OKX

BLOCK_LIMIT: Final = 4 * 1024 * 1024
"""Characters of one dump. A dump of a request with its socket has some twenty thousand."""
INTERESTING: Final = re.compile(
    rf"{OKX.prefix}|/api/v[1-9]/|['\"]?op['\"]?\s{{0,9}}:\s{{0,9}}['\"](?:login|subscribe)"
    r"|['\"]?event['\"]?\s{0,9}:\s{0,9}['\"](?:login|error)",
    re.IGNORECASE,
)
"""Marks of a dump that is worth reading."""
MARK: Final = re.compile(
    rb"(?i)OK-ACCESS-(?:KEY|SIGN|TIMESTAMP|PASSPHRASE)|['\"]?op['\"]?\s{0,9}:\s{0,9}['\"](?:login|subscribe)|['\"]?apiKey['\"]?\s{0,9}:"
)
"""Marks that give this form away."""
_COLOUR: Final = re.compile(r"\x1b\[[\d;]*+m")
_MARKS: Final = re.compile(
    r"""(?xs) '(?:[^'\\\n]++|\\.)*+' | "(?:[^"\\\n]++|\\.)*+"
    | `(?:[^`\\]++|\\.)*+(?P<ended>`)? | (?P<open>[\[{]|(?<=\w)\()
    | (?P<close>[\]})])"""
)
_OPENS: Final = {")": "(", "]": "[", "}": "{"}
_IN_BACKTICKS: Final = re.compile(r"(?s)(?:[^`\\]++|\\.)*+(?P<ended>`)?")
_GOES_ON: Final = re.compile(r"""\s|[\]})]|['"]?[\w$-]{1,60}['"]?\s{0,3}:(?:\s|$)|['"`]|//""")
_REQUEST: Final = re.compile(
    r"""(?<![\w/])(?P<method>GET|POST|PUT|DELETE|PATCH)['"]?,?\s+(?:to\s+)?['"]?(?P<url>(?:https?://|/api/)[^\s'"<>]+)"""
)
_METHOD: Final = re.compile(r"""(?i)\bmethod\W{1,6}(GET|POST|PUT|DELETE|PATCH)\b""")
_URL: Final = re.compile(
    r"""(?i)(?:\b(?:url|uri|endpoint|path)\W{1,4}?)?((?:https?://[\w.:-]+|(?<=[\s'":=]))/(?:api|priapi)/[^\s'"<>,]*)"""
)
_BODY: Final = re.compile(r"""(?i)^\W{0,3}(?:request[ _]?)?(?:body|data|payload|content)\s{0,3}[:=]\s{0,3}(.*)$""")
_BETWEEN: Final = re.compile(r""",([{\[][^\n]*[}\]]),\[[\w-]{1,40}:\"""")
"""A body between address and headers, as in Spring's RequestEntity."""
_ANSWER: Final = re.compile(r"""['"]?code['"]?\s{0,9}:\s{0,9}['"]?\d{1,5}['"]?\s{0,9}[,}]""")
"""In what OKX answers, and in no request."""
_SHOWN: Final = 4000
_CONTEXT: Final = 4
"""Lines above an object of headers in which the address may be, and below in which the body may be."""
_EMPTY: Final = ("None", "undefined", "null", "''", '""', "b''", "``", "")
_OPENINGS: Final = ("b'", 'b"', "'", '"', "`")


class _Block:
    """The lines of one dump, as they come."""

    def __init__(self, number: int, sent_at: float | None) -> None:
        self.number, self.sent_at = number, sent_at
        self.lines: list[str] = []
        self.size = 0
        self.brackets: list[str] = []
        self.in_backticks = False

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line) + 1
        at = 0
        if self.in_backticks:
            found = _IN_BACKTICKS.match(line)
            if found is None or not found["ended"]:
                return
            self.in_backticks, at = False, found.end()
        for mark in _MARKS.finditer(line, at):
            if mark["open"]:
                self.brackets.append(mark["open"])
            elif mark["close"]:
                self._close(_OPENS[mark["close"]])
            elif mark.group().startswith("`") and not mark["ended"] and self.brackets:
                self.in_backticks = True

    def _close(self, bracket: str) -> None:
        """Take back the last such bracket, with round ones in it that have no end: those may be of a sentence."""
        while self.brackets and self.brackets[-1] != bracket and self.brackets[-1] == "(":
            self.brackets.pop()
        if self.brackets and self.brackets[-1] == bracket:
            self.brackets.pop()

    @property
    def is_open(self) -> bool:
        return bool(self.brackets) or self.in_backticks


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request and login, with its answer where it is right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Item]:
    above: deque[str] = deque(maxlen=_CONTEXT)
    waiting: _Waiting | None = None
    for block in _blocks(numbered):
        text = _text_of(block)
        begins = OKX.prefix.lower() in text.lower()
        if waiting is not None and not begins:
            waiting.below.append(text[:_SHOWN])
        if waiting is not None and (begins or len(waiting.below) == _CONTEXT or _ANSWER.search(text)):
            yield from _finished(waiting.block, above, waiting.below)
            above = deque(waiting.below, maxlen=_CONTEXT)
            waiting = None
            if not begins and not _ANSWER.search(text):
                continue
        if waiting is not None:
            continue
        if begins and _wants_more(block):
            waiting = _Waiting(block)
            continue
        yield from _finished(block, above, ())
        if begins:
            above.clear()
        else:
            above.append(text[:_SHOWN])
    if waiting is not None:
        yield from _finished(waiting.block, above, waiting.below)


class _Waiting:
    """A request that lacks something, and the lines below it, which may have it."""

    def __init__(self, block: _Block) -> None:
        self.block = block
        self.below: list[str] = []


def _blocks(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[_Block]:
    """Each dump, and each other line."""
    block: _Block | None = None
    for number, raw in numbered:
        line = "" if raw is None else _COLOUR.sub("", raw.decode("utf-8", "surrogateescape"))
        at, line = prefixes.moment(line), line[prefixes.length(line) :]
        if block is not None and (block.size > BLOCK_LIMIT or not (block.in_backticks or _GOES_ON.match(line))):
            yield block
            block = None
        block = block or _Block(number, at.timestamp() if at is not None and at.tzinfo else None)
        block.add(line)
        if not block.is_open:
            yield block
            block = None
    if block is not None:
        yield block


def _text_of(block: _Block) -> str:
    return "\n".join(block.lines)


def _finished(block: _Block, above: Sequence[str], below: Sequence[str]) -> Iterator[Item]:
    """The requests of one dump; where it is of headers alone, with what is written above it and below."""
    text = _text_of(block)
    if not INTERESTING.search(text) and not (_ANSWER.search(text) and block.size < _SHOWN):
        return
    place = f"line {block.number}"
    if block.size > BLOCK_LIMIT:
        yield Unreadable(place=place, why="begins an object that is too long to be a request, or has no end")
        return
    try:
        found = literals.read(text)
    except Malformed as error:
        yield Unreadable(place=place, why=str(error))
        return
    pieces = [
        replace(piece, sent_at=block.sent_at) if isinstance(piece, Capture) and piece.channel == "websocket" else piece
        for piece in objects.captures((one.value for one in found), place, FORM)
    ]
    in_words = None if any(map(_is_signed, pieces)) else listed.headers_in(text)
    if len(pieces) == 1 and found and in_words is None:
        yield _with_body(pieces[0], text[found[0].end :], below)
        return
    headers = in_words or (None if pieces else _headers_of(found))
    if headers is None:
        yield from pieces
        return
    yield from _put_together(text, headers, "\n".join((*above, text[: headers.start])), [*below], place)


FORM: Final = "object"


def _is_signed(piece: Item) -> bool:
    return isinstance(piece, Capture) and bool(piece.request.header(OKX.headers.sign))


def _with_body(piece: Item, rest: str, below: Sequence[str]) -> Item:
    """A request that has no body in its object, with the one that is printed behind it."""
    if not isinstance(piece, Capture) or piece.request.body or piece.request.method == "GET":
        return piece
    body = _body(rest) or _body_below(below)
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
    return replace(piece, request=replace(piece.request, body=raw)) if raw else piece


def _body_below(below: Sequence[str]) -> str | bytes:
    """The body in the lines below: the first line that is called so, or the very next one if it looks like one."""
    labelled = next((found[1] for line in below if (found := _BODY.match(line))), None)
    if labelled is not None:
        return _body(labelled)
    return _body(below[0]) if below and not _ANSWER.search(below[0]) else b""


def _wants_more(block: _Block) -> bool:
    """Whether a dump is of headers alone, or of a request that sends something, and has no body."""
    text = _text_of(block)
    try:
        found = literals.read(text) if block.size <= BLOCK_LIMIT else []
    except Malformed:
        return False
    pieces = objects.captures((one.value for one in found), "", FORM)
    if len(pieces) == 1 and isinstance(pieces[0], Capture):
        request = pieces[0].request
        return request.method != "GET" and not request.body and not _body(text[found[0].end :])
    in_words = listed.headers_in(text)
    if in_words is not None:
        return (asked := _METHOD.search(text)) is None or asked[1] != "GET"
    headers = _headers_of(found)
    return not pieces and headers is not None and not text[headers.end :].strip("\n )>,;")


def _headers_of(found: Sequence[Found]) -> Found | None:
    """The object that is a request's headers."""
    held = ((one, objects.headers_in(one.value)) for one in found)
    return next((Found(headers, one.start, one.end) for one, headers in held if headers is not None), None)


def _put_together(text: str, headers: Found, before: str, below: Sequence[str], place: str) -> Iterator[Piece]:
    """Headers, with the address in the words before them, and the body in those behind."""
    asked = [*_REQUEST.finditer(before)]
    urls = [*_URL.finditer(before)] or [*_URL.finditer("\n".join(below))]
    methods = [*_METHOD.finditer(before)]
    url = asked[-1]["url"].partition(",[")[0].rstrip("):,") if asked else urls[-1][1] if urls else ""
    method = asked[-1]["method"] if asked else methods[-1][1].upper() if methods else ""
    if not url:
        yield Unreadable(place=place, why="has the headers of a request, and no address near them: print the URL too")
        return
    between = _BETWEEN.search(text)
    body = between[1] if between else _body(text[headers.end :]) or _body_below(below)
    described: dict[str, literals.Value] = {"url": url.rstrip("'\","), "headers": headers.value, "body": body}
    if method:
        described["method"] = method
    for piece in objects.captures([described], place, FORM):
        if isinstance(piece, Capture | Unreadable):
            yield piece


def _body(rest: str) -> str | bytes:
    """The body in the rest of a line: a literal, or the text itself."""
    text = rest.lstrip(" \t,)>").strip()
    first = text.partition("\n")[0].strip()
    if labelled := _BODY.match(first):
        first = labelled[1].strip()
    if first in _EMPTY:
        return b""
    if first.startswith(_OPENINGS):
        value = literals.string(first)
        return b"" if value is None else value
    return first if first.startswith(("{", "[")) else ""

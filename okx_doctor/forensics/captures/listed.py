"""Headers in words, without quotes around their names: one on each line, or in a map of Go's or a list of
Java's, with the address, the method, the body and the answer on lines of their own around them.

Such text has no rules. A line is taken for what its label says, and for nothing where the label is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct, field

from okx_doctor.forensics.captures import literals, prefixes
from okx_doctor.forensics.captures.capture import (
    Capture,
    Item,
    Malformed,
    Piece,
    Unreadable,
    code_of,
    headers_of,
    response_of,
    split_url,
    with_answers,
)
from okx_doctor.forensics.captures.literals import Found, Value
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import shows_only

FORM: Final = "lines"
MARK: Final = re.compile(
    rb"(?i)(?:^|\n)[ \t*-]{0,8}(?:\[\d{1,3}\] => |\w{0,9}\(\d{1,4}\) \")?"
    rb"OK-ACCESS-(?:KEY|SIGN|TIMESTAMP|PASSPHRASE)[ \t]{0,4}(?:[:=]|\r?\n)"
)
"""A header of OKX's at the beginning of a line."""
SIGNED: Final = re.compile(rb"(?i)(?:^|\n)sign(?:ature)?[ \t]{0,4}[:=][ \t]{0,4}['\"]?[A-Za-z0-9+/_=%-]{20,}")
"""A signature on a line of its own at the margin, where no printed object has it, by the name that programs give it."""

_METHODS: Final = "GET|POST|PUT|DELETE|PATCH"
_REQUEST: Final = re.compile(rf"[^\w'\"]{{0,6}}({_METHODS}) ((?:https?://[^\s/]+)?/\S+)\s*")
_ADDRESS: Final = re.compile(r"\W{0,6}(https?://[^\s/]+/api/\S+?)[\"',;]{0,2}\s*")
"""An address alone on its line."""
_LABELLED: Final = re.compile(
    r"[^\w:'\"]{0,6}(?:\[\d{1,3}\] => |\w{1,9}\(\d{1,4}\) ['\"])?(?P<label>:?[A-Za-z][\w .-]{0,40}?)['\"]?"
    r"[ \t]{0,9}(?:=>|:=|->|[:=：])[ \t]*(?P<value>.*)"
)
_ALONE: Final = re.compile(r"\s{0,8}(?P<label>:?[A-Za-z][\w -]{2,40}?):?\s*")
_ANSWERED: Final = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})\b")
_PREHASH: Final = re.compile(
    rf"['\"]?(?P<timestamp>\d[\dTZ:.+-]{{9,34}}?)(?P<method>{_METHODS})(?P<path>/[^\s{{\[]*)(?P<body>.*)"
)
_STATUS: Final = re.compile(r"(?:HTTP\S* )?(\d{3})\b")
_JSON: Final = ("{", "[")
_BODY_LINES: Final = 10_000
"""Lines that a body may go on over."""
_NOTHING: Final = ("", "None", "null", "nil", "<nil>", "undefined", "''", '""', "b''", "{}")

_LABELS: Final[Mapping[str, str]] = {
    label: part
    for part, labels in {
        "method": ("method", "requestmethod", "httpmethod", "verb"),
        "url": ("url", "uri", "requesturl", "requesturi", "fullurl", "endpoint", "path", "fullpath", "requestpath"),
        "host": ("host", "authority", "baseurl", "domain"),
        "body": (
            *("body", "requestbody", "data", "requestdata", "payload", "postdata", "rawbody", "jsonbody", "bodystr"),
            *("bodystring", "bodyjson", "requestpayload"),
        ),
        "status": ("status", "statuscode", "responsestatus", "responsestatuscode", "httpstatus", "responsecode"),
        "answer": ("response", "responsebody", "responsetext", "result", "answer", "resp", "responsedata"),
        TIMESTAMP_HEADER: ("timestamp", "ts"),
        SIGN_HEADER: ("sign", "signature"),
        KEY_HEADER: ("apikey", "accesskey"),
        PASSPHRASE_HEADER: ("passphrase",),
    }.items()
    for label in labels
}
"""The part that a label names, without case, blanks and signs."""
_UNSHOWN: Final = "***"
_OWN: Final = (KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER)
_INLINE: Final = re.compile(
    r"(?i)(?<![\w'\"-])(?P<name>OK-ACCESS-[A-Z]{3,10}|x-simulated-trading|content-type|user-agent|expTime)"
    r"(?:=>|[:=])[ ]?(?:\[(?P<listed>[^\]\n]{0,512})\]|\"(?P<quoted>[^\"\n]{0,512})\"|(?P<bare>[^\s,\[\]{}()]{1,512}))"
)
"""A header within an object. No value of these is longer, and a longer one would be looked through again and again."""


@shows_only("number", "status", "has_body", "is_answered")
class _Request(Struct):
    """A request as far as it was read. ``labelled`` are its headers under another name than their own;
    ``has_body`` tells that a body was shown, be it an empty one; ``first`` is the label that began it.
    """

    number: int
    method: str = ""
    url: str = ""
    host: str = ""
    body: list[str] = field(default_factory=list)
    has_body: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    labelled: dict[str, str] = field(default_factory=dict)
    first: str = ""
    signed_text: str = ""
    is_answered: bool = False
    status: int | None = None
    answer: str = ""
    answered_at: str = ""

    def take_answer(self, status: int | None = None, text: str = "") -> None:
        """Take the answer or its status. A browser has the status above the headers, so the request may go on."""
        self.status, self.answer = status or self.status, self.answer or text
        self.is_answered = bool(self.value(SIGN_HEADER))

    def value(self, header: str) -> str:
        """A header of OKX's, by its own name or by its label."""
        own = {name.upper(): text for name, text in self.headers.items()}
        return own.get(header) or self.labelled.get(header, "")


def headers_in(text: str) -> Found | None:
    """The headers that a printed object names without quotes, as Go's maps and Java's lists do; ``None`` without."""
    found = [*_INLINE.finditer(text)]
    headers: dict[str, Value] = {each["name"]: each["listed"] or each["quoted"] or each["bare"] or "" for each in found}
    if {SIGN_HEADER, KEY_HEADER}.isdisjoint(name.upper() for name in headers):
        return None
    return Found(headers, found[0].start(), found[-1].end())


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where it is below."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Item]:
    request: _Request | None = None
    unclosed = 0
    label = ""
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        line = line[prefixes.length(line) :].rstrip("\r")
        if unclosed > 0 and request is not None:
            request.body.append(line)
            unclosed = unclosed + _opened(line) if len(request.body) < _BODY_LINES else 0
            continue
        if label and line.strip():
            line, label = f"{label}: {line}", ""
        elif not _LABELLED.fullmatch(line) and (alone := _ALONE.fullmatch(line)) and _part(alone["label"]):
            label = alone["label"]
            continue
        if request is None or _begins_another(request, line):
            if request is not None:
                yield from _finished(request)
            request = _Request(number=number)
        unclosed = _take(request, line)
    if request is not None:
        yield from _finished(request)


def _part(label: str) -> str:
    """The part of a request that a label names: one of ``_LABELS``, a header of OKX's own, or ``""``."""
    plain = label.strip(" :").replace("_", "-")
    if plain.upper().startswith(OKX.prefix):
        return plain.upper()
    return _LABELS.get("".join(filter(str.isalnum, plain)).lower(), "")


def _begins_another(request: _Request, line: str) -> bool:
    """Whether a line is of the next request: one that is signed has all that it says already, and something else."""
    if _REQUEST.fullmatch(line) or _ADDRESS.fullmatch(line):
        return request.is_answered or bool(request.url and request.value(SIGN_HEADER))
    found = _LABELLED.fullmatch(line)
    part = _part(found["label"]) if found else ""
    if found is None or part in ("", "status", "answer"):
        return False
    if request.is_answered or (found["label"] == request.first and request.value(SIGN_HEADER)):
        return True
    value = _plain(found["value"])
    match part:
        case "url":
            return not _fits(request.url, value)
        case "method":
            return bool(request.value(SIGN_HEADER)) and request.method not in ("", value.upper())
        case "host" | "body":
            return False
    return bool(request.value(SIGN_HEADER) and request.value(part)) and request.value(part) != value


def _fits(url: str, other: str) -> bool:
    """Whether two addresses are of one request: the same, or one of them a part of the other."""
    return not url or not other or url in other or other in url or url.startswith("/") != other.startswith("/")


def _take(request: _Request, line: str) -> int:
    """Take what a line says; returns how many brackets of a body go on in the next lines."""
    if answered := _ANSWERED.match(line):
        request.take_answer(status=int(answered[1]))
        return 0
    if asked := _REQUEST.fullmatch(line):
        request.method, request.url = asked[1], asked[2]
        return 0
    if address := _ADDRESS.fullmatch(line):
        request.url = address[1]
        return 0
    found = _LABELLED.fullmatch(line)
    if found is None:
        return _take_body(request, line.strip())
    part, value = _part(found["label"]), _plain(found["value"])
    request.first = request.first or (found["label"] if part else "")
    match part:
        case "method" if value.upper() in _METHODS.split("|"):
            request.method = value.upper()
        case "url":
            request.url = _joined(request.url, value)
        case "host":
            request.host = value
            if found["label"].lower() == "host":
                request.headers["Host"] = value
        case "body":
            return _take_body(request, found["value"].strip(), labelled=True)
        case "status" if status := _STATUS.match(value):
            request.take_answer(status=int(status[1]))
        case "answer":
            request.take_answer(text=found["value"].strip())
        case "" if _PREHASH.fullmatch(value):
            request.signed_text = value
        case "" if request.is_answered and found["label"].lower() == "date":
            request.answered_at = value
        case "" if not request.is_answered and _is_header(found["label"]):
            request.headers[found["label"].strip()] = value
        case _ if part.startswith(OKX.prefix):
            named = found["label"].strip().upper().startswith(OKX.prefix)
            (request.headers if named else request.labelled)[part] = value
    return 0


def _is_header(label: str) -> bool:
    """Whether a label is written as a header's name is."""
    name = label.strip()
    return ("-" in name.strip("-") and " " not in name) or name in ("Accept", "Cookie", "Connection", "expTime")


def _take_body(request: _Request, text: str, *, labelled: bool = False) -> int:
    """Take a body, or an answer without a label; returns how many of its brackets are not closed."""
    if not labelled and not text.startswith(_JSON):
        return 0
    if request.is_answered or (not labelled and code_of(text)):
        request.take_answer(text=text)
        return 0
    if not labelled and (request.has_body or not request.value(SIGN_HEADER)):
        return 0
    request.body, request.has_body = [] if text in _NOTHING else [_body(text)], True
    return _opened(text) if text.startswith(_JSON) else 0


def _body(text: str) -> str:
    """A body as it was sent, out of the quotes that a program prints around it."""
    if not text.startswith(("'", '"', "b'", 'b"', "`")):
        return text
    value = literals.string(text)
    return text if value is None else value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _opened(text: str) -> int:
    """How many more brackets open than close. Those in strings count as well: a body that is cut off has no end."""
    return text.count("{") + text.count("[") - text.count("}") - text.count("]")


def _plain(value: str) -> str:
    """A value without the quotes and the comma that a program prints around it."""
    text = value.strip().rstrip(",;")
    return text[1:-1] if len(text) > 1 and text[0] in "'\"`" and text[-1] == text[0] else text.rstrip("'\"")


def _joined(url: str, other: str) -> str:
    """The address of which one line has the host, and another the path."""
    if other.startswith("/"):
        return other if not url or url.startswith("/") else url if other in url else url.rstrip("/") + other
    return other.rstrip("/") + url if url.startswith("/") and url not in other else other


def _finished(request: _Request) -> Iterator[Item]:
    """The request, and its answer; nothing where it has neither a signature nor a key."""
    if not request.value(SIGN_HEADER) and not request.value(KEY_HEADER):
        return
    place = f"line {request.number}"
    _complete(request)
    try:
        yield _captured(request, place)
    except Malformed as error:
        yield Unreadable(place=place, why=str(error))
        return
    if request.status or request.answer:
        yield response_of(request.status, {"date": request.answered_at}, request.answer)


def _complete(request: _Request) -> None:
    """Fill what the request does not say from the text that it says was signed."""
    signed = _PREHASH.fullmatch(request.signed_text)
    if signed is None:
        return
    request.method = request.method or signed["method"]
    request.url = request.url or signed["path"]
    if not request.value(TIMESTAMP_HEADER):
        request.labelled[TIMESTAMP_HEADER] = signed["timestamp"]
    if not request.has_body:
        request.body, request.has_body = [signed["body"]], True


def _captured(request: _Request, place: str) -> Capture:
    """Raises ``Malformed`` where a part is not shown."""
    if not request.url:
        raise Malformed("has the headers of a request, and no address near them: print the URL too")
    origin, target = split_url(request.url.rstrip("'\","))
    if request.method not in ("", "GET") and not request.has_body:
        raise Malformed(f"is a {request.method} whose body is not shown: print the text that is sent too")
    own = {name.upper() for name in request.headers}
    labelled = [(name, text) for name, text in request.labelled.items() if name not in own]
    notes = [] if request.method else ["the method is taken from whether there is a body"]
    if labelled:  # whoever prints what he signs prints no header: those that he leaves out may well be sent
        labelled += [(name, _UNSHOWN) for name in _OWN if not request.value(name)]
        if any(request.body) and "CONTENT-TYPE" not in own:
            labelled.append(("Content-Type", "application/json"))
            notes.append("Content-Type is not shown, and taken for application/json")
    body = "\n".join(request.body)
    host = f"https://{request.host.removeprefix('https://')}" if request.host else ""
    return Capture(
        request=WireRequest(
            method=request.method or ("POST" if body else "GET"),
            target=target,
            headers=headers_of((*request.headers.items(), *labelled)),
            body=body.encode("utf-8", "surrogateescape"),
        ),
        form=FORM,
        place=place,
        origin=origin or host,
        notes=tuple(notes),
    )

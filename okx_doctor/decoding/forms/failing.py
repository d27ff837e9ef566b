"""Clients that have no answer: each incident of a paste once, by the most telling of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from okx_doctor.decoding.failures import BY_ID, FAILURES
from okx_doctor.decoding.failures.failure import Failure
from okx_doctor.decoding.failures.marks import BY_ERRNO, CURL, CURL_WORDS, PATTERNS
from okx_doctor.decoding.forms.windows import Windows
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Kind, Sighting

_ERRNO: Final = re.compile(
    r"(?:\[(?:Errno|WinError|winerror|Error) |os error |errno: |errno=|SocketException \(|[Ss]ocket [Ee]rror:? |"
    r"WSAError |Os \{ code: |\[Errno |getaddrinfo failed: )(-?\d{1,5})(?!\w)"
)
_CURL: Final = re.compile(r"(?:curl: \(|cURL error |curl_errno[:= ]{1,3}|libcurl error )(\d{1,2})(?!\d)")
_PROXY_STATUS: Final = re.compile(r"\b(407|403|502|503)\b")
_AROUND_PROXY: Final = 160
_NEW_LINE: Final = re.compile(
    r"^\[?(?:\d{4}[-/]\d\d[-/]\d\d|\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d{1,2} \d\d:)", re.MULTILINE
)
"""A line that begins with a time: a log goes on to another event."""
_ONE_INCIDENT: Final = 6_000
"""Characters of one exception with all its causes."""
_QUOTES: Final = ("'", '"')
_CODE_BEFORE: Final = re.compile(r"(?:code|errno|name|syscall)['\"]?\s?[:=]\s?['\"]$")
_PATTERNS: Final = tuple((name, re.compile(line, re.MULTILINE)) for name, line in PATTERNS)
_WIDE: Final = 1
_VAGUE: Final = 2
_EACH: Final = 20
"""Places of one wording that are looked at."""
_RANK: Final = {failure.id: rank for rank, failure in enumerate(FAILURES)}
_PROXY_SPOKEN_OF: Final = re.compile(
    r"(?i)https?_proxy|all_proxy|proxyconnect|proxy(?:Error|_url|ies| )|via proxy|to proxy"
)


class _Place(Struct, frozen=True):
    failure: Failure
    at: int
    weight: int = 0
    """0 says it in words or by a number of the system, 1 by an exit of curl's, which is wider, 2 is vague."""


def connection_failures(paste: Paste, windows: Windows) -> Iterator[Sighting]:
    """Each incident in which a client had no answer, by the most telling of its wordings."""
    for incident in _incidents(windows):
        told = min(incident, key=lambda place: (place.weight, _RANK[place.failure.id], place.at))
        failure = _weighed(told.failure, windows.text, incident)
        first = windows.place(min(place.at for place in incident))
        if not paste.of_another_exchange(windows.place(told.at)):
            yield _sighting(failure, first, told, windows.text)


def _sighting(failure: Failure, at: int, told: _Place, text: str) -> Sighting:
    kind: Kind = "proxy" if failure.side == "proxy" else "no-answer"
    status = None
    if kind == "proxy":
        found = _PROXY_STATUS.search(text, max(0, told.at - 40), told.at + _AROUND_PROXY)
        status = int(found[1]) if found else None
    return Sighting(
        code="",
        channel="edge",
        kind=kind,
        form="proxy error" if kind == "proxy" else "client error",
        at=at,
        http_status=status,
        failure=failure.id,
        vague=told.weight == _VAGUE,
    )


def _weighed(told: Failure, text: str, incident: list[_Place]) -> Failure:
    """TLS that nobody spoke, beside a word of a proxy: the proxy's own address has the wrong scheme."""
    if told.side == "proxy" or told.id == "not TLS":
        names = {place.failure.id for place in incident}
        first = min(place.at for place in incident)
        last = max(place.at for place in incident)
        spoken = _PROXY_SPOKEN_OF.search(text, max(0, first - _AROUND_PROXY), last + _AROUND_PROXY)
        if "not TLS" in names and (told.side == "proxy" or spoken):
            return BY_ID["proxy scheme"]
        if told.id == "proxy" and names & {"name unknown", "name server silent"}:
            return BY_ID["proxy name"]
    return told


def _incidents(windows: Windows) -> Iterator[list[_Place]]:
    """Places that belong to one message: no new line of a log between them, and not far apart."""
    places = sorted(_places(windows.text), key=lambda place: place.at)
    incident: list[_Place] = []
    for place in places:
        if incident and (
            place.at - incident[-1].at > _ONE_INCIDENT or _NEW_LINE.search(windows.text, incident[-1].at, place.at)
        ):
            yield incident
            incident = []
        incident.append(place)
    if incident:
        yield incident


def _places(text: str) -> Iterator[_Place]:
    for failure in FAILURES:
        for weight, phrases in ((0, failure.words), (_VAGUE, failure.vague)):
            for words in phrases:
                yield from (_Place(failure, at, weight) for at in _each(text, words))
    for number, texts in CURL_WORDS.items():
        for words in texts:
            yield from (_Place(BY_ID[CURL[number]], at, _WIDE) for at in _each(text, words))
    for name, line in _PATTERNS:
        yield from (_Place(BY_ID[name], match.start()) for match in islice(line.finditer(text), _EACH))
    for weight, pattern, named in ((0, _ERRNO, BY_ERRNO), (_WIDE, _CURL, CURL)):
        for match in pattern.finditer(text):
            number = int(match[1])
            if number in named:
                yield _Place(BY_ID[named[number]], match.start(), weight)


def _each(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    for _ in range(_EACH):
        if at < 0:
            return
        if not _goes_on(text, at, words) and not _is_listed(text, at, at + len(words)):
            yield at
        at = text.find(words, at + len(words))


def _goes_on(text: str, at: int, words: str) -> bool:
    """Whether the words are the tail of a longer one: ``clarifyTimeoutError`` is an option of a client's."""
    before = text[at - 1 : at] if at and words[0].isalpha() else ""
    return before.isascii() and (before.isalnum() or before == "_")


def _is_listed(text: str, start: int, end: int) -> bool:
    """Whether a word is one of a list in quotes, as clients print the errors that they would retry."""
    quoted = text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES and start > 0
    return (
        quoted and text[end + 1 : end + 2] in (",", "\n", "]", " ") and not _CODE_BEFORE.search(text, start - 16, start)
    )

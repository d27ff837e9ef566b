"""Takes off the text that loggers, containers and services write before each line."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any, BinaryIO, Final

_TIME: Final = (
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?|\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)\]?:?"
)
_LEVEL: Final = r"\[?(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE|debug|info|warn(?:ing)?|error|trace)\]?:?"
_SERVICE: Final = r"(?:\d{1,4}\|)?[\w.@-]{1,90} {1,40}\| ?"
"""Compose's service, Swarm's task on its node, pm2's process."""
_STREAM: Final = r" (?:stdout|stderr) [FP](?= |$)"
"""Kubernetes's."""
_UNIT: Final = (
    rf" (?!(?:{_LEVEL}|fetch|[Rr]equest|[Rr]esponse|[Ss]tatus|[Hh]ttp|HTTP|Remote) )"
    r"(?:[\w.-]{1,60} [\w./@-]{1,60}(?:\[\d{1,10}\])?"
    r"|[\w./@-]{1,60}\[[\w.]{1,60}\]):(?= |$)"
)
"""journald's host and unit, a platform's process."""
_NAMED: Final = (
    r" (?!(?:host|accept|connection|date|server|via|vary|cookie|origin|referer|expect|upgrade|method|url|uri|domain"
    r"|headers?|params|body|data|payload|content|response|request|answer|status(?:code)?|code|send|reply"
    r"|timestamp|ts|sign|signature|prehash|path|request_?path|endpoint|api_?key|passphrase|verb)\b)"
    r"[\w.]{1,60}:(?= )"
)
"""The logger's name, and no word that a line of a request begins with."""
_LOGGER: Final = (
    rf"(?: \| {_LEVEL} {{0,9}}\| \S{{1,80}} -|[ \t](?:- )?(?:{_LEVEL}(?![\w.])(?i:{_NAMED})?"
    r"|[\w.]{1,60}(?= - )|\[[\w.:/-]{1,60}\]|[\w./-]{1,80}\.\w{1,5}:\d{1,6}))"
)
_KLOG: Final = r"[DIWEF]\d{4} \d\d:\d\d:\d\d\.\d{1,9} {1,9}\d{1,9} \S{1,80}:\d{1,6}\] ?"
"""Kubernetes's own programs, and glog's."""
_TIMED: Final = rf"{_TIME}(?:{_STREAM}|{_UNIT})?(?:{_LOGGER}){{0,4}}(?: -|:)?[ \t]?"
_PREFIX: Final = re.compile(
    rf"(?:> )?(?:{_SERVICE})?(?:{_KLOG}|{_TIMED}|{_LEVEL}(?::[\w.]{{1,60}}:|(?i:{_NAMED})| -)? ?)?(?:{_TIMED})?"
)
"""The marks of a quotation, of a container's log and of the program's own logger before a text."""
_MOMENT: Final = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\d*(?:Z|[+-]\d\d:?\d\d)?")
_SHARE: Final = 0.8
_LOOKED_AT: Final = 200


def length(line: str) -> int:
    """How many characters a logger put before a line; 0 where none did."""
    found = _PREFIX.match(line)
    return found.end() if found else 0


def is_everywhere(start: str) -> bool:
    """Whether a text, by its beginning, has a prefix before nearly every line."""
    found = [line for line in start.split("\n")[:_LOOKED_AT] if line.strip()]
    return bool(found) and sum(length(line) > 0 for line in found) >= _SHARE * len(found)


def without(line: bytes) -> bytes:
    """A line without what is before it."""
    text = line.decode("utf-8", "surrogateescape")
    return text[length(text) :].encode("utf-8", "surrogateescape")


class Bare(io.RawIOBase):
    """A file without what is before each of its lines."""

    _CHUNK: Final = 1 << 16

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._begins = True

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._held and (chunk := self._stream.readline(self._CHUNK)):
            self._held = without(chunk) if self._begins else chunk
            self._begins = chunk.endswith(b"\n")
        given = self._held[: len(into)]
        into[: len(given)] = given
        self._held = self._held[len(given) :]
        return len(given)


def moment(line: str) -> datetime | None:
    """The time that a logger wrote at the beginning of a line, with the zone that it wrote, if it did."""
    found = _MOMENT.search(line, 0, 120)
    if found is None or found.start() > 60:
        return None
    try:
        return datetime.fromisoformat(found.group().replace("/", "-").replace(",", "."))
    except ValueError:
        return None

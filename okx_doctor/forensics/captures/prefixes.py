"""Takes off the text that loggers, containers and services write before each line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

_TIME: Final = (
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?|\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)\]?"
)
_LEVEL: Final = r"\[?(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE|debug|info|warn(?:ing)?|error|trace)\]?:?"
_SERVICE: Final = r"(?:\d{1,4}\|)?[\w.-]{1,60} {1,40}\| ?"
"""Compose's service, pm2's process."""
_STREAM: Final = r" (?:stdout|stderr) [FP](?= |$)"
"""Kubernetes's."""
_UNIT: Final = r" [\w.-]{1,60} [\w./@-]{1,60}(?:\[\d{1,10}\])?:"
"""journald's host and unit."""
_LOGGER: Final = (
    rf"(?: \| {_LEVEL} {{0,9}}\| \S{{1,80}} -| (?:- )?(?:{_LEVEL}|[\w.]{{1,60}}(?= - )|\[[\w.:/-]{{1,60}}\]))"
)
_PREFIX: Final = re.compile(
    rf"(?:{_SERVICE})?(?:{_TIME}(?:{_STREAM})?(?:{_UNIT})?(?:{_LOGGER}){{0,4}}(?: -|:)? ?"
    rf"|{_LEVEL}(?::?[\w.]{{1,60}}:| -)? ?)?"
)
_MOMENT: Final = re.compile(r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\d*(?:Z|[+-]\d\d:?\d\d)?")
_SHARE: Final = 0.8
_ENOUGH: Final = 2
_LOOKED_AT: Final = 200


def length(line: str) -> int:
    """How many characters a logger put before a line; 0 where none did."""
    found = _PREFIX.match(line)
    return found.end() if found else 0


def is_everywhere(start: str) -> bool:
    """Whether a text, by its beginning, has a prefix before nearly every line."""
    found = [line for line in start.split("\n")[:_LOOKED_AT] if line.strip()]
    return len(found) >= _ENOUGH and sum(length(line) > 0 for line in found) >= _SHARE * len(found)


def without(numbered: Iterator[tuple[int, bytes | None]]) -> Iterator[tuple[int, bytes | None]]:
    """The lines without what is before each of them."""
    for number, raw in numbered:
        if raw is None:
            yield number, None
        else:
            line = raw.decode("utf-8", "surrogateescape")
            yield number, line[length(line) :].encode("utf-8", "surrogateescape")


def moment(line: str) -> datetime | None:
    """The time that a logger wrote at the beginning of a line, with the zone that it wrote, if it did."""
    found = _MOMENT.search(line, 0, 120)
    if found is None or found.start() > 60:
        return None
    try:
        return datetime.fromisoformat(found.group().replace("/", "-").replace(",", "."))
    except ValueError:
        return None

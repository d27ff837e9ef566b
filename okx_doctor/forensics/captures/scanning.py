"""Reading piece by piece: lines of bounded length, and the elements of a JSON array of any length."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, AnyStr, BinaryIO, Final

from okx_doctor.forensics.captures.capture import PIECE_LIMIT, Malformed

_CHUNK: Final = 1 << 16
_MOST_AT_ONCE: Final = 1 << 23
_SCALAR_LIMIT: Final = 64 * 1024
_ELEMENT_LIMIT: Final = 4 * PIECE_LIMIT  # an entry of a HAR file holds its response too
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{}]', re.DOTALL)
"""Possessive: to be able to go back in a long text, ``re`` would keep eighty bytes for each of it."""
_MARK: Final = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)
_SPACE: Final = re.compile(rb"\s*")
_BEGINS: Final = re.compile(rb"(?<=\n)(?:\{|\[\s*[\[{\]])")
_SCALAR: Final = re.compile(rb"[^\s,:\[\]{}\"]+")


def lines(stream: BinaryIO, limit: int = PIECE_LIMIT) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers, without their ends; ``None`` in place of one that is longer than ``limit`` bytes."""
    number = 0
    while line := stream.readline(limit):
        number += 1
        if len(line) < limit or line.endswith(b"\n"):
            yield number, line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK)
        yield number, None


def messages(found: Iterable[tuple[int, AnyStr, bool]]) -> Iterator[tuple[int, list[AnyStr]]]:
    """Lines put together: each of those that begin a message, with its number, and the lines below it.

    Of a message that is longer than a piece may be, the rest is left out.
    """
    held: list[AnyStr] = []
    began = size = 0
    for number, line, begins in found:
        if begins:
            if held:
                yield began, held
            held, began, size = [line], number, len(line)
        elif held and size < PIECE_LIMIT:
            held.append(line)
            size += len(line) + 1
    if held:
        yield began, held


class AsUtf8(io.RawIOBase):
    """A file in UTF-16, which PowerShell makes of redirected output, as bytes of UTF-8."""

    _BYTES_OF_ONE: Final = 4

    def __init__(self, stream: BinaryIO) -> None:
        self._text = io.TextIOWrapper(stream, "utf-16", errors="replace", newline="")

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        raw = self._text.read(len(into) // self._BYTES_OF_ONE).encode("utf-8", "replace")
        into[: len(raw)] = raw
        return len(raw)


class Scanner:
    """Walks a JSON document without holding it: one value at a time, as bytes.

    Every method raises ``Malformed`` with the byte at which the document stops being JSON.
    """

    def __init__(self, stream: BinaryIO, limit: int = _ELEMENT_LIMIT) -> None:
        self._stream, self._limit = stream, limit
        self._buffer = b""
        self._at = 0
        self._before = 0
        self._ended = False

    @property
    def offset(self) -> int:
        """The number of the next byte, from 1."""
        return self._before + self._at + 1

    def peek(self) -> bytes:
        """The next byte that is not blank; ``b""`` at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def take(self, sign: bytes) -> bool:
        """Whether the next byte is this one, which is then passed."""
        if self.peek() == sign:
            self._at += 1
            return True
        return False

    def expect(self, sign: bytes) -> None:
        """Pass this byte."""
        if not self.take(sign):
            found = self.peek()
            said = f"{found.decode('latin-1')!r}" if found else "the end"
            raise Malformed(f"is no JSON: at byte {self.offset} stands {said} where {sign.decode()!r} belongs")

    def value(self) -> bytes | None:
        """The bytes of the next value; ``None`` for one that is too long, which is passed without being held."""
        first = self.peek()
        end = self._end_of_value() if first in (b"{", b"[", b'"') else self._end_of_scalar()
        if end is None:
            return None
        raw = self._buffer[self._at : end]
        self._at = end
        return raw

    def elements(self) -> Iterator[bytes | None]:
        """The values of an array, as ``value`` gives them."""
        self.expect(b"[")
        if self.take(b"]"):
            return
        while True:
            yield self.value()
            if self.take(b"]"):
                return
            self.expect(b",")

    def words(self) -> str:
        """Text up to the next line that begins an object or a list, or to the end; of a long one the beginning."""
        said = b""
        while True:
            found = _BEGINS.search(self._buffer, self._at)
            end = found.start() if found else max(self._at, len(self._buffer) - 1)  # which may be a line's end
            said += self._buffer[self._at : end][: max(0, _SCALAR_LIMIT - len(said))]
            self._at = end
            if found or not self._more():
                said += b"" if found else self._buffer[self._at :]
                self._at = end if found else len(self._buffer)
                return said.decode("utf-8", "replace")

    def _end_of_scalar(self) -> int:
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            if found and (found.end() < len(self._buffer) or self._ended):
                return found.end()
            if len(self._buffer) - self._at > _SCALAR_LIMIT:
                raise Malformed(f"is no JSON: at byte {self.offset} begins a number of more than {_SCALAR_LIMIT} bytes")
            if not self._more():
                if found:
                    return found.end()
                raise Malformed(f"is no JSON: at byte {self.offset} a value is missing")

    def _end_of_value(self) -> int | None:
        began = self.offset
        depth = 0
        scanned = 0  # relative to _at, which stays while the buffer grows
        while True:
            for found in _TOKEN.finditer(self._buffer, self._at + scanned):
                token = found.group()
                if token == b'"':
                    scanned = found.start() - self._at
                    break
                depth += (token in (b"{", b"[")) - (token in (b"}", b"]"))
                scanned = found.end() - self._at
                if depth <= 0:
                    return found.end()
            if len(self._buffer) - self._at > self._limit:
                self._at += scanned
                self._pass(depth, began)
                return None
            if not self._more():
                raise _cut_off(began)

    def _pass(self, depth: int, began: int) -> None:
        """Go behind a value that is ``depth`` brackets deep here, keeping nothing of it."""
        quoted = False
        while True:
            passed = self._at
            for found in _MARK.finditer(self._buffer, self._at):
                sign, passed = found.group(), found.end()
                if sign == b'"':
                    quoted = not quoted
                elif not quoted:
                    depth += (sign in (b"{", b"[")) - (sign in (b"}", b"]"))
                if depth <= 0 and not quoted:
                    self._at = passed
                    return
            halved = self._buffer.endswith(b"\\") and passed < len(self._buffer)
            self._at = len(self._buffer) - halved
            if not self._more():
                raise _cut_off(began)

    def _more(self) -> bool:
        size = min(max(_CHUNK, len(self._buffer) - self._at), _MOST_AT_ONCE)
        chunk = self._stream.read(size)
        self._ended = not chunk
        self._buffer = self._buffer[self._at :] + chunk
        self._before += self._at
        self._at = 0
        return bool(chunk)


def _cut_off(began: int) -> Malformed:
    return Malformed(f"is cut off: the value that begins at byte {began} has no end")

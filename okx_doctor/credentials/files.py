"""Opens a file that may hold credentials: bounded, regular files only, and text that is UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class UnusableFile(Exception):
    """A file that cannot be read as what it is named for; the text says what, where and what to do."""


def is_folder(path: Path) -> bool:
    """Whether it is one, or a link to one. Of a name that no file can have: no, where ``Path.is_dir`` raises."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def read_text(path: Path, what: str, limit: int, *, keep_mark: bool = False) -> str:
    """The text of a file. ``what`` is what it is for people (``env file``), ``limit`` its greatest size in bytes.

    Raises ``UnusableFile`` for one that is missing, unreadable, no regular file, too large, binary, or UTF-16. Waits
    for nothing: a FIFO is refused, not read.
    """
    label = str(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file can be called so"
        raise UnusableFile(f"cannot read the {what} {label}: {why}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise UnusableFile(f"the {what} {label} is {kind}; name a text file")
        if status.st_size > limit:
            raise UnusableFile(f"the {what} {label} has {status.st_size} bytes; okx-doctor reads at most {limit}")
        raw = os.read(descriptor, limit)
    except OSError as error:
        raise UnusableFile(f"cannot read the {what} {label}: {error.strerror}") from None
    finally:
        os.close(descriptor)
    return decode(raw, f"the {what} {label}", keep_mark=keep_mark)


def decode(raw: bytes, named: str, *, keep_mark: bool = False) -> str:
    """UTF-8 text, its byte order mark left out unless asked for. Raises ``UnusableFile`` that begins with ``named``."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(raw) > 3 and b"\0\0" in (raw[1:4:2], raw[0:4:2])):
        raise UnusableFile(
            f"{named} is UTF-16 (PowerShell's > writes that); rewrite it as UTF-8 without BOM, with iconv -f UTF-16 "
            "-t UTF-8 or PowerShell's Set-Content -Encoding utf8NoBOM"
        )
    if raw.startswith(b"bplist00"):
        raise UnusableFile(
            f"{named} is a property list in binary form; run plutil -convert xml1 -o - FILE | okx-doctor check "
            "--credentials -"
        )
    if b"\0" in raw:
        raise UnusableFile(f"{named} is binary; name a text file")
    try:
        return raw.decode("utf-8" if keep_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFile(
            f"{named} is not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}; save it as UTF-8"
        ) from None

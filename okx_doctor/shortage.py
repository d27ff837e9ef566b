"""Recognises errors of a machine that has run out of something: neither the input nor this program is at fault."""

from __future__ import annotations

import errno
from typing import Final

_BY_NUMBER: Final = {
    errno.EMFILE: "this process may open no further file; raise its limit (ulimit -n)",
    errno.ENFILE: "this machine can open no further file; end some programs",
    errno.ENOMEM: "this machine has no memory left for it; end some programs",
    errno.ENOSPC: "the disk is full; make room on it",
    errno.ENOBUFS: "this machine has no memory left for another connection; end some programs",
    getattr(errno, "EDQUOT", errno.ENOSPC): "the quota of disk space is used up; make room",
}
_NO_MEMORY: Final = _BY_NUMBER[errno.ENOMEM]
_NO_THREAD: Final = "this machine lets it start no further thread; end some programs, or raise the limit (ulimit -u)"


def shortage(error: BaseException) -> str:
    """Say in one line what is short and what to do; empty where the error is about something else.

    The errors that led to it are looked at as well: libraries wrap what they meet.
    """
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        if said := _describe(link):
            return said
        link = link.__cause__ or link.__context__
    return ""


def _describe(error: BaseException) -> str:
    match error:
        case MemoryError():
            return _NO_MEMORY
        case OSError(errno=int() as number):
            return _BY_NUMBER.get(number, "")
        case RuntimeError() if str(error) == "can't start new thread":
            return _NO_THREAD
        case _:
            return ""

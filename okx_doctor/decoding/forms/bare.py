"""A paste of numbers alone: ``50113``, ``51008_1000``, ``403``, ``[50113, 50105]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.numbers import CLOUDFLARE, STATUSES, is_retired
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Channel, Sighting
from okx_doctor.protocol.codes import find

_LONGEST: Final = 2_000
_NUMBERS: Final = re.compile(r"(?:[\s,;#'\"()\[\]]{0,8}\d{1,5}(?:_\d{4})?\b){1,200}[\s,;.!?'\"()\[\]]{0,8}")
_NUMBER: Final = re.compile(r"\d{1,5}(?:_\d{4})?")


def bare_numbers(paste: Paste) -> Iterator[Sighting]:
    """Each number of a paste that holds nothing else, by the first table that knows it.

    OKX's codes come first, so 1009 is its close code and not Cloudflare's. Five digits that no table knows are
    taken for a code all the same: who types them has them from an answer.
    """
    if len(paste.text) > _LONGEST or not _NUMBERS.fullmatch(paste.text):
        return
    for found in _NUMBER.finditer(paste.text):
        code, at = found.group(), found.start()
        row = find(code)
        if row is not None:
            yield Sighting(code=code, channel=row.channel, kind="code", form="bare code", at=at)
        elif is_retired(code) or (len(code) == 5 and code[0] in "56"):
            channel: Channel = "websocket" if code[0] == "6" else "rest"
            yield Sighting(code=code, channel=channel, kind="code", form="bare code", at=at)
        elif code in CLOUDFLARE:
            yield Sighting(code=code, channel="edge", kind="code", form="bare code", at=at)
        elif int(code) in STATUSES:
            yield Sighting(channel="rest", kind="status", form="bare status", at=at, http_status=int(code))

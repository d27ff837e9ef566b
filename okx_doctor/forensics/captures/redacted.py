"""Values that were hidden in a capture before it was shared: a mask is not what the client sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER

_RUN: Final = r"(?:\*{2,}|\.{3,}|\u2026+|\u2022{2,}|\u25cf{2,}|\u2588{2,}|[xX]{2,}|#{3,}|_{3,}|-{3,}|\?{3,})"
_WORD: Final = (
    r"(?:redacted|removed|hidden|masked|secret|secure|filtered|censored|omitted|stripped|sanitized|sanitised|obfuscated"
    r"|private|deleted|snip|snipped|scrubbed|confidential)"
)
_BARE_WORDS: Final = ("REDACTED", "REMOVED", "HIDDEN", "MASKED", "FILTERED")
_MASK: Final = re.compile(
    rf"{_RUN}|[xX*.\u2026\u2022-]{{3,}}"
    rf"|[\[<({{*_\s]{{1,4}}{_WORD}(?:[ _:-][\w ]{{1,30}})?[\]>)}}*_\s]{{1,4}}"
    rf"|(?-i:{'|'.join(_BARE_WORDS)})"
    rf"|[A-Za-z0-9+/=-]{{1,12}}(?:\*{{3,}}|\.{{3,}}|\u2026|\u2022{{3,}}|[xX]{{5,}})[A-Za-z0-9+/=-]{{0,12}}"
    r"|(?:\*{3,}|\.{3,}|\u2026|\u2022{3,}|[xX]{5,})[A-Za-z0-9+/=-]{1,12}"
    r"|(?=.*(?:\*\*|xxx|##|\u2022))[0-9a-f*x#\u2022]{1,20}(?:-[0-9a-f*x#\u2022]{1,20}){2,5}",
    re.IGNORECASE,
)
_LONGEST: Final = 120
_SIGNS: Final = re.compile(r"[*\u2026\u2022\u25cf\u2588#_?\[<({\s]")
_RUNS: Final = re.compile(r"[xX.-][xX.-]")
"""Every mask holds one of these signs or runs, or is one of these words: most values have none of them."""
_MASKABLE: Final = (KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER)
_LOWER: Final = tuple(name.lower() for name in _MASKABLE)


def is_mask(value: str) -> bool:
    """Whether a value is a mask: a run of one sign, a word like redacted in brackets, a beginning or end with dots."""
    return 0 < len(value) <= _LONGEST and _MASK.fullmatch(value.strip()) is not None


def _hint(values: Sequence[str]) -> bool:
    """Whether one of these values may be a mask, all looked at together."""
    text = ",".join(values)
    return bool(_SIGNS.search(text) or _RUNS.search(text)) or any(word in values for word in _BARE_WORDS)


def marked(capture: Capture) -> Capture:
    """The capture with the names of its masked headers, and a note on them."""
    sent = [capture.request.first.get(name, "") for name in _LOWER]
    found = tuple(name for name, value in zip(_MASKABLE, sent, strict=True) if is_mask(value)) if _hint(sent) else ()
    if not found:
        return capture
    is_checked = SIGN_HEADER not in found and TIMESTAMP_HEADER not in found
    said = f"masked in this capture, so not judged: {', '.join(found)}"
    if not is_checked:
        needed = " and ".join(name for name in (SIGN_HEADER, TIMESTAMP_HEADER) if name in found)
        said += (
            f". Leave {needed} as sent: a signature is no secret, it tells nothing of the secret key and is worth "
            "nothing after 30 seconds"
        )
    return replace(capture, masked=frozenset(name.lower() for name in found), notes=(*capture.notes, said))

"""The last resort: OKX's wording without a code. Wordings differ and change, so a code always decides."""

from __future__ import annotations

from collections.abc import Iterator

from okx_doctor.decoding.knowledge import wordings
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.answers import caller_ip
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.steps import refuses


def known_wordings(paste: Paste) -> Iterator[Sighting]:
    """Every wording, documented or seen on the wire, of a code that is about the way through OKX's gate."""
    if not paste.about_okx:
        return
    text = paste.text.lower()
    for words, code in wordings():
        at = text.find(words)
        if at < 0 or paste.of_another_exchange(at):
            continue
        row = find(code)
        yield Sighting(
            code=code,
            channel=row.channel if row else "rest",
            kind="code",
            form="wording",
            at=at,
            by_text=True,
            caller_ip=_address(paste.text, at) if refuses(code, "ip-allowed") else "",
        )


def _address(text: str, at: int) -> str:
    """The address right before the wording of a 50110."""
    return caller_ip(text[max(0, at - 48) : at])

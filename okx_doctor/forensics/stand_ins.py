"""Stand-ins for credentials in a recording: all that can still be judged of them, and nothing of their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Piece
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.secrets.secret import Secret

SAME: Final = "[same]"
OTHER_CASE: Final = "[other case]"
TRIMMED: Final = "[trimmed]"
DIFFERENT: Final = "[different]"

UNKNOWN: Final = "Rec0rded+Value"
"""Stands for a passphrase whose text is not known: nothing is wrong with its look."""

_A_KEY: Final = "00000000-0000-4000-8000-000000000000"
_ANOTHER_KEY: Final = "00000000-0000-4000-8000-000000000001"


def stand_in(sent: str, known: Secret) -> str:
    """The stand-in recorded for ``sent``, where ``known`` is the value it should be; ``""`` for an empty value."""
    given = Secret(sent)
    if not given:
        return sent
    if given == known:
        return SAME
    if given.changed(str.casefold) == known.changed(str.casefold):
        return OTHER_CASE
    return TRIMMED if given == known.changed(str.strip) else DIFFERENT


def resolved(capture: Capture, keys: Keys | None) -> Capture:
    """A capture with every stand-in replaced by a value that gives the same verdict."""
    if not any(value.startswith("[") for _, value in capture.request.headers):
        return capture
    key = _values(keys.api_key if keys else Secret(_A_KEY), _ANOTHER_KEY)
    passphrase = _values(keys.passphrase if keys else Secret(UNKNOWN), UNKNOWN)
    headers = tuple(
        (name, {KEY_HEADER.lower(): key, PASSPHRASE_HEADER.lower(): passphrase}.get(name.lower(), {}).get(value, value))
        for name, value in capture.request.headers
    )
    return replace(capture, request=replace(capture.request, headers=headers))


def all_resolved(pieces: Iterable[Piece], keys: Keys | None) -> Iterator[Piece]:
    """The pieces of a capture that may be a recording."""
    return (resolved(piece, keys) if isinstance(piece, Capture) else piece for piece in pieces)


def _values(known: Secret, another: str) -> dict[str, str]:
    loaded = known.reveal()
    return {SAME: loaded, OTHER_CASE: loaded.swapcase(), TRIMMED: loaded.strip(), DIFFERENT: another}

"""The four headers of a signed request: missing, empty, misspelt, twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible, quoted, stated
from okx_doctor.protocol import scheme
from okx_doctor.protocol.documented import is_public
from okx_doctor.protocol.signing import DEMO_HEADER, KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from okx_doctor.protocol.steps import STEPS

REQUIRED: Final = scheme.OKX.headers
_LOWER: Final = tuple(name.lower() for name in REQUIRED)
_STEPS: Final = {step.header: step for step in STEPS if step.header}
_MOST_EDITS: Final = 3
_LONGEST: Final = 64
_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    KEY_HEADER: ("api-key", "apikey", "x-mbx-apikey", "x-bapi-api-key"),
    SIGN_HEADER: ("sign", "signature", "x-bapi-sign", "api-signature", "ok-access-signature"),
    TIMESTAMP_HEADER: ("timestamp", "x-bapi-timestamp"),
    PASSPHRASE_HEADER: ("passphrase", "password", "ok-access-password", "ok-access-pass"),
}
_MEANT: Final[Mapping[str, frozenset[str]]] = {
    names[0]: frozenset((*(name.lower() for name in names), *_OTHERS[names[0]])) for names in scheme.spellings()
}
"""For each required header the names, in lower case, under which other programs send it."""


def is_signed(capture: Capture) -> bool:
    """Whether any of the four headers is there, under its name or one like it."""
    names = capture.request.names
    if not names.isdisjoint(_LOWER):
        return True
    return any(_like(required, [name]) for required in REQUIRED for name in names)


def must_be_signed(capture: Capture) -> bool:
    """Whether this is a call of the API, which a browser's other traffic is not, and none that OKX serves to all."""
    path = capture.request.path
    return capture.channel == "websocket" or (path.startswith("/api/") and not is_public(path))


def is_refused_unsigned(capture: Capture) -> bool:
    """Whether OKX answered that a header is missing: the path wants a signature then, whatever is documented of it."""
    code = capture.response.code if capture.response else ""
    return any(code in step.codes for step in _STEPS.values())


def by_name(capture: Capture) -> Mapping[str, Sequence[str]]:
    """The values of each header, its name in lower case."""
    values: dict[str, list[str]] = {}
    for name, value in capture.request.headers:
        values.setdefault(name.lower(), []).append(value)
    return values


def findings(capture: Capture, values: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Causes about the four headers and the demo header."""
    for required, lower in zip(REQUIRED, _LOWER, strict=True):
        found = values.get(lower)
        if found is None:
            yield from _absent(required, capture, [name for name, _ in capture.request.headers])
        elif not any(found):
            yield _missing(f"{_said(required, capture)} is empty", required, capture)
        if found and len(found) > 1:
            yield _twice(required, found, capture)
    yield from _demo(values)


def _said(required: str, capture: Capture) -> str:
    """A header's name, or that of the field of a WebSocket login which stands for it."""
    if capture.channel == "rest":
        return f"the header {required}"
    return f"the login's {scheme.LOGIN.fields[REQUIRED.index(required)]}"


def _absent(required: str, capture: Capture, names: Sequence[str]) -> Iterator[Finding]:
    near = _like(required, [name for name in names if name.lower() not in _LOWER])
    if near:
        owners = scheme.owners(near)
        whose = f", {scheme.named(owners)} header," if owners else ""
        yield likely("header-misspelt", f"the request has {near!r}{whose} and no {required}", about=required)
    else:
        yield _missing(
            f"the request has no {required}" if capture.channel == "rest" else f"{_said(required, capture)} is missing",
            required,
            capture,
        )


def _missing(because: str, required: str, capture: Capture) -> Finding:
    code = capture.response.code if capture.response else ""
    if code in _STEPS[required].codes:
        return stated("header-missing", because, f"OKX answered {code}", about=required)
    return likely("header-missing", because, about=required)


def _twice(required: str, found: Sequence[str], capture: Capture) -> Finding:
    differ = len(set(found)) > 1
    because = f"{required} comes {len(found)} times, {'with different values' if differ else 'each time the same'}"
    refused = capture.response is not None and capture.response.code not in ("", "0")
    return (likely if differ and refused else possible)("header-duplicated", because)


def _demo(values: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    found = values.get(DEMO_HEADER)
    if found is None:
        near = next((name for name in values if _is_like_demo(name)), "")
        if near:
            yield possible("wrong-environment", f"the request has {near!r} and no {DEMO_HEADER}: it counts as live")
    elif found[0] not in ("0", "1", ""):
        yield possible("wrong-environment", f"{DEMO_HEADER} is {quoted(found[0], 20)}, and only 1 means demo trading")


@lru_cache(maxsize=512)
def _is_like_demo(name: str) -> bool:
    if len(name) > _LONGEST or abs(len(name) - len(DEMO_HEADER)) > _MOST_EDITS:
        return name.startswith("x-simulat")
    return name.startswith("x-simulat") or _edits(name, DEMO_HEADER) <= _MOST_EDITS


def _like(required: str, names: Sequence[str]) -> str:
    """The name among these that was meant to be the required one."""
    wanted = required.lower()
    for name in names:
        plain = name.lower().strip("\"': ").replace("_", "-")
        if plain in _MEANT[required]:
            return name
        if abs(len(plain) - len(wanted)) <= _MOST_EDITS and _nearest(plain) == required:
            return name
    return ""


def _nearest(name: str) -> str:
    """The required header whose name takes the fewest edits; ``""`` where that is more than a slip."""
    edits, required = min((_edits(name, required.lower()), required) for required in REQUIRED)
    return required if edits <= _MOST_EDITS and name.startswith(("ok", "x-ok", "access", "o-", "k-")) else ""


def _edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, wanted in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (char != wanted))
    return row[-1]

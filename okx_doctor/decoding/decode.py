"""Sightings in, decoded answers out: meaning, causes with their share in public reports, what is ruled out. Pure.

A decoded answer convicts nothing: the paste is somebody's word, so a cause is at best ``likely``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from okx_doctor.catalogue.causes import entry
from okx_doctor.decoding import knowledge
from okx_doctor.decoding.knowledge import Knowledge
from okx_doctor.decoding.numbers import is_retired
from okx_doctor.decoding.sighting import Channel, Sighting
from okx_doctor.decoding.sightings import find_sightings
from okx_doctor.model import Confidence, RuledOut
from okx_doctor.protocol.codes import REST_TWIN, Code, all_codes, find, without_values
from okx_doctor.protocol.outcome import GATE_CODES, SITE_PROVED, is_past_authentication

SCHEMA: Final = "okx-doctor/decoding/1"

_ASSUMED: Final = "OKX seems to check this earlier (assumed: it publishes no order)"
_PROVED: Final = "only a host that knows the key answers so"
_SHAPED: Final = "a key without the form of one gets {code}"
_BEHIND: Final = "a signed call gets this answer only past authentication (assumed: OKX publishes no order)"
_REACHED: Final = "OKX itself answered"
_KEY_CAUSES: Final = ("api-key-malformed", "wrong-site", "api-key-unknown")
_WAY_CAUSES: Final = ("dns-failure", "tls-untrusted", "proxy-failure", "blocked-by-edge")
_BY_TEXT: Final = "Read from the wording alone, since no code stands with it; the code would decide. "


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleCause:
    """A cause and how often it stood behind this code: ``reports`` of ``out_of`` public ones.

    ``out_of`` is 0 where there is no public report of this code.
    """

    id: str
    confidence: Literal[Confidence.LIKELY, Confidence.POSSIBLE]
    reports: int
    out_of: int

    @property
    def title(self) -> str:
        return entry(self.id).title

    @property
    def share(self) -> float | None:
        """From 0 to 1; ``None`` where there is no public report."""
        return round(self.reports / self.out_of, 3) if self.out_of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One answer, decoded. ``says`` is OKX's wording as it usually comes; ``meaning`` is whole sentences."""

    code: str
    channel: Channel
    http_status: int | None
    says: str
    meaning: str
    causes: tuple[PossibleCause, ...]
    rules_out: tuple[RuledOut, ...]
    next: str
    sighting: Sighting


def decode(text: str) -> tuple[Decoded, ...]:
    """Every answer in a text, in the order in which they first appear; none when nothing is recognised."""
    return tuple(_decoded(sighting) for sighting in find_sightings(text))


def _decoded(sighting: Sighting) -> Decoded:
    if sighting.kind != "code":
        return _codeless(sighting)
    if sighting.channel == "edge":
        known = knowledge.of_cloudflare(sighting.code)
        status = sighting.http_status or knowledge.cloudflare_status(sighting.code)
        return _answer(sighting, known, says="Cloudflare's own error", status=status)
    if is_retired(sighting.code):
        return _retired(sighting)
    row = find(sighting.code, sighting.channel)
    if row is None:
        return _undocumented(sighting)
    return _of_table(sighting, row)


def _of_table(sighting: Sighting, row: Code) -> Decoded:
    known = knowledge.of_code(row.code)
    base = tuple(dict.fromkeys((*row.causes, *knowledge.of_category(row.category))))
    if len(base) == 1 and not known.likely and not known.possible:
        known = replace(known, likely=base)  # the only cause there is
    says = without_values(row.wording.replace("{ip}", sighting.caller_ip or "…"))
    meaning = " ".join(
        part
        for part in (
            _BY_TEXT.strip() if sighting.by_text else "",
            known.meaning or _documented(row, sighting.code),
            "" if sighting.by_text else known.proves,
            known.misread,
            f"OKX sees the caller as {sighting.caller_ip}: this address belongs on the key's allowlist."
            if sighting.caller_ip and row.code == "50110"
            else "",
        )
        if part
    )
    return _answer(
        sighting,
        known,
        says=says,
        meaning=meaning,
        base=base,
        status=sighting.http_status,
        rules_out=() if sighting.by_text else _ruled_out(sighting.code, sighting.channel, row),
    )


def _retired(sighting: Sighting) -> Decoded:
    """A v1 or v3 code: named as retired, then what its v5 twin would mean."""
    old = knowledge.retired()
    twin = old.twins.get(sighting.code, "")
    row = find(twin) if twin else None
    known = knowledge.of_code(twin)
    version = "v3" if sighting.code[0] == "3" or sighting.code == "20102" else "v1"
    meaning = old.meaning.format(version=version)
    if row is not None:
        meaning += f" In v5 it would be {twin}: {known.meaning or _documented(row, twin)}"
    texts = old.texts.get(sighting.code, ("",))
    base = (*row.causes, *known.likely, *known.possible) if row else ()
    return _answer(
        sighting,
        Knowledge(likely=("api-version-retired",), next=old.next),
        says=texts[0],
        meaning=meaning,
        base=base,
        status=sighting.http_status,
    )


def _undocumented(sighting: Sighting) -> Decoded:
    historic = next((row for row in all_codes() if row.code == sighting.code), None)
    says = without_values(historic.text) if historic else "not documented"
    meaning = (
        "A code that OKX's documentation no longer has."
        if historic
        else "OKX's v5 documentation has no such code: read the message beside it, or another product answered."
    )
    return _answer(sighting, Knowledge(), says=says, meaning=meaning, status=sighting.http_status)


def _codeless(sighting: Sighting) -> Decoded:
    status = sighting.http_status
    if sighting.kind == "status":
        known = knowledge.of_status(status or 400)
        return _answer(sighting, known, says="no code with it", status=status, pool=str(status))
    kind = "denied" if sighting.kind == "gateway" and status == 403 else sighting.kind
    known = knowledge.of_edge(kind)
    if sighting.kind == "page" and status is not None:
        told = knowledge.of_status(status)
        if status != 403 and status not in (400, 401):
            known = Knowledge(
                meaning=f"{known.meaning} {told.meaning}", likely=told.likely, possible=told.possible, next=told.next
            )
    if sighting.cause:
        known = Knowledge(meaning=known.meaning, likely=(sighting.cause,), next=known.next)
    return _answer(sighting, known, says="", status=status)


def _answer(
    sighting: Sighting,
    known: Knowledge,
    *,
    says: str,
    meaning: str = "",
    base: tuple[str, ...] = (),
    status: int | None,
    rules_out: tuple[RuledOut, ...] = (),
    pool: str = "",
) -> Decoded:
    causes = _causes(pool or sighting.code, known, base)
    ruled = {row.id for row in rules_out} - {cause.id for cause in causes}
    command = known.next or (f"okx-doctor explain {causes[0].id}" if causes else "okx-doctor check")
    return Decoded(
        code=sighting.code,
        channel=sighting.channel,
        http_status=status,
        says=says,
        meaning=meaning or known.meaning,
        causes=causes,
        rules_out=tuple(row for row in rules_out if row.id in ruled),
        next=command,
        sighting=sighting,
    )


def _causes(code: str, known: Knowledge, base: tuple[str, ...]) -> tuple[PossibleCause, ...]:
    """Those that the code makes likely, then the others by how often they were reported, then as the tables go."""
    counted = knowledge.reports(code)
    counts = counted.causes if counted else {}
    rest = [cause for cause in dict.fromkeys((*base, *known.possible, *counts)) if cause not in known.likely]
    rest.sort(key=lambda cause: -counts.get(cause, 0))
    return tuple(
        PossibleCause(
            id=cause,
            confidence=Confidence.LIKELY if cause in known.likely else Confidence.POSSIBLE,
            reports=counts.get(cause, 0),
            out_of=counted.total if counted else 0,
        )
        for cause in (*known.likely, *rest)
    )


def _ruled_out(code: str, channel: Channel, row: Code) -> tuple[RuledOut, ...]:
    """What an answer excludes: for certain where it shows that the key is known, else by the assumed order."""
    found: dict[str, str] = {}
    if code in SITE_PROVED and code != "0":
        found |= dict.fromkeys(_KEY_CAUSES, _PROVED)
    if code in ("50119", "60032"):
        found["api-key-malformed"] = _SHAPED.format(code="50111" if code == "50119" else "60005")
    for cause in _earlier(code, channel, row):
        found.setdefault(cause, _ASSUMED if _at_the_gate(code) else _BEHIND)
    if row.kind != "close_frame" and code not in ("50121", "0"):
        found |= {cause: _REACHED for cause in _WAY_CAUSES if cause not in found}
    return tuple(RuledOut(id=cause, because=because) for cause, because in found.items())


def _at_the_gate(code: str) -> bool:
    return code in GATE_CODES or code in REST_TWIN or code == "50120"


def _earlier(code: str, channel: Channel, row: Code) -> Iterator[str]:
    """The causes that the steps before the one that answers this code would have caught."""
    steps = knowledge.order("websocket" if channel == "websocket" else "rest")
    place = next((number for number, step in enumerate(steps) if code in step.codes), None)
    if place is None:
        if not _is_behind(code, row):
            return
        place = len(steps)
    for step in steps[:place]:
        yield from step.passes


def _is_behind(code: str, row: Code) -> bool:
    """Whether a code is one that a signed call gets only once it is past authentication."""
    return row.channel == "rest" and code not in ("1", "2") and is_past_authentication(code)


def _documented(row: Code, code: str) -> str:
    """The table's own account of a code. A code from behind the gate is told apart from a refusal."""
    told = row.meaning or f"OKX documents: {without_values(row.text)}"
    told = f"{told[:1].upper()}{told[1:]}".strip()
    told = told if told[-1] in ".!?)" else f"{told}."
    return f"No failure of authentication. {told}" if _is_behind(code, row) else told

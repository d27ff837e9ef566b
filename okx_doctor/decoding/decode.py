"""Sightings in, decoded answers out: meaning, causes with their share in public reports, what is ruled out. Pure.

A decoded answer convicts nothing: the paste is somebody's word, so a cause is at best ``likely``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from okx_doctor.catalogue.usual import PossibleCause, also_possible, caught_at, causes_behind, most_usual_first
from okx_doctor.decoding import knowledge
from okx_doctor.decoding.failures import BY_ID
from okx_doctor.decoding.failures.failure import Side
from okx_doctor.decoding.knowledge import Knowledge
from okx_doctor.decoding.numbers import is_retired
from okx_doctor.decoding.refusals import REFUSAL
from okx_doctor.decoding.sighting import Channel, Sighting
from okx_doctor.decoding.sightings import find_sightings
from okx_doctor.decoding.surroundings import AROUND, CALLED_PUBLIC_NEAR
from okx_doctor.model import RuledOut
from okx_doctor.protocol import steps
from okx_doctor.protocol.channels import home
from okx_doctor.protocol.codes import Code, all_codes, find, reports, without_values
from okx_doctor.protocol.outcome import SITE_PROVED, is_past_authentication

_INSPECT: Final = "okx-doctor inspect CAPTURE"
_OTHER_PRODUCT: Final = "web3-key"
_KEPT: Final = "timestamp-stale"
_EDITIONS: Final = re.compile(r"VIP\d|\bbooks\d*-l2-tbt\b")
"""Parts of a wording that differ between OKX's editions, and are not what the paste says."""
_LED_BY_ITS_SURROUNDINGS: Final = ("no-answer", "proxy", "target", "redirect")
_NEXT_OF_SIDE: Final[dict[Side, str]] = {
    "proxy": "okx-doctor check --only network",
    "network": "okx-doctor check --only network",
    "client": "okx-doctor check --offline",
}

_ASSUMED: Final = "OKX seems to check this earlier (assumed: it publishes no order)"
_PROVED: Final = "only a host that knows the key answers so"
_SHAPED: Final = "a key without the form of one gets {code}"
_BEHIND: Final = "a signed call gets this answer only past authentication (assumed: OKX publishes no order)"
_REACHED: Final = "OKX itself answered"
_OTHER_SITE: Final = "wrong-site"
_KEY_CAUSES: Final = ("api-key-malformed", _OTHER_SITE, "api-key-unknown")
_WAY_CAUSES: Final = ("dns-failure", "tls-untrusted", "proxy-failure", "blocked-by-edge")
_BY_TEXT: Final = "Read from the wording alone, since no code stands with it; the code would decide. "


class Decoded(Struct, frozen=True, kw_only=True):
    """One answer, decoded. ``says`` is OKX's wording as it usually comes; ``meaning`` is whole sentences.

    ``next`` is the command that decides, and ``then`` the one after it where that finds nothing; both are empty where
    nothing failed that is the business of these commands.
    """

    code: str
    channel: Channel
    http_status: int | None
    says: str
    meaning: str
    causes: tuple[PossibleCause, ...]
    rules_out: tuple[RuledOut, ...]
    next: str
    then: str
    is_failure: bool
    sighting: Sighting


def decode(text: str) -> tuple[Decoded, ...]:
    """Every answer in a text, what proves most first; none when nothing is recognised."""
    return tuple(_decoded(sighting) for sighting in find_sightings(text))


def _decoded(sighting: Sighting) -> Decoded:
    if sighting.kind != "code":
        return _codeless(sighting)
    if sighting.channel == "edge":
        known = knowledge.of_cloudflare(sighting.code)
        status = sighting.http_status or knowledge.cloudflare_status(sighting.code)
        return _known(sighting, known, says="Cloudflare's own error", status=status)
    if is_retired(sighting.code):
        return _retired(sighting)
    row = find(sighting.code, sighting.channel)
    if row is None:
        return _undocumented(sighting)
    return _of_table(sighting, row)


def _of_table(sighting: Sighting, row: Code) -> Decoded:
    says = _EDITIONS.sub("…", without_values(row.wording.replace("{ip}", sighting.caller_ip or "…")))
    meaning = " ".join(
        part
        for part in (
            _BY_TEXT.strip() if sighting.by_text else "",
            _of_message(sighting),
            row.explained or _documented(row, sighting.code),
            "" if sighting.by_text else row.proves,
            row.misread,
            f"OKX sees the caller as {sighting.caller_ip}: this address belongs on the key's allowlist."
            if sighting.caller_ip and steps.refuses(row.code, "ip-allowed")
            else "",
            _of_channel(sighting, row),
            _of_path(sighting, row),
        )
        if part
    )
    causes = causes_behind(row)
    if sighting.logged_in_before and row.category == "timestamp_skew":  # the clock was right for the first one
        others = (cause.id for cause in causes if cause.id != _KEPT)
        causes = most_usual_first((_KEPT,), others, reports(row.code))
    if sighting.unlike:  # the number is not what this answer is about, so it makes no cause likely
        causes = most_usual_first((), (cause.id for cause in (*_worded(sighting), *causes)), reports(row.code))
    return _answer(
        sighting,
        causes,
        says=says,
        meaning=meaning,
        next_command=row.next,
        status=sighting.http_status,
        rules_out=() if sighting.by_text or sighting.unlike else _ruled_out(sighting.code, sighting.channel, row),
    )


def _of_channel(sighting: Sighting, row: Code) -> str:
    """The path that serves the channel asked for, and whether another connection logged in before."""
    told = ""
    if sighting.channel_name:
        told = f"{sighting.channel_name} is {home(sighting.channel_name)}."
    if sighting.logged_in_before and row.category == "timestamp_skew":
        told += " A login that stands before it in the paste was accepted: most probably it was kept, and sent again."
    if sighting.logged_in_before and row.category == "not_logged_in":
        told += " The login that stands before it in the paste was on another connection, or was lost with one."
    return told.strip()


def _of_path(sighting: Sighting, row: Code) -> str:
    """Whether the path wants the headers that are missing although it is called public."""
    step = steps.step_of(row.code)
    if CALLED_PUBLIC_NEAR in sighting.around and step is not None and step.stage == "headers":
        return AROUND[CALLED_PUBLIC_NEAR].meaning
    return ""


def _of_message(sighting: Sighting) -> str:
    """Whatever the message beside a code says that the code does not."""
    if sighting.of_web3:
        told = f"The message beside it is not the exchange's. {knowledge.web3_meaning()}"
        return f"{told} On the exchange the code means:" if sighting.unlike else ""
    if sighting.worded:
        told = f"The message beside it is worded as {sighting.worded} is: go by the message."
        return f"{told} The number itself means:" if sighting.unlike else told
    if sighting.unlike:
        return (
            "The message beside it is no wording of this code that is known: read it. Another product, a relay or a "
            "newer edition may have answered. The number itself means:"
        )
    return ""


def _worded(sighting: Sighting) -> tuple[PossibleCause, ...]:
    """The causes behind the code whose wording is beside another code."""
    row = find(sighting.worded) if sighting.worded and not sighting.of_web3 else None
    return causes_behind(row) if row else ()


def _retired(sighting: Sighting) -> Decoded:
    """A v1 or v3 code: named as retired, then what its v5 twin would mean."""
    old = knowledge.retired()
    twin = old.twins.get(sighting.code, "")
    row = find(twin) if twin else None
    version = "v3" if sighting.code[0] == "3" or sighting.code == "20102" else "v1"
    meaning = old.meaning.format(version=version)
    if row is not None:
        meaning += f" In v5 it would be {twin}: {row.explained or _documented(row, twin)}"
    texts = old.texts.get(sighting.code, ("",))
    base = (*row.causes, *row.likely, *also_possible(row)) if row else ()
    return _answer(
        sighting,
        most_usual_first(("api-version-retired",), base, reports(sighting.code)),
        says=texts[0],
        meaning=meaning,
        next_command=old.next,
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
    meaning = f"{meaning} {_of_message(sighting)}".strip()
    causes = most_usual_first((), (cause.id for cause in _worded(sighting)), reports(sighting.code))
    return _answer(sighting, causes, says=says, meaning=meaning, next_command="", status=sighting.http_status)


def _codeless(sighting: Sighting) -> Decoded:
    status = sighting.http_status
    if sighting.kind == "status":
        known = knowledge.of_status(status or 400)
        return _known(sighting, known, says="no code with it", status=status, pool=str(status))
    if sighting.failure:
        return _failed(sighting)
    kind = "denied" if sighting.kind == "gateway" and status == 403 else sighting.kind
    known = knowledge.of_edge(kind)
    if sighting.kind == "page" and status is not None:
        told = knowledge.of_status(status)
        if status != 403 and status not in (400, 401):
            known = Knowledge(
                meaning=f"{known.meaning} {told.meaning}", likely=told.likely, possible=told.possible, next=told.next
            )
    return _known(sighting, known, says="", status=status)


def _failed(sighting: Sighting) -> Decoded:
    """A way to fail that its own words or numbers tell."""
    failure = BY_ID.get(sighting.failure) or REFUSAL[sighting.failure]
    of_header = f" It is the header {sighting.header}." if sighting.header else ""
    known = Knowledge(
        meaning=failure.meaning + of_header,
        likely=failure.likely,
        possible=failure.possible,
        next=_NEXT_OF_SIDE[failure.side],
    )
    return _known(sighting, known, says="", status=sighting.http_status)


def _known(sighting: Sighting, known: Knowledge, *, says: str, status: int | None, pool: str = "") -> Decoded:
    """An answer without a code of OKX's v5 API. Where a connection failed, its surroundings lead."""
    around = [AROUND[name] for name in sighting.around]
    told = [cause for one in around for cause in one.leads]
    leads = sighting.kind in _LED_BY_ITS_SURROUNDINGS
    likely = dict.fromkeys((*(told if leads else ()), *known.likely))
    follows = (cause for one in around for cause in one.follows)
    possible = (cause for cause in (*known.possible, *told, *follows) if cause not in likely)
    causes = most_usual_first(likely, possible, reports(pool or sighting.code))
    told_around = [one.meaning for one in around]
    if sighting.dialler:
        told_around.append(f"{sighting.dialler} is known to dial that port by itself; a newer release may not.")
    meaning = " ".join((*told_around, known.meaning) if leads else (known.meaning, *told_around)).strip()
    return _answer(sighting, causes, says=says, meaning=meaning, next_command=known.next, status=status)


def _answer(
    sighting: Sighting,
    causes: tuple[PossibleCause, ...],
    *,
    says: str,
    meaning: str,
    next_command: str,
    status: int | None,
    rules_out: tuple[RuledOut, ...] = (),
) -> Decoded:
    if sighting.kind == "code" and ("Web3 host" in sighting.around or (sighting.of_web3 and sighting.unlike)):
        others = tuple(cause.id for cause in causes if cause.id != _OTHER_PRODUCT)
        seen = "Web3 host" in sighting.around
        causes = most_usual_first((_OTHER_PRODUCT,) if seen else (), (_OTHER_PRODUCT, *others), None)
        meaning = f"{AROUND['Web3 host'].meaning} {meaning}" if seen else meaning
        next_command, rules_out = f"okx-doctor explain {_OTHER_PRODUCT}", ()
    is_failure = not _is_harmless(sighting, status)
    next_command = next_command or (f"okx-doctor explain {causes[0].id}" if causes else "okx-doctor check")
    ruled = {row.id for row in rules_out} - {cause.id for cause in causes}
    return Decoded(
        code=sighting.code,
        channel=sighting.channel,
        http_status=status,
        says=says,
        meaning=meaning,
        causes=causes,
        rules_out=tuple(row for row in rules_out if row.id in ruled),
        next=next_command if is_failure else "",
        then=_INSPECT if is_failure and next_command.startswith("okx-doctor check") and _is_answer(sighting) else "",
        is_failure=is_failure,
        sighting=sighting,
    )


def _is_answer(sighting: Sighting) -> bool:
    """Whether OKX itself answered: then a healthy check leaves only the request that the bot makes."""
    return sighting.kind == "status" or (sighting.kind == "code" and sighting.channel != "edge")


def _is_harmless(sighting: Sighting, status: int | None) -> bool:
    """Whether an answer is no failure of authentication, and no refusal."""
    row = find(sighting.code, sighting.channel) if sighting.kind == "code" and sighting.channel != "edge" else None
    if row is None or sighting.unlike:
        return False
    refused = status in (401, 403) or row.wire_status in (401, 403)
    return not refused and not row.causes and (_is_behind(sighting.code, row) or row.category == "fee_tier")


def _ruled_out(code: str, channel: Channel, row: Code) -> tuple[RuledOut, ...]:
    """The causes that an answer excludes: for certain where it shows the key to be known, else by the assumed order."""
    found: dict[str, str] = {}
    if code in SITE_PROVED and code != "0":
        found |= dict.fromkeys(_KEY_CAUSES, _PROVED)
    if steps.refuses(code, "key-known"):
        spoken: steps.Channel = "rest" if code == steps.step_named("key-known").code() else "websocket"
        found["api-key-malformed"] = _SHAPED.format(code=steps.step_named("key-shaped").code(spoken))
    for cause in _earlier(code, channel, row):
        found.setdefault(cause, _ASSUMED if _at_the_gate(code) else _BEHIND)
    if row.kind != "close_frame" and code != "0" and not steps.refuses(code, "caller-region"):
        found |= {cause: _REACHED for cause in _WAY_CAUSES if cause not in found}
    refused_at = steps.step_of(code)
    if refused_at is not None and refused_at.seen_elsewhere:
        found.pop(_OTHER_SITE, None)
    return tuple(RuledOut(id=cause, because=because) for cause, because in found.items())


def _at_the_gate(code: str) -> bool:
    step = steps.step_of(code)
    return step is not None and step.layer == "gateway"


def _earlier(code: str, channel: Channel, row: Code) -> Iterator[str]:
    """The causes that the steps before the one that answers this code would have caught."""
    spoken: steps.Channel = "websocket" if channel == "websocket" else "rest"
    gateway = [step for step in steps.order(spoken) if step.layer == "gateway"]
    place = next((number for number, step in enumerate(gateway) if step.code(spoken) == code), None)
    if place is None:
        if not _is_behind(code, row):
            return
        place = len(gateway)
    elif gateway[place].tied:
        place = max(number for number in range(place) if not gateway[number].tied)
    for step in gateway[:place]:
        yield from caught_at(step, spoken)


def _is_behind(code: str, row: Code) -> bool:
    """Whether a code is one that a signed call gets only once it is past authentication."""
    return row.channel == "rest" and code not in ("1", "2") and is_past_authentication(code)


def _documented(row: Code, code: str) -> str:
    """The table's own account of a code. A code from behind the gate is not taken for a refusal."""
    told = row.meaning or f"OKX documents: {without_values(row.text)}"
    told = f"{told[:1].upper()}{told[1:]}".strip()
    told = told if told[-1] in ".!?)" else f"{told}."
    return f"No failure of authentication. {told}" if _is_behind(code, row) else told

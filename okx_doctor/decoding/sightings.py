"""Finds the answers in a paste: each once, in the order in which they first appear. Pure.

Time is linear in the length of the paste: every recogniser looks for a few literal anchors, and looks closely at
only a few places of each number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from okx_doctor.decoding.forms.bare import bare_numbers
from okx_doctor.decoding.forms.clients import connection_failures, not_json, proxy_texts, refusals_of_clients
from okx_doctor.decoding.forms.envelopes import keyed_codes
from okx_doctor.decoding.forms.har import har_entries
from okx_doctor.decoding.forms.pages import gateway_texts, pages
from okx_doctor.decoding.forms.prose import known_wordings, spoken_codes
from okx_doctor.decoding.forms.sockets import close_codes
from okx_doctor.decoding.forms.statuses import status_texts
from okx_doctor.decoding.forms.transcripts import transcripts
from okx_doctor.decoding.paste import Paste, read_paste
from okx_doctor.decoding.sighting import Kind, Sighting
from okx_doctor.protocol.codes import find

Recogniser = Callable[[Paste], Iterator[Sighting]]

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    har_entries,
    transcripts,
    keyed_codes,
    spoken_codes,
    close_codes,
    pages,
    gateway_texts,
    status_texts,
    proxy_texts,
    not_json,
    refusals_of_clients,
)
"""All of these are asked, of every paste that is more than bare numbers."""


def find_sightings(text: str) -> tuple[Sighting, ...]:
    """The answers in a text; none when it holds none that is known. Never raises."""
    paste = read_paste(text)
    bare = tuple(bare_numbers(paste))
    if bare:
        return _in_order(_each_code_once(bare), paste)
    seen = [sighting for recogniser in RECOGNISERS for sighting in recogniser(paste)]
    if all(sighting.kind == "status" for sighting in seen):
        seen += known_wordings(paste)
    if not seen:
        seen += connection_failures(paste)
    return _in_order(_put_together(seen), paste)


def _in_order(seen: Iterable[Sighting], paste: Paste) -> tuple[Sighting, ...]:
    placed = (replace(sighting, line=paste.line(sighting.at)) for sighting in seen)
    return tuple(sorted(placed, key=lambda sighting: sighting.at))


def _put_together(seen: list[Sighting]) -> list[Sighting]:
    """One answer is often seen several times: its status in one place, its code in another, its page in a third."""
    codes = _without_wrappers(_each_code_once(sighting for sighting in seen if sighting.kind == "code"))
    others = _each_kind_once(sighting for sighting in seen if sighting.kind not in ("code", "status"))
    others = _without_shadows(others, codes)
    answers = [*codes, *others]
    for status in _each_kind_once(sighting for sighting in seen if sighting.kind == "status"):
        answers = _with_status(answers, status)
    return answers


def _each_code_once(seen: Iterable[Sighting]) -> list[Sighting]:
    """One sighting for each code and channel: the first, completed by what the later ones know."""
    found: dict[tuple[str, str], Sighting] = {}
    for sighting in sorted(seen, key=lambda one: one.at):
        key = (sighting.channel, sighting.code or str(sighting.http_status))
        first = found.get(key)
        found[key] = _completed(first, sighting) if first else sighting
    return list(found.values())


def _each_kind_once(seen: Iterable[Sighting]) -> list[Sighting]:
    """One sighting for each kind and status; one that knows no status joins one that does."""
    found: dict[tuple[Kind, int | None], Sighting] = {}
    for sighting in sorted(seen, key=lambda one: (one.http_status is None, one.at)):
        same = [known for known in found if known[0] == sighting.kind]
        key = same[0] if same and sighting.http_status is None else (sighting.kind, sighting.http_status)
        first = found.get(key)
        found[key] = _completed(first, sighting) if first else sighting
    return list(found.values())


def _completed(first: Sighting, later: Sighting) -> Sighting:
    return replace(
        first,
        at=min(first.at, later.at),
        http_status=first.http_status or later.http_status,
        caller_ip=first.caller_ip or later.caller_ip,
    )


def _without_wrappers(codes: list[Sighting]) -> list[Sighting]:
    """Without what only wraps another answer: 0 beside a refusal, 1 or 2 of a batch beside its rows' own codes."""
    real = [sighting for sighting in codes if sighting.code not in ("0", "1", "2")]
    if any(sighting.channel != "edge" for sighting in real):
        return real
    failed = [sighting for sighting in codes if sighting.code != "0"]
    return failed or codes


def _without_shadows(others: list[Sighting], codes: list[Sighting]) -> list[Sighting]:
    """Without the signs of an answer that another sighting shows better."""
    kinds = {sighting.kind for sighting in others} | ({"code"} if codes else set())
    shown = {
        "no-json": {"page", "empty", "gateway", "proxy", "code"},
        "no-answer": {"page", "empty", "gateway", "proxy", "code", "no-json"},
        "page": {"code"} if any(sighting.channel == "edge" for sighting in codes) else set(),
        "redirect": set(),
        "gateway": set(),
        "empty": set(),
        "proxy": set(),
        "refused-by-client": {"code"},
    }
    return [sighting for sighting in others if not kinds & shown[sighting.kind]]


def _with_status(answers: list[Sighting], status: Sighting) -> list[Sighting]:
    """The answers with a lone status put to the one that it belongs to, or as an answer of its own."""
    fitting = [answer for answer in answers if _fits(answer, status.http_status)]
    if not fitting:
        return [*answers, status]
    nearest = min(fitting, key=lambda answer: abs(answer.at - status.at))
    joined = replace(nearest, http_status=status.http_status, at=min(nearest.at, status.at))
    return [joined if answer is nearest else answer for answer in answers]


def _fits(answer: Sighting, status: int | None) -> bool:
    if answer.http_status is not None:
        return answer.http_status == status
    if answer.kind == "no-answer" or answer.kind == "redirect":
        return False
    if answer.channel == "websocket":
        return False
    row = find(answer.code) if answer.kind == "code" and answer.channel == "rest" else None
    return row is None or status in (row.status, row.wire_status) or answer.code in ("1", "2")

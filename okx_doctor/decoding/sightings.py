"""A paste in, its answers out: each once, the one that proves most first. Pure.

Time is linear in the length of the paste: every recogniser looks for a few literal anchors, and looks closely at
only a few places of each number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from okx_doctor.decoding.forms.bare import bare_numbers
from okx_doctor.decoding.forms.channels import channel_near, logged_in_before
from okx_doctor.decoding.forms.clients import not_json, without_an_answer
from okx_doctor.decoding.forms.envelopes import keyed_codes
from okx_doctor.decoding.forms.har import har_entries
from okx_doctor.decoding.forms.pages import gateway_texts, pages, titles
from okx_doctor.decoding.forms.prose import known_wordings, leading_codes, spoken_codes
from okx_doctor.decoding.forms.sockets import close_codes
from okx_doctor.decoding.forms.statuses import status_texts
from okx_doctor.decoding.forms.transcripts import transcripts
from okx_doctor.decoding.paste import SHORT, Paste, read_paste
from okx_doctor.decoding.sighting import Channel, Kind, Sighting
from okx_doctor.decoding.surroundings import CALLED_PUBLIC_NEAR, RETIRED_NEAR, around, dialler
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.outcome import is_past_authentication
from okx_doctor.protocol.steps import STEPS, step_of

_UNAUTHORIZED: Final = 401
_HANDSHAKE_OF_A_SOCKET: Final = "socket handshake"
"""A failure that the status of the answer explains better."""
_OF_CHANNELS: Final = ("wrong_url", "not_logged_in", "fee_tier")
"""Categories of the codes that a subscription gets: which channel it was decides what to do."""
_OF_LOGINS: Final = ("not_logged_in", "timestamp_skew")
"""Categories of the codes that say another thing where a login came before."""
_ENDS_OF_SOCKETS: Final = ("socket cut", "closed", "reset")
"""How a connection ends that OKX has closed with a code of its own."""
_ONE_MESSAGE: Final = 4_000
"""Characters of one answer and its client's own words about it."""

Recogniser = Callable[[Paste], Iterator[Sighting]]

RECOGNISERS: Final[tuple[Recogniser, ...]] = (
    har_entries,
    transcripts,
    keyed_codes,
    leading_codes,
    spoken_codes,
    close_codes,
    pages,
    gateway_texts,
    titles,
    status_texts,
    not_json,
    without_an_answer,
)
"""All of these are asked, of every paste that is more than bare numbers."""


def find_sightings(text: str) -> tuple[Sighting, ...]:
    """The answers in a text; none when it holds none that is known. Never raises."""
    paste = read_paste(text)
    bare = tuple(bare_numbers(paste))
    if bare:
        return _in_order(_each_code_once(bare), paste)
    seen = [sighting for recogniser in RECOGNISERS for sighting in recogniser(paste)]
    if all(sighting.kind in ("status", "no-answer") for sighting in seen):
        seen += known_wordings(paste)
    answers = [_with_surroundings(one, paste) for one in _put_together(seen, paste.text)]
    return _weighed(answers or _targets(paste), paste)


def _in_order(seen: Iterable[Sighting], paste: Paste) -> tuple[Sighting, ...]:
    placed = (replace(sighting, line=paste.line(sighting.at)) for sighting in seen)
    return tuple(sorted(placed, key=lambda sighting: sighting.at))


def _weighed(answers: Iterable[Sighting], paste: Paste) -> tuple[Sighting, ...]:
    """The answers, those that prove most first; equals as they come in the paste."""
    return tuple(sorted(_in_order(answers, paste), key=lambda sighting: -_weight(sighting)))


def _weight(sighting: Sighting) -> int:
    """How much an answer proves: a later step of OKX's check more than an earlier one, any more than no answer.

    Headers that are missing prove least of them: anyone gets that who opens a private address in a browser.
    """
    if sighting.kind == "refused-by-client":
        return 900
    if sighting.kind != "code":
        return {"status": 20, "no-json": 30, "redirect": 30, "target": 10}.get(sighting.kind, 40)
    step = step_of(sighting.code)
    if step is None or step.layer != "gateway":
        return 5 if sighting.code in ("0", "1", "2") or is_past_authentication(sighting.code) else 35
    return 35 if step.id == "key-present" else 100 + STEPS.index(step) - step.tied


def _with_surroundings(sighting: Sighting, paste: Paste) -> Sighting:
    """A sighting with those surroundings that say more."""
    row = find(sighting.code, "websocket") if sighting.kind == "code" and sighting.channel == "websocket" else None
    if row is not None and row.category in _OF_CHANNELS:
        sighting = replace(sighting, channel_name=channel_near(paste.text, sighting.at))
    if row is not None and row.category in _OF_LOGINS:
        sighting = replace(sighting, logged_in_before=logged_in_before(paste.text, sighting.at))
    if not paste.about_okx or sighting.kind == "refused-by-client":
        return sighting
    near = around(paste.text, sighting.at)
    if sighting.kind == "code" and sighting.channel != "edge":
        near = tuple(name for name in near if name in ("Web3 host", CALLED_PUBLIC_NEAR))
    elif sighting.http_status != _UNAUTHORIZED:
        near = tuple(name for name in near if name != CALLED_PUBLIC_NEAR)
    return replace(sighting, around=near, dialler=dialler(paste.text, sighting.at) if RETIRED_NEAR in near else "")


def _targets(paste: Paste) -> list[Sighting]:
    """A short paste without any answer still shows where the request goes."""
    near = around(paste.text, 0) if paste.about_okx and len(paste.text) <= SHORT else ()
    return [Sighting(code="", channel="edge", kind="target", form="address", at=0, around=near)] if near else []


def _put_together(seen: list[Sighting], text: str) -> list[Sighting]:
    """One answer is often seen several times: its status in one place, its code in another, its page in a third."""
    codes = _without_wrappers(_each_code_once(sighting for sighting in seen if sighting.kind == "code"))
    others = _each_kind_once(sighting for sighting in seen if sighting.kind not in ("code", "status"))
    others = _without_shadows(others, codes, text)
    statuses = _each_kind_once(sighting for sighting in seen if sighting.kind == "status")
    if statuses:
        others = [one for one in others if one.failure != _HANDSHAKE_OF_A_SOCKET and not _wraps(one, statuses, text)]
    answers = [*codes, *others]
    for status in statuses:
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
    found: dict[tuple[Kind, str, int | None], Sighting] = {}
    for sighting in sorted(seen, key=lambda one: (one.http_status is None, one.at)):
        name = (sighting.kind, sighting.failure)
        same = [known for known in found if known[:2] == name]
        key = same[0] if same and sighting.http_status is None else (*name, sighting.http_status)
        first = found.get(key)
        found[key] = _completed(first, sighting) if first else sighting
    return list(found.values())


def _completed(first: Sighting, later: Sighting) -> Sighting:
    return replace(
        first,
        at=min(first.at, later.at),
        http_status=first.http_status or later.http_status,
        caller_ip=first.caller_ip or later.caller_ip,
        unlike=first.unlike or later.unlike,
        worded=first.worded or later.worded,
        of_web3=first.of_web3 or later.of_web3,
    )


def _without_wrappers(codes: list[Sighting]) -> list[Sighting]:
    """Without what only wraps another answer: 0 beside a refusal, 1 or 2 of a batch beside its rows' own codes."""
    real = [sighting for sighting in codes if sighting.code not in ("0", "1", "2")]
    if any(sighting.channel != "edge" for sighting in real):
        return real
    failed = [sighting for sighting in codes if sighting.code != "0"]
    return failed or codes


def _without_shadows(others: list[Sighting], codes: list[Sighting], text: str) -> list[Sighting]:
    """Without the signs of an answer that another sighting shows better."""
    kinds = {sighting.kind for sighting in others} | ({"code"} if codes else set())
    shown = {
        "no-json": {"page", "empty", "gateway", "proxy", "code"},
        "page": {"code"} if any(sighting.channel == "edge" for sighting in codes) else set(),
        "refused-by-client": {"code"},
    }
    kept = [one for one in others if not kinds & shown.get(one.kind, set()) and not _is_of_a_proxy(one, others)]
    answers = [*(one for one in kept if one.kind not in ("no-answer", "proxy")), *codes]
    return [one for one in kept if one.kind != "no-answer" or _is_told(one, answers, kept, text)]


def _is_of_a_proxy(sighting: Sighting, others: list[Sighting]) -> bool:
    """Whether a page, or an answer that only its status shows, is what a proxy sent that another sighting names."""
    if sighting.kind not in ("page", "empty", "proxy") or sighting.failure:
        return False
    return any(one.kind == "proxy" and one.failure and abs(one.at - sighting.at) < _ONE_MESSAGE for one in others)


def _is_told(failure: Sighting, answers: list[Sighting], others: list[Sighting], text: str) -> bool:
    """Whether a failure is one of its own: no echo of an answer that came all the same."""
    if failure.vague and failure.failure == "no connection" and (answers or len(others) > 1):
        return False
    for answer in answers:
        apart = abs(answer.at - failure.at)
        if answer.kind in ("page", "gateway", "no-json", "empty", "refused-by-client") and apart < _ONE_MESSAGE:
            return False
        if answer.channel == "websocket" and failure.failure in _ENDS_OF_SOCKETS and apart < _ONE_MESSAGE:
            return False
        first, last = sorted((answer.at, failure.at))
        if apart < _ONE_MESSAGE and (failure.vague or answer.channel == "edge") and "\n" not in text[first:last]:
            return False
    return True


def _wraps(failure: Sighting, statuses: list[Sighting], text: str) -> bool:
    """Whether a vague word of a client's is around an answer's status: ``NetworkError: … 451 …``."""
    return failure.vague and any(
        abs(status.at - failure.at) < _ONE_MESSAGE and "\n" not in text[failure.at : status.at] for status in statuses
    )


def _with_status(answers: list[Sighting], status: Sighting) -> list[Sighting]:
    """The answers with a lone status put to the one that it belongs to, or as an answer of its own."""
    fitting = [answer for answer in answers if _fits(answer, status.http_status)]
    if not fitting:
        return [*answers, status]
    nearest = min(fitting, key=lambda answer: abs(answer.at - status.at))
    channel: Channel = "rest" if nearest.channel == "websocket" else nearest.channel
    joined = replace(nearest, channel=channel, http_status=status.http_status, at=min(nearest.at, status.at))
    return [joined if answer is nearest else answer for answer in answers]


def _fits(answer: Sighting, status: int | None) -> bool:
    if answer.http_status is not None:
        return answer.http_status == status
    if answer.kind in ("no-answer", "redirect", "target", "refused-by-client"):
        return False
    if answer.channel == "websocket":
        return find(answer.code) is None  # nobody knows the number, so the status tells which channel it is of
    row = find(answer.code) if answer.kind == "code" and answer.channel == "rest" else None
    return row is None or status in (row.status, row.wire_status) or answer.code in ("1", "2")

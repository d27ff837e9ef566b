"""OKX's envelope, whole or in pieces: JSON, a Python or JavaScript object, a Go struct, PHP's dump, ``code=50113``.

Every place where a word for *code* is followed by a number is looked at. Where a whole JSON object surrounds
it, ``protocol.answers`` reads that; a fragment is put back into the envelope it came from and read by the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from string import ascii_letters
from typing import Final, TypedDict

from msgspec import Struct

from okx_doctor.decoding.forms.messages import compare
from okx_doctor.decoding.forms.patience import LookBudget
from okx_doctor.decoding.knowledge import of_web3
from okx_doctor.decoding.numbers import CLOSE_CODES, CLOUDFLARE, STATUSES, is_retired, known, retired_codes
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Channel, Sighting
from okx_doctor.protocol.answers import Answer, Form, read_answer
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.steps import refuses

_GAP: Final = r"(?:string\(\d{1,3}\)|Some\(|int\(|is\b|was\b|[\s\"'\\:=>(){\[\],|：`*]){1,16}"
_KEYED: Final = re.compile(rf"(?:code|Code|CODE|Cod|COD|错误码|代码){_GAP}(-?\d{{1,6}}(?:_\d{{4}})?)(?!\w|\.\d)")
_MESSAGE: Final = re.compile(r"(?:s?[mM]sg|[mM]essage)[\"'\\\])\s:=>(]{1,12}([^\n]{0,300})")
_MESSAGE_END: Final = re.compile(r"[\"']\s{0,3}(?:[,}\])]|$)|\s\w{1,12}=")

_WHOLE_LOOKS: Final = 300
"""Places in a paste where a whole object is looked for; after that fragments must do."""
_BEFORE: Final = 2_000
_WHOLE: Final = 16_384
_AROUND: Final = 400

_QUOTED: Final = re.compile(r"(?:[mM]sg|[mM]essage)[\"']?\s{0,3}[:=]\s{0,3}([\"'])((?:\\.|[^\\\n]){3,200}?)\1")
_BEHIND: Final = re.compile(r"[\"')\]]{0,2}[\s:,|-]{1,4}([A-Za-z][^\n\"{}]{4,120})")
_UNKNOWN: Final = re.compile(r"(?:5[0-9]|6[0-4])\d{3}")
_MEASURE: Final = re.compile(r"\s?(?:ms|us|s|bytes|usdt?|x|%)\b", re.IGNORECASE)

_LETTERS: Final = f"{ascii_letters}_"
_CODE_WORDS: Final = frozenset(("", "s", "error", "err", "e", "okx", "okex", "api", "biz", "server", "exchange", "msg"))
_STATUS_WORDS: Final = ("status", "http", "response", "httpstatus", "http_status", "response_status")
_CLOSE_WORDS: Final = ("close", "closed with", "closing", "ws_close", "closure", "close_")
_OTHER_WORDS: Final = ("exit", "exited with", "exits with", "return", "returned with", "zip", "country", "qr", "key")


class _Told(TypedDict):
    unlike: bool
    worded: str
    of_web3: bool


class _Object(Struct, frozen=True, kw_only=True):
    """A whole JSON object around a code; ``wrapped`` when it has a message or data, as OKX's has."""

    answer: Answer
    on_socket: bool
    wrapped: bool


def keyed_codes(paste: Paste) -> Iterator[Sighting]:
    """Every number behind a word for *code*. Each number is looked at a few times, however often it occurs."""
    patience = LookBudget()
    over, meaningful = patience.over, _meaningful()
    whole_looks = 0
    for match in _KEYED.finditer(paste.text):
        number = match[1]
        if number in over:
            continue
        if number not in meaningful and not (_is_okx_shaped(number) and whole_looks < _WHOLE_LOOKS):
            continue
        role = _role(paste.text, match.start())
        seen: list[Sighting] = []
        if role == "code" and not paste.of_another_exchange(match.start()):
            whole = None
            if whole_looks < _WHOLE_LOOKS:
                whole_looks += 1
                whole = _object_around(paste.text, match.start(), number)
            seen = list(_in_object(whole, match.start()) if whole else _in_fragment(paste, match))
        elif role == "status" and int(number) in STATUSES and paste.about_okx:
            if not paste.asked_of_another_host(match.start(), match.end()):
                seen = [_status(int(number), match.start())]
        elif role == "close" and number in CLOSE_CODES:
            seen = [Sighting(code=number, channel="websocket", kind="code", form="WebSocket close", at=match.start())]
        yield from seen
        patience.looked(number, found=bool(seen))


def _role(text: str, at: int) -> str:
    """Of what the number is the code, by the words before it: ``code``, ``status``, ``close`` or nothing known."""
    before = text[max(0, at - 32) : at]
    lead = before.rstrip(_LETTERS)
    word = before[len(lead) :].rstrip("_").lower()
    lead = lead.rstrip(" \"'-").lower()
    if word in _STATUS_WORDS or (not word and lead.endswith(_STATUS_WORDS)):
        return "status"
    if word in _CLOSE_WORDS or (not word and lead.endswith(_CLOSE_WORDS)):
        return "close"
    if word in _CODE_WORDS and not lead.endswith(_OTHER_WORDS):
        return "code"
    return ""


def _object_around(text: str, at: int, number: str) -> _Object | None:
    """The innermost whole JSON object around an offset whose code, or one of whose rows' codes, is this number."""
    low = max(0, at - _BEFORE)
    brace = text.rfind("{", low, at)
    for _ in range(3):
        if brace < 0:
            return None
        piece = text[brace : brace + _WHOLE]
        for form in (piece, _unescaped(piece)) if "\\" in piece[:3] else (piece,):
            whole = _whole(form)
            if whole is not None and number in (whole.answer.code, *_row_codes(whole.answer)):
                return whole
        brace = text.rfind("{", low, brace)
    return None


def _unescaped(piece: str) -> str:
    """JSON that was a string in other JSON, once or twice over."""
    return piece.replace("\\\\", "\\").replace('\\"', '"')


def _whole(piece: str) -> _Object | None:
    try:
        document, end = json.JSONDecoder().raw_decode(piece)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    answer = read_answer(0, {}, piece[:end].encode("utf-8", "replace"))
    if answer.form is not Form.OKX:
        return None
    wrapped = "msg" in document or "data" in document
    return _Object(answer=answer, on_socket="event" in document or "connId" in document, wrapped=wrapped)


def _in_object(found: _Object, at: int) -> Iterator[Sighting]:
    answer = found.answer
    number = answer.code
    if _is_status(number):
        yield Sighting(
            code=number, channel="edge", kind="gateway", form="integer-code envelope", at=at, http_status=int(number)
        )
    elif _is_envelope_code(number, wrapped=found.wrapped):
        yield Sighting(
            code=number,
            channel=_channel(number, found.on_socket),
            kind="code",
            form="WebSocket event" if found.on_socket else "JSON envelope",
            at=at,
            caller_ip=answer.caller_ip,
            **_compared(number, answer.message),
        )
        for code in _row_codes(answer):
            if code in known() and code != "0":
                yield Sighting(code=code, channel=_channel(code, False), kind="code", form="order answer", at=at)


def _row_codes(answer: Answer) -> tuple[str, ...]:
    """The codes of a batch's rows, each once."""
    return tuple(dict.fromkeys(str(row.get("sCode", "")) for row in answer.data))


def _is_envelope_code(number: str, *, wrapped: bool) -> bool:
    """Whether a whole object's code is one of OKX's. Three of them are everybody's and want OKX's envelope."""
    if number in ("0", "1", "2") or number in CLOSE_CODES:
        return wrapped and number not in CLOSE_CODES
    return number in known() or is_retired(number) or _is_okx_shaped(number)


def _in_fragment(paste: Paste, match: re.Match[str]) -> Iterator[Sighting]:
    """A code without its whole envelope: it is put back into one."""
    number, at = match.group(1), match.start()
    if number in ("0", "1", "2"):
        if _beside_a_message(paste.text, match):
            yield Sighting(code=number, channel="rest", kind="code", form="fragment", at=at)
        return
    if _is_status(number):
        nearby = paste.text[max(0, at - _AROUND) : match.end() + _AROUND]
        if "error_message" in nearby or "detailMsg" in nearby:
            yield Sighting(
                code=number,
                channel="edge",
                kind="gateway",
                form="integer-code envelope",
                at=at,
                http_status=int(number),
            )
    elif number in CLOSE_CODES and _beside_a_close(paste.text, at, match.end()):
        yield Sighting(code=number, channel="websocket", kind="code", form="WebSocket close", at=at)
    elif number in CLOUDFLARE and paste.text[max(0, at - 8) : at].lower().rstrip().endswith("error"):
        yield Sighting(code=number, channel="edge", kind="code", form="Cloudflare text", at=at)
    elif len(number) >= 5 and (number in known() or is_retired(number) or _is_unknown_code(paste.text, match)):
        message = _message_near(paste.text, at, match.end())
        answer = read_answer(0, {}, json.dumps({"code": number, "msg": message}).encode())
        nearby = paste.text[max(0, at - _AROUND) : match.end() + _AROUND]
        on_socket = re.search(r"[\"']?(?:event|connId)[\"']?\s{0,3}[:=]|Event:", nearby) is not None
        yield Sighting(
            code=answer.code,
            channel=_channel(number, on_socket),
            kind="code",
            form="order answer" if paste.text[max(0, at - 1) : at] == "s" else "fragment",
            at=at,
            caller_ip=answer.caller_ip if refuses(number, "ip-allowed", "caller-region") else "",
            **_compared(number, _quoted_message(paste.text, at, match.end()) or _message_behind(paste.text, match)),
        )


def _quoted_message(text: str, start: int, end: int) -> str:
    """The message in quotes nearest to a code, on its line."""
    low = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    found = list(_QUOTED.finditer(text, low, min(len(text), end + _AROUND)))
    beside = (match for match in found if not match.start() < start < match.end())
    near = [match for match in beside if "\n" not in text[end : match.start()]]
    nearest = min(near, key=lambda match: min(abs(match.start() - end), abs(start - match.end())), default=None)
    return nearest[2] if nearest else ""


def _message_behind(text: str, match: re.Match[str]) -> str:
    """The words right behind a code that no table has: they alone can tell."""
    behind = _BEHIND.match(text, match.end()) if match[1] not in known() else None
    return behind[1] if behind else ""


def _is_unknown_code(text: str, match: re.Match[str]) -> bool:
    """Five digits of OKX's ranges behind a word for *code*, and no measure of anything."""
    return _UNKNOWN.fullmatch(match[1]) is not None and _MEASURE.match(text, match.end()) is None


def _compared(code: str, message: str) -> _Told:
    compared = compare(code, message)
    return {"unlike": compared.unlike, "worded": compared.worded, "of_web3": of_web3(code, message)}


def _is_status(number: str) -> bool:
    return number.isdigit() and int(number) in STATUSES


@cache
def _meaningful() -> frozenset[str]:
    """Every number that means something behind a word for *code*."""
    return known() | retired_codes() | CLOSE_CODES | CLOUDFLARE | {"0", "1", "2", *map(str, STATUSES)}


def _is_okx_shaped(number: str) -> bool:
    """Five digits that v5 could use although OKX documents no such code."""
    return number.isdigit() and len(number) == 5 and number[0] in "56"


def _channel(number: str, on_socket: bool) -> Channel:
    if on_socket:
        return "websocket"
    row = find(number)
    return row.channel if row else "websocket" if number.startswith("60") else "rest"


def _status(status: int, at: int) -> Sighting:
    return Sighting(code="", channel="rest", kind="status", form="status", at=at, http_status=status)


def _beside_a_message(text: str, match: re.Match[str]) -> bool:
    """Codes 0, 1 and 2 are everybody's: one of them counts beside OKX's wording for it only."""
    beside = text[max(0, match.start() - 80) : match.end() + 80].lower()
    said = ("all operations failed", "operation failed", "partially succeeded")
    return "ssl operation" not in beside and any(words in beside for words in said)


def _beside_a_close(text: str, start: int, end: int) -> bool:
    beside = text[max(0, start - 80) : end + 80].lower()
    return any(word in beside for word in ("clos", "socket", "reason"))


def _message_near(text: str, start: int, end: int) -> str:
    """The message next to a code, up to its end."""
    low = max(0, start - _AROUND)
    nearest = ""
    for found in _MESSAGE.finditer(text, low, min(len(text), end + _AROUND)):
        nearest = found.group(1).lstrip("\"'\\")
        if found.start() > end:
            break
    cut = _MESSAGE_END.search(nearest)
    return nearest[: cut.start()] if cut else nearest

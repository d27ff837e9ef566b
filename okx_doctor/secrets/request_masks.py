"""Masks for reports on requests: they hide the loaded secrets, and those that a request itself carries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import unquote_plus

from msgspec import Struct

from okx_doctor.protocol.scheme import spellings
from okx_doctor.protocol.timestamps import tells_time
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.redactor import MIN_MASKED_LENGTH, Redactor, derived_forms, own_texts, redactor_of
from okx_doctor.secrets.secret import MASK, Secret

CREDENTIAL_NAME: Final = re.compile("passphrase|passwd|password|secret|token|authorization|cookie|key")
"""In the lower-case name of a header: its value is nobody else's business."""
_FIELD: Final = r"(?:passphrase|passwd|password|secret|(?:private|api|access)[_-]?key|(?:access|auth)[_-]?token)"
"""In the name of a field of a query or of a body, with any prefix."""
_FIELD_NAME: Final = re.compile(_FIELD, re.IGNORECASE)
_OF_A_FORM: Final = re.compile(rf"({_FIELD}[\w.\[\]-]{{0,40}}(?:=|%3D))(?P<value>[^&\s#\"]+)", re.IGNORECASE | re.ASCII)
_ENCODED_NAME: Final = re.compile(r"(?<![^\s&?#=\"'{}])([^\s&?#=\"'{}]{1,300}+)=(?P<value>[^&\s#\"]+)")
"""A field of a form, to be asked whether its name is one of these with escapes in it."""
_COLON: Final = re.compile(r"(?P<quote>\\{0,8}[\"'])\s{0,9}:\s{0,9}")
"""The end of a name in JSON, or in Python's spelling of it, itself in a JSON text or not."""
_NAME_ENDS: Final = re.compile(rf"{_FIELD}[\w.-]{{0,40}}\Z", re.IGNORECASE | re.ASCII)
_MAX_NAME_LENGTH: Final = 120
_ESCAPE: Final = re.compile(r"\\{1,8}u([0-9a-fA-F]{4})")
_SCALAR: Final = re.compile(r"[^\s,;\"'}\]\[{()\\]+")
_MARK: Final = re.compile(r"\\{0,8}[\"']")
_OPENING, _CLOSING = "[{(", ")}]"
_MIN_VALUE_LENGTH: Final = 8
_KEYS, _, _STAMPS, _PASSPHRASES = spellings()
_CREDENTIALS: Final = frozenset(name.lower() for name in (*_KEYS, *_PASSPHRASES))
_TIMESTAMPS: Final = frozenset(name.lower() for name in _STAMPS)
_MAX_VALUE_LENGTH: Final = 256
"""A longer value is not a credential, and looking for it in sixty spellings would take a second and megabytes."""
_MAX_MASKED_VALUES: Final = 8
"""Only this many values of a request are looked for in every spelling, further ones as they are written: a request with
more is made to keep the program busy."""


class Mask(Struct, frozen=True, kw_only=True):
    """Takes everything secret out of a text: ``value`` out of one that was sent, ``sentence`` out of one of ours that
    may quote such a text, and in which our own words stay.
    """

    value: Callable[[str], str]
    sentence: Callable[[str], str]


class Masks:
    """Masks for reports on requests: ``carried`` for text out of one request, ``loaded`` for text out of one that
    carries no credential but those that are known. ``redactor`` knows the loaded ones.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        known = tuple(secrets)
        self.redactor = redactor_of(known)
        self._forms = frozenset(form for secret in known for form in derived_forms(secret.reveal()))
        self.loaded = _mask(self._forms, self.redactor.foreign, self.redactor.told)
        self._mask_of = lru_cache(maxsize=64)(self._make_mask)

    def carried(self, request: WireRequest) -> Mask:
        """The mask for what belongs to this request."""
        found = {*_in_headers(request), *_in_fields(request)}
        values = sorted(value for value in found if len(value) >= MIN_MASKED_LENGTH)  # others by their place alone
        spelled = tuple(value for value in values if len(value) <= _MAX_VALUE_LENGTH)[:_MAX_MASKED_VALUES]
        mask, others = self._mask_of(spelled), [value for value in values if value not in spelled]
        if not others:
            return mask
        return Mask(
            value=lambda text: mask.value(_without(text, others)),
            sentence=lambda text: mask.sentence(_without(text, others)),
        )

    def _make_mask(self, values: tuple[str, ...]) -> Mask:
        known, sent = self.redactor, Redactor(map(Secret, values), own_texts)
        forms = self._forms.union(*(derived_forms(value) for value in values))
        return _mask(forms, lambda text: known.foreign(sent.foreign(text)), lambda text: known.told(sent.told(text)))


def _mask(forms: frozenset[str], of_value: Callable[[str], str], of_sentence: Callable[[str], str]) -> Mask:
    """Both masks, which also take out the fields of a credential, whatever their values."""

    def value(text: str) -> str:
        return _without_fields(of_value(text) if _find_first(text, forms) else text)

    def sentence(text: str) -> str:
        return _without_fields(of_sentence(text) if _find_first(text, forms) else text)

    again = lru_cache(maxsize=128)(value)  # a bot asks for the same few targets
    return Mask(value=lambda text: again(text) if len(text) <= _MAX_VALUE_LENGTH else value(text), sentence=sentence)


def _find_first(text: str, forms: Iterable[str]) -> str:
    """The first of the forms that a text contains, ``""`` for none. Called five times for every request."""
    for form in forms:
        if form in text:
            return form
    return ""


def _in_headers(request: WireRequest) -> Iterator[str]:
    return (value for name, value in request.headers if _is_credential(name, value))


def _in_fields(request: WireRequest) -> Iterator[str]:
    """The values in a credential's fields of the query or of the body, as written and as meant."""
    for parameter in request.target.partition("?")[2].split("&"):
        name, equals, text = parameter.partition("=")
        if equals and _FIELD_NAME.search(unquote_plus(name)):
            yield from (text, unquote_plus(text))
    for text in (request.target, request.body.decode("utf-8", "surrogateescape")):
        if not _FIELD_NAME.search(text):
            continue
        for found in _OF_A_FORM.finditer(text):
            yield from (found["value"], unquote_plus(found["value"]))
        for start, end in _places_in_json(text):
            yield from (text[start:end], _unescape_json(text[start:end]))
    yield from _in_json(request.body)


def _in_json(body: bytes) -> Iterator[str]:
    """The values under a credential's name in a JSON body, however the name is escaped and the value nested."""
    if b"\\" not in body and not _FIELD_NAME.search(body.decode("utf-8", "surrogateescape")):
        return
    try:
        unseen = [(json.loads(body), False)]  # no recursion: the parser's own goes deeper than Python's
    except (ValueError, RecursionError):
        return
    while unseen:
        match unseen.pop():
            case (dict() as members, hidden):
                unseen += [(each, hidden or bool(_FIELD_NAME.search(name))) for name, each in members.items()]
            case (list() as items, hidden):
                unseen += [(each, hidden) for each in items]
            case (str() as text, True) if text:
                yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
            case (int() | float() as number, True) if not isinstance(number, bool):
                yield str(number)


def _unescape_json(written: str) -> str:
    try:
        return str(json.loads(f'"{written}"'))
    except ValueError:
        return written


def _without_fields(text: str) -> str:
    """A text with nothing in a credential's fields: hidden by their place, so that a value may be of any length."""
    if "%" in text:
        text = _ENCODED_NAME.sub(_without_encoded, text)
    if "\\" not in text and not _FIELD_NAME.search(text):
        return text
    text = _OF_A_FORM.sub(lambda found: f"{found[1]}{MASK}", text)
    kept, at = [], 0
    for start, end in _places_in_json(text):
        kept += [text[at:start], MASK]
        at = end
    return "".join((*kept, text[at:]))


def _without_encoded(field: re.Match[str]) -> str:
    hidden = "%" in field[1] and _FIELD_NAME.search(unquote_plus(field[1]))
    return f"{field[1]}={MASK}" if hidden else field[0]


def _places_in_json(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each value under a credential's name goes, however deep, in one pass."""
    at = 0
    while colon := _COLON.search(text, at):
        at = colon.end()
        name = text[max(0, colon.start() - _MAX_NAME_LENGTH) : colon.start()].rpartition(colon["quote"][-1])[2]
        if not _NAME_ENDS.search(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)):
            continue
        for start, end in _scalars(text, at):
            if start < end:
                yield start, end
            at = end


def _scalars(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The place of the value that begins here, or of each that is nested in it; names in it are passed over."""
    depth = 0
    while at < len(text):
        if mark := _MARK.match(text, at):
            start = mark.end()
            at = _end_of_string(text, start, mark.group())
            behind = _COLON.match(text, at)
            yield (start, at) if not (depth and behind) else (at, at)
            at += len(mark.group())
        elif text[at] in _OPENING:
            depth, at = depth + 1, at + 1
        elif text[at] in _CLOSING:
            depth, at = depth - 1, at + 1
        elif scalar := _SCALAR.match(text, at):
            yield scalar.span()
            at = scalar.end()
        elif depth:
            at += 1
        if depth <= 0:
            return


def _end_of_string(text: str, start: int, mark: str) -> int:
    """Where a string ends that such a mark opened: at the next that is as deep in JSON within JSON.

    There, every backslash and every quotation mark has twice as many backslashes before it as one level higher.
    """
    deep, seen = len(mark), start
    while (quote := text.find(mark[-1], seen)) >= 0:
        backslashes = len(text[seen:quote]) - len(text[seen:quote].rstrip("\\"))
        if backslashes % (2 * deep) == deep - 1:
            return quote - deep + 1
        seen = quote + 1
    return len(text)


def _is_credential(name: str, value: str) -> bool:
    """Whether a header carries one, whether or not it is the loaded one."""
    match _kind(name):
        case "credential":
            return bool(value)
        case "timestamp":
            return bool(value) and not tells_time(value)  # another text may be a value in the wrong place
        case "like one":
            return len(value) >= _MIN_VALUE_LENGTH
        case "other":
            return False


@lru_cache(maxsize=256)
def _kind(name: str) -> Literal["credential", "timestamp", "like one", "other"]:
    lower = name.lower()
    if lower in _CREDENTIALS:
        return "credential"
    if lower in _TIMESTAMPS:
        return "timestamp"
    return "like one" if lower != "sec-websocket-key" and CREDENTIAL_NAME.search(lower) else "other"


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, MASK)
    return text

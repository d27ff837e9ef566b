"""The one redactor that every exit goes through: it knows the credentials and the product's own texts.

Values are masked before anything is judged or rendered: data without secrets needs no care afterwards, and a
finished document is never rewritten.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from okx_doctor.secrets.secret import MASK, Secret

_OF_THE_PRODUCT: Final = (".py", ".json", ".css", ".md")
_PERCENT = re.compile("%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")
MIN_MASKED_LENGTH = 4
"""Shorter values are not searched for in text: masking every 'a' would hide nothing and garble all."""
_MIN_ALARMING_LENGTH = 8
"""Shorter forms raise no alarm: they come about by chance."""
_MAX_DERIVED_LENGTH = 4096
_MAX_WORD_LENGTH = 80
_LINE_BREAK = re.compile(r"\n *")
_WORD_BEFORE = re.compile(r"[\w-]+\Z")
_WORD_BEHIND = re.compile(r"[\w-]+")
_COUNTED = re.compile(r"-\d+")
"""The product numbers a word of its own as ``passphrase-1``; its texts have the word alone."""


def redactor_of(secrets: Iterable[Secret]) -> Redactor:
    """The redactor that knows these values."""
    return Redactor(secrets, own_texts)


@cache
def own_texts() -> str:
    """The product's own texts. Read only where a secret seems to be a word of them."""
    package = Path(__file__).parents[1]
    return "\n".join(path.read_text("utf-8") for path in package.rglob("*") if path.suffix in _OF_THE_PRODUCT)


def derived_forms(text: str) -> frozenset[str]:
    """Every spelling in which ``text`` could leave by accident: raw, trimmed, base64, URL, JSON, hex, repr.

    Of a text that is too long for a credential (a whole file, taken for one) only itself, raw and trimmed: to look
    for sixty spellings of it would take seconds.
    """
    forms: set[str] = set()
    for value in {text, text.strip(), text.strip("\"'` \t\r\n=")}:
        if len(value) < MIN_MASKED_LENGTH:
            continue
        if len(value) > _MAX_DERIVED_LENGTH:
            forms.add(value)
            continue
        raw = value.encode("utf-8", "surrogatepass")
        standard = base64.b64encode(raw).decode()
        url_safe = base64.urlsafe_b64encode(raw).decode()
        forms |= {
            value,
            value.lower(),
            value.upper(),
            value.swapcase(),
            standard,
            standard.rstrip("="),
            url_safe,
            url_safe.rstrip("="),
            quote(value, safe="", errors="replace"),
            quote(value, errors="replace"),
            quote(value, safe="!'()*", errors="replace"),  # as encodeURIComponent does it
            quote_plus(value, errors="replace"),
            quote(quote(value, safe="", errors="replace"), safe=""),  # a form inside a form, here and below
            quote(json.dumps(value)[1:-1], safe=""),
            json.dumps(json.dumps(value)[1:-1])[1:-1],
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            repr(value)[1:-1],
            repr(raw)[2:-1],
            html.escape(value),
            html.escape(value, quote=False),
            shlex.quote(value)[1:-1] if "'" in value else value,
            raw.hex(),
            raw.hex().upper(),
            *(
                escaped(spelled)[1:-1]
                for spelled in (value.lower(), value.upper(), value.swapcase())
                for escaped in (repr, json.dumps)
            ),
            *_inside_base64(raw),
        }
    forms |= {_PERCENT.sub(lambda found: found.group().lower(), form) for form in forms if "%" in form}
    return frozenset(form for form in forms if len(form) >= MIN_MASKED_LENGTH)


def _inside_base64(raw: bytes) -> set[str]:
    """The bytes inside a longer base64 text, at each of its three alignments."""
    cores: set[str] = set()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        core = text[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        if len(core) >= 2 * MIN_MASKED_LENGTH:
            cores |= {core, core.translate(_URL_SAFE)}
    return cores


class Redactor:
    """Takes every known secret, in every derived form, out of values before they are rendered, and raises the alarm
    over a finished document that holds one all the same.

    ``own_texts`` gives the product's own texts. It is asked only where a form was met in a sentence or in a document: a
    secret may be spelled like a word of them (``passphrase``), and such a word tells nothing.
    """

    def __init__(self, secrets: Iterable[Secret], own_texts: Callable[[], str] = str) -> None:
        forms: set[str] = set()
        for secret in secrets:
            forms |= derived_forms(secret.reveal())
        self._own_texts = own_texts
        self._found_own: dict[str, bool] = {}
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))
        self._alarming = tuple(sorted(form for form in forms if len(form) >= _MIN_ALARMING_LENGTH))

    @cached_property
    def _searched(self) -> re.Pattern[str]:
        """Made when the first secret is met: that takes a millisecond, and a healthy run meets none."""
        return re.compile("|".join(map(re.escape, self._forms)))

    def _holds_any(self, text: str) -> bool:
        return any(form in text for form in self._forms)

    def foreign(self, text: str) -> str:
        """Mask secrets in text that came from outside: a path, an address, a piece of a request."""
        return self._searched.sub(MASK, text) if self._holds_any(text) else text

    def told(self, text: str) -> str:
        """Mask secrets in a sentence of the product's own around foreign text: its own whole words stay."""
        if not self._holds_any(text):
            return text
        return self._searched.sub(lambda found: found.group() if self._is_own(found) else MASK, text)

    def finds(self, document: str) -> bool:
        """Whether a finished document holds a secret of eight characters or more: a fault of the masking before it.

        The product's own words and its numbers (a date, a duration) do not count, even if a secret is spelled alike.
        """
        unescaped = html.unescape(document) if "&" in document else document
        unbroken = _LINE_BREAK.sub("", unescaped)  # a line is broken anywhere in a long word
        texts = tuple(dict.fromkeys((unescaped, document, unbroken)))
        return any(self._betrays(form, text) for form in self._alarming if (text := _first_with(form, texts)))

    def _betrays(self, form: str, text: str) -> bool:
        """Whether a text holds a form that is neither words nor numbers of the product."""
        found = re.finditer(re.escape(form), text)
        return any(not (self._is_own(one) or self._could_be_own(form)) for one in found)

    def _is_own(self, found: re.Match[str]) -> bool:
        """Whether the whole words that a form was found in are the product's own, in the same order."""
        start, end = found.span()
        before = _WORD_BEFORE.search(found.string, max(0, start - _MAX_WORD_LENGTH), start)
        behind = _WORD_BEHIND.match(found.string, end)
        start = before.start() if before and _WORD_BEHIND.match(found.group()) else start
        if behind and _WORD_BEFORE.search(found.group()) and not _COUNTED.fullmatch(behind.group()):
            end = behind.end()
        return self._stands_in_own(found.string[start:end])

    def _could_be_own(self, form: str) -> bool:
        """Whether a form is made of numbers alone, or of own words alone, as a format puts them together."""
        words = _WORD_BEHIND.findall(form)
        numbers = [word for word in words if not any(char.isalpha() for char in word)]
        return len(numbers) == len(words) or (not numbers and all(map(self._stands_in_own, words)))

    def _stands_in_own(self, words: str) -> bool:
        if words not in self._found_own:
            whole = re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])")
            self._found_own[words] = whole.search(self._own_texts()) is not None
        return self._found_own[words]


def _first_with(form: str, texts: Iterable[str]) -> str:
    """The first of the texts that a form is in, ``""`` where it is in none."""
    for text in texts:
        if form in text:
            return text
    return ""

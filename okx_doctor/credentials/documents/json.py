"""JSON as ccxt's users and freqtrade keep it: comments and trailing commas are allowed, as freqtrade's parser does.

https://www.freqtrade.io/en/stable/configuration/
"""

from __future__ import annotations

import json
import re
from typing import Final

import yaml

from okx_doctor.credentials.documents import nodes
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange, find_escape
from okx_doctor.secrets.secret import Secret

_STRING: Final = r'"(?:[^"\\\n]|\\.)*+"?'
_NOT_STRICT: Final = re.compile(rf"{_STRING}|//[^\n]*|/\*(?:.*?\*/|.*)", re.DOTALL)
_TRAILING_COMMA: Final = re.compile(rf"{_STRING}|,(?=\s*+[}}\]])")
_NOT_YAML: Final = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that JSON allows and YAML does not, or takes for the end of a line, where it wants a key's colon first."""


def leaves(text: str, named: str) -> list[Leaf]:
    """Every scalar of the document. Raises ``UnusableFile`` that begins with ``named``.

    Comments and trailing commas are blanked out, and the rest is checked as strict JSON. The YAML parser, which
    reads JSON too, then gives the place of each value and keeps a key that is written twice.
    """
    strict = _TRAILING_COMMA.sub(_blank, _NOT_STRICT.sub(_blank, text))
    try:
        json.loads(strict)
    except json.JSONDecodeError as error:
        raise UnusableFile(f"{named} is not JSON at line {error.lineno}, column {error.colno}: {_why(error)}") from None
    except RecursionError:
        raise UnusableFile(f"{named} is nested too deeply") from None
    except ValueError:
        raise UnusableFile(f"{named} is not JSON that Python reads: a number in it is too long") from None
    try:
        return nodes.leaves(yaml.compose(_NOT_YAML.sub(" ", strict), yaml.SafeLoader), text, named, _read)
    except (yaml.YAMLError, RecursionError):
        raise UnusableFile(f"{named} is JSON of a form that cannot be followed; write each key on a line") from None


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f'"{key}": "…", with \\ and " in it written as \\\\ and \\"'


def _blank(found: re.Match[str]) -> str:
    """Blanks of the same length for anything but a string, so that every place stays what it is."""
    text = found.group()
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _why(error: json.JSONDecodeError) -> str:
    """Python's own words, which hold nothing of the text."""
    return error.msg[:1].lower() + error.msg[1:]


def _read(scalar: yaml.ScalarNode, raw: str, rest: str) -> nodes.Reading:
    value = json.loads(raw)
    if isinstance(value, str):
        return value, find_escape(raw, value)
    if value is None:
        return "", None
    text = str(value)
    if text == raw or isinstance(value, bool):
        return text, None
    return text, LoaderChange(
        character="", what="is not quoted, so JSON reads a number and not text", meant=Secret(raw)
    )

"""``docker run --env-file``: everything after the first ``=`` is the value, unchanged.

Source of the facts: the rules that docker's command line documents in its package ``pkg/kvfile``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.credentials.dialects.reading import BYTE_ORDER_MARK, Act, Lines, Loaded, Reading
from okx_doctor.secrets.secret import Secret

GO_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""The characters that Go's ``unicode.IsSpace`` accepts."""


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as docker does. One bad line refuses the whole file; the last of a name wins."""
    readings: dict[str, Reading] = {}
    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = Lines(text)
    end = -1
    for whole in text.split("\n"):
        end += 1 + len(whole)
        line = whole.removesuffix("\r").lstrip(GO_SPACE)
        number, last = lines.span(end - len(whole.lstrip(GO_SPACE)), end)
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not name:
            return Loaded(refusal="refuses the file: a line without a name", character="=", line=number)
        if " " in name or "\t" in name:
            what = "`export`" if name.replace("\t", " ").startswith("export ") else "a blank in the name"
            return Loaded(refusal=f"refuses the file: {what}", character=" ", line=number)
        if equals:
            acts = (Act("carriage-return", "\r"),) if whole.endswith("\r") else ()
            readings[name] = Reading(line=number, last_line=last, value=Secret(value), acts=acts)
        elif name in environ:
            readings[name] = Reading(line=number, value=Secret(environ[name]))
    return Loaded(readings=readings)

"""Property lists of launchd, whose ``EnvironmentVariables`` a program is started with: launchd.plist(5)."""

from __future__ import annotations

import html
import plistlib
import re
from typing import Final
from xml.parsers.expat import ExpatError

from okx_doctor.credentials.beside import is_setting
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange
from okx_doctor.secrets.secret import Secret

VARIABLES: Final = "EnvironmentVariables"
_SPELLING: Final = "in a property list & is written &amp; and < is written &lt;"


def leaves(text: str, named: str) -> list[Leaf]:
    """The variables of OKX's in a launchd job's environment. Raises ``UnusableFile`` that begins with ``named``."""
    try:
        found: object = plistlib.loads(text.encode(), fmt=plistlib.FMT_XML)
    except ExpatError as error:  # its text holds the place alone
        raise UnusableFile(
            f"{named} is not a property list at line {error.lineno}, column {error.offset + 1}; {_SPELLING}"
        ) from None
    except RecursionError:
        raise UnusableFile(f"{named} is nested too deeply") from None
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):  # of its conversions, with the text
        raise UnusableFile(f"{named} is not a property list that launchd reads") from None
    variables = found.get(VARIABLES) if isinstance(found, dict) else None
    if not isinstance(variables, dict):
        raise UnusableFile(f"{named} has no {VARIABLES}: the job gets no credentials from it")
    return [_leaf(str(name), value, text) for name, value in variables.items() if _ours(str(name))]


def _ours(name: str) -> bool:
    return slot_of(name) is not None or is_setting(name)


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f"<key>{key}</key><string>…</string>, with &amp; for each & and &lt; for each <"


def _leaf(name: str, value: object, text: str) -> Leaf:
    at = re.search(rf"<key>\s*{re.escape(html.escape(name, quote=False))}\s*</key>", text)
    line = text.count("\n", 0, at.start()) + 1 if at else 0
    written = value if isinstance(value, str) else ""
    change = None
    if not isinstance(value, str):
        change = LoaderChange(character="", what="is no <string>, and launchd drops it", meant=Secret(str(value)))
    elif (unescaped := html.unescape(written)) != written:
        what = "is escaped twice: the job gets &amp; where & is meant"
        change = LoaderChange(character="&", what=what, meant=Secret(unescaped))
    return Leaf(path=(VARIABLES, name), text=Secret(written), line=line, change=change)

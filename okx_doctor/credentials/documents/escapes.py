"""Double quotes whose backslashes a loader takes for escapes, in every form that has such quotes."""

from __future__ import annotations

from okx_doctor.credentials.mangling import LoaderChange
from okx_doctor.secrets.secret import Secret


def find_escape(raw: str, text: str) -> LoaderChange | None:
    """Finds escapes in a text in double quotes that its writer can hardly have meant.

    ``raw`` is what is written, quotes included. An escaped quote or backslash is as it should be; an escape that
    makes a control character (``\\n``, ``\\t``, ``\\b``) is not, since no header can carry one.
    """
    inner = raw[1:-1]
    if not raw.startswith('"') or "\\" not in inner or all(char >= " " and char != "\x7f" for char in text):
        return None
    what = "is in double quotes, where the loader replaces \\ escapes"
    return LoaderChange(character="\\", what=what, meant=Secret(inner))

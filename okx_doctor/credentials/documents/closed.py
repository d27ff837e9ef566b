"""Files that hold no credentials to read, named for what they are: encrypted ones, and other programs' settings."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final, NamedTuple


class _Closed(NamedTuple):
    """A mark of each such file, and its description in words that follow its name."""

    name: str
    text: str
    said: str


_PIPED: Final = "okx-doctor check --credentials -"
_KINDS: Final = (
    _Closed(
        r"\.env\.vault(?:\..*)?",
        r"^DOTENV_VAULT(?:_\w+)?=",
        "is encrypted by dotenv-vault; decrypt it (npx dotenv-vault local decrypt) and check the .env that comes of it",
    ),
    _Closed(
        "",
        r"""^(?:export\s+)?OK\w+\s*=\s*["']?encrypted:""",
        "is encrypted by dotenvx; run dotenvx run -- okx-doctor check --no-env-file",
    ),
    _Closed("", r"ENC\[AES256_GCM,data:", f"is encrypted by sops; run sops -d FILE | {_PIPED}"),
    _Closed("", r"\A\$ANSIBLE_VAULT;", f"is encrypted by ansible-vault; run ansible-vault view FILE | {_PIPED}"),
    _Closed("", r"\A-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)-----", f"is encrypted; decrypt it and run {_PIPED}"),
    _Closed("", r"\Aage-encryption\.org/", f"is encrypted by age; run age -d FILE | {_PIPED}"),
    _Closed(r"\.npmrc", "", "holds npm's own settings, which no program gets as variables; name the bot's own file"),
    _Closed(r"\.yarnrc(?:\.yml)?", "", "holds yarn's own settings, which no program gets; name the bot's own file"),
    _Closed(r"\.pypirc", "", "holds settings of Python's package tools, which no program gets; name the bot's own"),
    _Closed(r"\.netrc", "", "holds logins of curl and ftp, which OKX does not take; name the bot's own file"),
)


def closed(name: str, text: str) -> str:
    """The kind of a file without readable credentials, in words that follow its name; empty for any other."""
    plain = PurePath(name).name
    for kind in _KINDS:
        if (kind.name and re.fullmatch(kind.name, plain)) or (kind.text and re.search(kind.text, text, re.MULTILINE)):
            return kind.said
    return ""

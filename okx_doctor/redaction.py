"""The redactor of a run: it knows the credentials, and which words are the product's own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from okx_doctor.credentials.load import Credentials
from okx_doctor.secret import Redactor, Secret


def redactor(credentials: Credentials) -> Redactor:
    """The redactor that knows these credentials."""
    return redactor_of(credentials.secrets())


def redactor_of(secrets: Iterable[Secret]) -> Redactor:
    """The redactor that knows these values.

    Where one is a mere word (a passphrase spelled ``passphrase``) it is handed the product's own sources, so that
    what the product says of itself stays readable.
    """
    known = tuple(secrets)
    mere_words = any(re.fullmatch(r"[A-Za-z_. -]+", secret.reveal()) for secret in known)
    return Redactor(known, _own_words() if mere_words else "")


def _own_words() -> str:
    package = Path(__file__).parent
    sources = (path for path in sorted(package.rglob("*")) if path.suffix in (".py", ".json", ".css"))
    return "\n".join(path.read_text("utf-8") for path in sources)

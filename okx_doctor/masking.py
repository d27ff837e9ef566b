"""What takes secrets out of an output: the loaded ones, and those that a request itself carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from okx_doctor.credentials.load import Credentials
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.secret import Redactor, Secret, derived_forms


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
    return "\n".join(path.read_text("utf-8") for path in sorted(package.rglob("*")) if path.suffix in (".py", ".json"))


class Masks:
    """Masks for reports on requests: ``whole`` for finished output, ``foreign`` for text out of one request."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        known = tuple(secrets)
        redact = redactor_of(known)
        loaded = frozenset(form for secret in known for form in derived_forms(secret.reveal()))

        def whole(text: str) -> str:
            return redact.whole(text) if any(form in text for form in loaded) else text

        @lru_cache(maxsize=64)
        def carried(values: tuple[str, ...]) -> Redactor:
            return Redactor(Secret(value) for value in values)

        def foreign(capture: Capture) -> Callable[[str], str]:
            values = (capture.request.header(KEY_HEADER) or "", capture.request.header(PASSPHRASE_HEADER) or "")
            return lambda text: redact.foreign(carried(values).foreign(text))

        self.whole = whole
        self.foreign = foreign

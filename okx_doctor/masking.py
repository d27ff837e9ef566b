"""What takes secrets out of reports on requests: the loaded ones, and those that a request itself carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, Literal

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.structure.stamps import tells_time
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, TIMESTAMP_HEADER
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.redaction import redactor_of
from okx_doctor.secret import MASK, Redactor, Secret, derived_forms

CREDENTIAL_NAME: Final = re.compile("passphrase|passwd|password|secret|token|authorization|cookie|key")
"""In the lower-case name of a header: its value is nobody else's business."""
_SHORTEST: Final = 8
_LONGEST: Final = 256
"""What is longer is no credential, and to look for it in sixty spellings would take a second and megabytes."""
_MOST: Final = 8
"""Of a request that carries more, as only one made to keep us busy does, the others are looked for as they are."""


class Masks:
    """Masks for reports on requests: ``whole`` for finished output, ``carried`` for text out of one request,
    ``loaded`` for text out of one that carries no credential but those that are known."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        known = tuple(secrets)
        redact = redactor_of(known)
        loaded = frozenset(form for secret in known for form in derived_forms(secret.reveal()))

        def whole(text: str) -> str:
            return redact.whole(text) if _held(text, loaded) else text

        @lru_cache(maxsize=64)
        def of_request(values: tuple[str, ...]) -> Callable[[str], str]:
            sent = Redactor(Secret(value) for value in values)
            forms = loaded.union(*(derived_forms(value) for value in values))

            def mask(text: str) -> str:
                return redact.foreign(sent.foreign(text)) if _held(text, forms) else text

            again = lru_cache(maxsize=128)(mask)  # a bot asks for the same few targets
            return lambda text: again(text) if len(text) <= _LONGEST else mask(text)

        def carried(request: WireRequest) -> Callable[[str], str]:
            values = sorted({value for name, value in request.headers if _is_credential(name, value)})
            spelled = tuple(value for value in values if len(value) <= _LONGEST)[:_MOST]
            mask, others = of_request(spelled), [value for value in values if value not in spelled]
            return (lambda text: mask(_without(text, others))) if others else mask

        def of_the_loaded(text: str) -> str:
            return redact.foreign(text) if _held(text, loaded) else text

        self.whole = whole
        self.loaded = of_the_loaded
        self.carried = carried

    def foreign(self, capture: Capture) -> Callable[[str], str]:
        """The mask for text out of a captured request."""
        return self.carried(capture.request)


def _held(text: str, forms: Iterable[str]) -> str:
    """The first of the forms that stands in a text, ``""`` for none: asked five times for every request."""
    for form in forms:
        if form in text:
            return form
    return ""


def _is_credential(name: str, value: str) -> bool:
    """Whether a header carries one, whether or not it is the loaded one."""
    match _kind(name):
        case "credential":
            return bool(value)
        case "timestamp":
            return bool(value) and not tells_time(value)  # one that is none may be a value in the wrong place
        case "like one":
            return len(value) >= _SHORTEST
        case "other":
            return False


@lru_cache(maxsize=256)
def _kind(name: str) -> Literal["credential", "timestamp", "like one", "other"]:
    lower = name.lower()
    if lower in (KEY_HEADER.lower(), PASSPHRASE_HEADER.lower()):
        return "credential"
    if lower == TIMESTAMP_HEADER.lower():
        return "timestamp"
    return "like one" if lower != "sec-websocket-key" and CREDENTIAL_NAME.search(lower) else "other"


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, MASK)
    return text

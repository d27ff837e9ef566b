"""Wrong passphrases are let in slowly, so that nobody on the machine can try them out on a listener.

Imports the standard library.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

TRIES: Final = 5
"""So many different wrong passphrases are judged; after that one more for each ``SECONDS``."""
SECONDS: Final = 60.0
_REMEMBERED: Final = 1000


class Throttle:
    """Remembers digests of what was tried. A value judged before tells nothing new and always passes."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._salt = secrets.token_bytes(16)
        self._judged: OrderedDict[bytes, bool] = OrderedDict()
        self._left = float(TRIES)
        self._counted_at = monotonic()

    def admits(self, api_key: str, passphrase: str) -> bool:
        """Whether this passphrase may be judged now."""
        if not passphrase or self._digest(api_key, passphrase) in self._judged:
            return True
        now = self._monotonic()
        self._left = min(float(TRIES), self._left + (now - self._counted_at) / SECONDS)
        self._counted_at = now
        return self._left >= 1

    def learn(self, api_key: str, passphrase: str, *, right: bool | None) -> None:
        """How it was judged; ``None`` where it was not looked at."""
        if right is None or not passphrase:
            return
        digest = self._digest(api_key, passphrase)
        if digest not in self._judged and not right:
            self._left -= 1
        self._judged[digest] = right
        self._judged.move_to_end(digest)
        while len(self._judged) > _REMEMBERED:
            # What was right stays: it is the bot's, and it must not be crowded out by guesses.
            wrong = next((key for key, was_right in self._judged.items() if not was_right), None)
            self._judged.pop(wrong if wrong is not None else next(iter(self._judged)))

    def _digest(self, api_key: str, passphrase: str) -> bytes:
        text = f"{len(api_key)}:{api_key}{passphrase}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._salt, digest_size=16).digest()

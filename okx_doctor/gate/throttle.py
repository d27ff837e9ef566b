"""Guesses at a passphrase are judged slowly, so that nobody on the machine can try them out on a listener.

Imports the gate's own data and the standard library.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from okx_doctor.gate.steps import Trace

TRIES: Final = 5
"""Different wrong passphrases that are judged at once; after them one more every ``SECONDS``."""
SECONDS: Final = 60.0
_MAX_REMEMBERED: Final = 1000


class Throttle:
    """Decides whether an answer may tell a right passphrase from a wrong one.

    Whoever signed rightly holds the secret and always gets the true answer, as the bot does. Anybody else may be
    guessing: each different wrong passphrase costs a try, and once no try is left even the right passphrase gets the
    answer of a wrong one, however often it was accepted before.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._salt = secrets.token_bytes(16)
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._left = float(TRIES)
        self._counted_at = monotonic()

    def silences(self, trace: Trace, api_key: str, passphrase: str) -> bool:
        """Whether this answer must be withheld. Counts the try where it is not."""
        stopped = trace.stopped_at
        if stopped not in ("passphrase", "signature") or trace.step("signature").passed:
            return False  # what is answered does not depend on the passphrase, or only its owner can ask
        now = self._monotonic()
        self._left = min(float(TRIES), self._left + (now - self._counted_at) / SECONDS)
        self._counted_at = now
        if self._left < 1:
            return True
        if stopped == "passphrase":
            self._count(api_key, passphrase)
        return False

    def _count(self, api_key: str, passphrase: str) -> None:
        """A bot that repeats its one mistake does not use up the tries."""
        digest = self._digest(api_key, passphrase)
        if digest not in self._wrong:
            self._left -= 1
        self._wrong[digest] = None
        self._wrong.move_to_end(digest)
        while len(self._wrong) > _MAX_REMEMBERED:
            self._wrong.popitem(last=False)

    def _digest(self, api_key: str, passphrase: str) -> bytes:
        text = f"{len(api_key)}:{api_key}{passphrase}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._salt, digest_size=16).digest()

"""Why a client has no answer: each way to fail, with the numbers and the fixed words that give it away.

Operating systems translate their messages, so numbers, class names and constants come first; English words follow,
since most machines speak English. ``tests/data/stacks.jsonl`` has the texts, with the program that printed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.decoding.failures.addresses import ADDRESSES
from okx_doctor.decoding.failures.connecting import CONNECTING
from okx_doctor.decoding.failures.cut import CUT
from okx_doctor.decoding.failures.failure import Failure
from okx_doctor.decoding.failures.names import NAMES
from okx_doctor.decoding.failures.proxies import PROXIES
from okx_doctor.decoding.failures.streams import STREAMS
from okx_doctor.decoding.failures.tls import TLS

FAILURES: Final[tuple[Failure, ...]] = (*PROXIES, *ADDRESSES, *TLS, *NAMES, *STREAMS, *CONNECTING, *CUT)
"""The more telling first: of two in one message the earlier one of this table counts."""

BY_ID: Final[Mapping[str, Failure]] = {failure.id: failure for failure in FAILURES}

"""Which numbers mean something here, and on which channel; all of them data, no judgement."""

from __future__ import annotations

from functools import cache
from typing import Final

from okx_doctor.protocol.codes import all_codes, documented

STATUSES: Final = frozenset((400, 401, 403, 404, 405, 407, 410, 429, 451, 500, 502, 503, 504, *range(520, 528), 530))
"""HTTP statuses that are an answer worth explaining when there is nothing else."""

CLOUDFLARE: Final = frozenset(
    str(number) for number in (1000, 1003, *range(1005, 1017), 1018, 1019, 1020, 1023, 1025, 1101, 1102)
)
"""Cloudflare's own error numbers (https://developers.cloudflare.com/support/troubleshooting/cloudflare-errors)."""

CLOSE_CODES: Final = frozenset(("1009", *(str(code) for code in range(4001, 4010))))
"""Codes of OKX's WebSocket close frames (https://www.okx.com/docs-v5/en/#error-code-websocket-public, 2026-07)."""

_RETIRED: Final = ((10_000, 10_999), (20_000, 20_999), (30_000, 36_999))
"""Ranges of the v1 and v3 APIs, REST and WebSocket. v5 uses none of them."""


@cache
def known() -> frozenset[str]:
    """Every code that OKX documents, or once documented for v5."""
    return frozenset(row.code for row in all_codes()) | frozenset(documented())


@cache
def retired_codes() -> frozenset[str]:
    """Every number in the ranges of the v1 and v3 APIs."""
    return frozenset(str(code) for low, high in _RETIRED for code in range(low, high + 1))


def is_retired(code: str) -> bool:
    """Whether a code can only be one of the v1 or v3 APIs."""
    return code in retired_codes()

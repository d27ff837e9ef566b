"""Orders over a WebSocket: accepted and forgotten, as those over REST are.

Source: https://www.okx.com/docs-v5/en/#order-book-trading-trade-ws-place-order and the operations beside it
(2026-02-23). Pure; imports the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "/ws/v5/private": frozenset({
        "order", "batch-orders", "cancel-order", "batch-cancel-orders", "amend-order", "batch-amend-orders",
        "mass-cancel",
    }),
    "/ws/v5/business": frozenset({
        "sprd-order", "sprd-amend-order", "sprd-cancel-order", "sprd-mass-cancel",
    }),
}  # fmt: skip
"""The actions on orders at a path."""


def done(op: str, entries: Sequence[Mapping[str, object]], now: float) -> dict[str, object]:
    """The answer to an operation that succeeds. ``now`` is the exchange's clock in Unix seconds."""
    if op.endswith("mass-cancel"):
        return _answer(op, "0", "", [{"result": True}], now)
    first = int(now * 1_000_000)
    rows: list[dict[str, object]] = [
        {
            "clOrdId": "",
            "ordId": _number(entry.get("ordId")) or str(first + index),
            "sCode": "0",
            "sMsg": "",
            "tag": "",
            "ts": str(int(now * 1000)),
        }
        for index, entry in enumerate(entries)
    ]
    return _answer(op, "0", "", rows, now)


def refused(op: str, code: str, text: str, now: float) -> dict[str, object]:
    """The answer to an operation that the key may not do; that it has this form is assumed."""
    return _answer(op, code, text, [], now)


def _answer(op: str, code: str, text: str, data: list[dict[str, object]], now: float) -> dict[str, object]:
    moment = str(int(now * 1_000_000))
    return {"op": op, "code": code, "msg": text, "data": data, "inTime": moment, "outTime": moment}


def _number(value: object) -> str:
    """An order's number as the client gave it; nothing else of what it sent comes back."""
    return value[:20] if isinstance(value, str) and value.isascii() and value.isdigit() else ""

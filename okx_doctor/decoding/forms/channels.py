"""The channel that a refused subscription asked for, where it is one of OKX's."""

from __future__ import annotations

import re
from typing import Final

from okx_doctor.protocol.channels import named

_NEAR: Final = 900
_ASKED: Final = re.compile(r"channel[\"'\s]{0,3}[:=][\"'\s]{0,3}([A-Za-z0-9_-]{3,40})")
_BARE: Final = re.compile(r"[a-z][a-z0-9]{2,20}(?:[-_][a-z0-9]{2,20}){1,3}")
_CANDLES: Final = re.compile(r"(?:mark-price-|index-|sprd-)?candle\d{1,2}[smHDWMY](?:utc)?")
_OPEN: Final = ("candle", "mark-price-candle", "index-candle", "sprd-", "trades-all")
"""Families of channels whose names go on: only whole names of candles are printed of these."""
_LOGIN: Final = re.compile(r"event[\"'\s]{0,3}:[\"'\s]{0,3}login")


def channel_near(text: str, at: int) -> str:
    """The channel that is named last before an offset, else first after it; ``""`` for none of OKX's."""
    start = max(0, at - _NEAR)
    for pattern in (_ASKED, _BARE):
        found = [(match.start(), match[match.lastindex or 0]) for match in pattern.finditer(text, start, at + _NEAR)]
        known = [(place, channel) for place, asked in found if (channel := _whole(named(asked)))]
        before = [channel for place, channel in known if place < at]
        if known:
            return before[-1] if before else known[0][1]
    return ""


def _whole(channel: str) -> str:
    open_ended = channel.startswith(_OPEN) and channel not in ("sprd-orders", "sprd-trades", "trades-all")
    return channel if not open_ended or _CANDLES.fullmatch(channel) else ""


def logged_in_before(text: str, at: int) -> bool:
    """Whether there is a login's event before an offset: on another connection, where 60011 follows."""
    return _LOGIN.search(text, max(0, at - 20 * _NEAR), at) is not None

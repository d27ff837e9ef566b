"""The pytest fixture ``okx_exchange``. Nothing of the exchange is imported before a test asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from okx_doctor.testing.exchange import OkxExchange


@pytest.fixture
def okx_exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[OkxExchange]:
    """OKX on a loopback port for one test: ``url``, ``ws_url``, ``accounts``, ``requests``, ``clock``, ``stage()``
    and ``assert_all_valid()``. A proxy of this machine is not asked for loopback addresses meanwhile."""
    from okx_doctor.testing.exchange import OkxExchange

    for name in ("NO_PROXY", "no_proxy"):
        bypassed = [part for part in (os.environ.get(name, ""), "127.0.0.1", "localhost") if part]
        monkeypatch.setenv(name, ",".join(bypassed))
    with OkxExchange() as exchange:
        yield exchange

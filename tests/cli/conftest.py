"""One exchange for the runs that change nothing about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.running import account


@pytest.fixture(scope="session")
def standing_okx() -> Iterator[Exchange]:
    with Exchange(Plan(accounts=(account(),), sites=("global", "eea"), ntp="answers")) as exchange:
        yield exchange


@pytest.fixture
def okx(standing_okx: Exchange) -> Iterator[Exchange]:
    """An exchange that knows the credentials, healthy, with an empty record; whatever a test stages is undone."""
    standing_okx.handled.clear()
    yield standing_okx
    standing_okx.stage(None)
    standing_okx.set_clock_offset(0.0)
    assert list(standing_okx.crashes) == []

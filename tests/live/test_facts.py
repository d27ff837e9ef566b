"""What OKX answers today, held against the facts. Opt-in: ``OKX_DOCTOR_LIVE=1 pytest -m live``; needs no account."""

from __future__ import annotations

import os
import time

import pytest

from okx_doctor.probes.http import Http
from okx_doctor.probes.websocket import try_to_open
from okx_doctor.protocol.sites import SITES
from okx_doctor.report.survey import render_text
from okx_doctor.surveying.asking import CALL_SECONDS, paced
from okx_doctor.surveying.survey import survey

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.environ.get("OKX_DOCTOR_LIVE") != "1", reason="talks to the real OKX: OKX_DOCTOR_LIVE=1"),
]


def test_okx_answers_as_the_facts_say() -> None:
    http = Http(user_agent="okx-doctor")
    found = survey(paced(http, time.monotonic), lambda url: try_to_open(http, url, CALL_SECONDS), SITES, time.time)
    http.close()

    if not found.reached:
        pytest.skip("OKX could not be asked from here")
    assert not found.differs, render_text(found)

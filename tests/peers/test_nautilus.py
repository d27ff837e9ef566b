"""nautilus_trader with its OKX adapter, at a listener: under ``run`` its sockets trust the roots they bring alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.peers.listeners import Listener
from tests.peers.programs import Run

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(find_spec("nautilus_trader") is None, reason="needs the Python package nautilus_trader"),
]
DRIVER = Path(__file__).parent / "python" / "nautilus.py"


def test_its_node_starts_gets_quotes_places_an_order_and_cancels_it(listen: Callable[..., Listener], run: Run) -> None:
    at = listen()
    variables = {
        "OKX_API_KEY": at.keys.api_key,
        "OKX_API_SECRET": at.keys.secret,
        "OKX_API_PASSPHRASE": at.keys.passphrase,
    }
    done = run(sys.executable, DRIVER, at.url, f"{at.ws_url}/ws/v5", **variables)

    assert done.stdout.split("\n")[-3:] == ["accepted", "cancelled", ""], done.stderr
    heard = at.heard()
    assert heard and all(line.accepted for line in heard)
    assert {"order", "cancel-order"} <= {line.reason for line in heard if line.kind == "message"}

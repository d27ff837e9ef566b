"""The two examples of the guide "OKX API Passphrase Explained: Setup & Code Examples" (05.05.2026).

They run as published: only host, port, TLS and keys are changed. What they say about a refusal is what a
reader of the guide sees.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.peers.programs import Run
from tests.peers.scenarios import LIVE_TRADING, READ_ONLY, Scenario, Stand, assert_judged, stand

pytestmark = pytest.mark.peer

PUBLISHED = Path(__file__).parent / "guide"


def _filled(example: str, at: Stand, changes: dict[str, str]) -> str:
    """The published text with our keys and the given changes, each of which must be there exactly once."""
    text = (PUBLISHED / example).read_text("utf-8")
    keys = {
        "your-api-key-here": at.api_key,
        "your-secret-key-here": at.secret,
        "your-passphrase-here": at.passphrase,
    }
    for old, new in (keys | changes).items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("scenario", LIVE_TRADING, ids=str)
def test_the_python_example_shows_a_balance_or_blames_the_passphrase_for_everything(
    scenario: Scenario, run: Run, tmp_path: Path
) -> None:
    program, trusted = tmp_path / "balance.py", tmp_path / "ca.pem"
    with stand(scenario, tls=True) as at:
        program.write_text(_filled("python_example.txt", at, {"https://www.okx.com": at.base_url}), "utf-8")
        trusted.write_bytes(at.exchange.ca_pem)
        done = run(sys.executable, program, REQUESTS_CA_BUNDLE=str(trusted), PYTHONUTF8="1")

    assert (done.returncode, done.stderr) == (0, "")
    if scenario.code == "0":
        assert done.stdout == "BTC: 0.01\nETH: 0.2\nUSDT: 100\n"
    else:
        assert done.stdout == "HTTP error: 401 — likely wrong passphrase or expired key\n"
    assert len(at.exchange.handled) == 1
    assert_judged(at.exchange.handled[0], scenario, "/api/v5/account/balance")


@pytest.mark.parametrize("scenario", [*LIVE_TRADING, READ_ONLY], ids=str)
def test_the_node_example_places_an_order_or_repeats_okxs_code(
    scenario: Scenario, run: Run, node: str, tmp_path: Path
) -> None:
    program, trusted = tmp_path / "order.cjs", tmp_path / "ca.pem"
    with stand(scenario, tls=True) as at:
        host, _, port = at.base_url.removeprefix("https://").partition(":")
        changes = {
            "'www.okx.com'": f"'{host}'",
            "hostname: config.baseUrl,": f"hostname: config.baseUrl, port: {port},",
        }
        program.write_text(_filled("node_example.txt", at, changes), "utf-8")
        trusted.write_bytes(at.exchange.ca_pem)
        done = run(node, program, NODE_EXTRA_CA_CERTS=str(trusted))

    assert done.returncode == 0, done.stderr
    if scenario.code == "0":
        assert done.stdout.startswith("Order placed: ")
    else:
        assert done.stderr.startswith(f"Order failed: OKX error {scenario.code}: ")
    assert len(at.exchange.handled) == 1
    assert_judged(at.exchange.handled[0], scenario, "/api/v5/trade/order")

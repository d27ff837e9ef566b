"""The two examples of the guide "OKX API Passphrase Explained: Setup & Code Examples" (05.05.2026).

They run as published: only host, port, TLS and keys are changed. What they say about a refusal is what a
reader of the guide sees; what the listener says is what the reader needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.another_time import shifted
from tests.needs import needs
from tests.peers.listeners import Listener
from tests.peers.programs import Run
from tests.peers.scenarios import OF_ANOTHER_KEY, READ_ONLY, SCENARIOS, Scenario, assert_judged

pytestmark = pytest.mark.peer

PUBLISHED = Path(__file__).parent / "guide"
LIVE_TRADING = tuple(scenario for scenario in SCENARIOS if not scenario.demo)
Listen = Callable[..., Listener]

POSTED = """
if __name__ == "__main__":
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "1"}
    text = json.dumps(order, separators=(",", ":"))
    answer = requests.post(BASE_URL + PATH, json=order, headers=get_headers("POST", PATH, text), timeout=120)
    print(answer.json()["code"])
"""
"""What a reader adds for an order: the example's own signer, and requests' json=, which writes blanks."""


def _filled(example: str, at: Listener, scenario: Scenario, changes: Mapping[str, str]) -> str:
    """The published text with our keys and the given changes, each of which must be there exactly once."""
    text = (PUBLISHED / example).read_text("utf-8")
    keys = scenario.change(at.keys)
    named = {
        "your-api-key-here": keys.api_key,
        "your-secret-key-here": keys.secret,
        "your-passphrase-here": keys.passphrase,
    }
    for old, new in {**named, **changes}.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("scenario", [*LIVE_TRADING, OF_ANOTHER_KEY], ids=str)
def test_the_python_example_shows_a_balance_or_blames_the_passphrase_for_everything(
    scenario: Scenario, listen: Listen, run: Run, tmp_path: Path
) -> None:
    at = listen(*scenario.account, tls=True)
    program = tmp_path / "balance.py"
    program.write_text(_filled("python_example.txt", at, scenario, {"https://www.okx.com": at.url}), "utf-8")
    done = run(*shifted(scenario.clock), sys.executable, program, REQUESTS_CA_BUNDLE=at.ca_file, PYTHONUTF8="1")

    assert (done.returncode, done.stderr) == (0, "")
    if scenario.right:
        assert done.stdout == "BTC: 0.01\nETH: 0.2\nUSDT: 10000\n"
    else:
        assert done.stdout == "HTTP error: 401 — likely wrong passphrase or expired key\n"
    assert_judged(at.heard(), scenario, "/api/v5/account/balance")


@needs("node")
@pytest.mark.parametrize("scenario", LIVE_TRADING, ids=str)
def test_the_node_example_places_an_order_or_repeats_okxs_code(
    scenario: Scenario, listen: Listen, run: Run, node: str, tmp_path: Path
) -> None:
    at = listen(*scenario.account, tls=True)
    done = _order(at, scenario, run, node, tmp_path)

    assert done[0] == 0, done[2]
    if scenario.right:
        assert done[1].startswith("Order placed: ")
    else:
        assert done[2].startswith(f"Order failed: OKX error {scenario.code}: ")
    assert_judged(at.heard(), scenario, "/api/v5/trade/order")


@needs("node")
def test_the_node_example_with_a_read_only_key_is_told_what_it_lacks(
    listen: Listen, run: Run, node: str, tmp_path: Path
) -> None:
    at = listen(*READ_ONLY, tls=True)
    done = _order(at, SCENARIOS[0], run, node, tmp_path)

    assert done[2].startswith("Order failed: OKX error 50120: ")
    assert [line.causes for line in at.heard()] == [(("permission-missing", "stated"),)]


def _order(at: Listener, scenario: Scenario, run: Run, node: str, folder: Path) -> tuple[int, str, str]:
    host, _, port = at.url.removeprefix("https://").partition(":")
    changes = {
        "'www.okx.com'": f"'{host}'",
        "hostname: config.baseUrl,": f"hostname: config.baseUrl, port: {port},",
    }
    program = folder / "order.cjs"
    program.write_text(_filled("node_example.txt", at, scenario, changes), "utf-8")
    done = run(*shifted(scenario.clock), node, program, NODE_EXTRA_CA_CERTS=at.ca_file)
    return done.returncode, done.stdout, done.stderr


def test_a_body_that_requests_writes_again_is_not_the_one_that_the_example_signed(
    listen: Listen, run: Run, tmp_path: Path
) -> None:
    at = listen(tls=True)
    published = _filled("python_example.txt", at, SCENARIOS[0], {"https://www.okx.com": at.url})
    program = tmp_path / "order.py"
    signer = published.partition("def get_account_balance")[0]
    program.write_text(f'import json\n{signer}\nPATH = "/api/v5/trade/order"\n{POSTED}', "utf-8")
    done = run(sys.executable, program, REQUESTS_CA_BUNDLE=at.ca_file)

    assert (done.stdout, done.stderr) == ("50113\n", "")
    (line,) = at.heard()
    assert line.causes == (("body-reserialised", "proven"),)

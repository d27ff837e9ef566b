"""The whole of it: an unchanged program at OKX's own address, sealed off, answered by the embedded exchange."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from okx_doctor.confining.confine import confine
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.serve.certificates import issue
from okx_doctor.gate.serve.exchange import Exchange, Handed, Plan
from okx_doctor.protocol.sites import hosts
from tests.confining.running import USERS, required
from tests.needs import needs, program

pytestmark = pytest.mark.slow

ZONES = ("okx.com", "okex.com")
CLIENTS = {
    "urllib": "import urllib.request as u; print(u.urlopen('https://www.okx.com/api/v5/public/time').status)",
    "httpx": "import httpx; print(httpx.get('https://openapi.okx.com/api/v5/public/time').status_code)",
    "certifi alone": """
import certifi, ssl, urllib.request as u
context = ssl.create_default_context(cafile=certifi.where())
print(u.urlopen('https://eea.okx.com/api/v5/public/time', context=context).status)
""",
    "the retired port": "import urllib.request as u; print(u.urlopen('https://ws.okx.com:8443/api/v5/public/time').status)",
}


def sealed(command: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[str, int | None, list[str]]:
    """What a command prints, how it ends, and the paths that it asked the exchange for."""
    required(USERS[0] if os.geteuid() == 0 else USERS[1])
    names = [f"{star}{zone}" for zone in ZONES for star in ("", "*.")]
    made = issue("trusted", time.time(), names)
    with confine(
        command, environ=os.environ, zones=ZONES, hosts=sorted(hosts()), authority_pem=made.ca_pem
    ) as confined:
        plan = Plan(accounts=(generate(),), websocket=True)
        with Exchange(plan, handed=Handed(confined.sockets, made.context)) as exchange:
            confined.go()
            ended = confined.wait(120)
            asked = [one.request.path for one in exchange.handled]
            assert list(exchange.crashes) == []
    return capfd.readouterr().out, ended, asked


@pytest.mark.parametrize("client", CLIENTS)
def test_an_unchanged_program_reaches_the_exchange_at_okxs_own_address(
    client: str, capfd: pytest.CaptureFixture[str]
) -> None:
    out, ended, asked = sealed([sys.executable, "-c", CLIENTS[client]], capfd)

    assert (out, ended, asked) == ("200\n", 0, ["/api/v5/public/time"])


NODE = "fetch('https://www.okx.com/api/v5/public/time').then(answer => console.log(answer.status))"


@needs("node")
def test_so_does_one_of_nodes(capfd: pytest.CaptureFixture[str]) -> None:
    assert sealed([program("node"), "-e", NODE], capfd) == ("200\n", 0, ["/api/v5/public/time"])


def test_where_what_is_loaded_meanwhile_cannot_be_nothing_is_started(tmp_path: Path) -> None:
    required(USERS[0] if os.geteuid() == 0 else USERS[1])

    def no_room() -> None:
        raise MemoryError

    command = ["touch", str(tmp_path / "started")]
    authority = issue("trusted", time.time(), ZONES).ca_pem
    with (
        pytest.raises(MemoryError),
        confine(
            command, environ=os.environ, zones=ZONES, hosts=sorted(hosts()), authority_pem=authority, meanwhile=no_room
        ),
    ):
        pytest.fail("the command was held back for nobody")

    assert list(tmp_path.iterdir()) == []


def test_outside_nothing_has_changed_afterwards() -> None:
    assert (
        "okx-doctor-run"
        not in subprocess.run(["cat", "/proc/self/mountinfo"], capture_output=True, text=True, check=True).stdout
    )

"""Each command loads the libraries that it needs, and no other: a program is as quick to start as what it imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

WATCHED = {"asyncio", "cryptography", "httpx", "pygments", "rich", "trustme", "websockets", "yaml"}
LOADS: dict[tuple[str, ...], set[str]] = {
    ("--version",): set(),
    ("--help",): set(),
    ("explain", "clock-drift"): {"rich"},  # lays its text out
    ("decode", "50113"): {"rich"},
    ("sign", "GET", "/api/v5/account/config"): {"rich"},
    ("env", "an.env"): {"rich"},
    ("guard", "an.env"): set(),
    ("check", "--offline", "--no-env-file", "--only", "credentials.shape"): {"httpx", "rich"},
    ("check", "--offline", "--no-env-file"): {
        "asyncio",
        "httpx",
        "rich",
    },  # the embedded exchange sees its own requests
}


@pytest.mark.parametrize(("command", "loads"), LOADS.items(), ids=[" ".join(row) for row in LOADS])
def test_a_command_loads_only_what_it_needs(command: tuple[str, ...], loads: set[str], tmp_path: Path) -> None:
    (tmp_path / "an.env").write_text("OKX_PASSPHRASE=Sunny-Day7\n", "utf-8")
    program = (
        "import sys\nfrom okx_doctor.cli import run\nrun()\n"
        f"print(*sorted({WATCHED!r} & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert set(done.stderr.splitlines()[-1].split()) == loads, done.stderr

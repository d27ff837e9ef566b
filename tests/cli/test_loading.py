"""Each command loads the libraries that it needs, and no other: a program is as quick to start as what it imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from okx_doctor.cli import group

pytestmark = pytest.mark.slow

WATCHED = {
    "asyncio",
    "cryptography",
    "dotenv",
    "h11",
    "httpx",
    "msgspec",
    "multiprocessing",
    "ntplib",
    "prometheus_client",
    "pygments",
    "rich",
    "tomllib",
    "trustme",
    "websockets",
    "yaml",
    "zipfile",
}
"""All that the package depends on, save click, and what is slow to load of the standard library and beside it."""
LOADS: dict[tuple[str, ...], set[str]] = {
    ("--version",): set(),
    ("--help",): set(),
    ("explain", "clock-drift"): {"msgspec", "rich", "zipfile"},  # lays a cause's page out; resources bring zipfile
    ("decode", "50113"): {"msgspec", "rich"},
    ("sign", "GET", "/api/v5/account/config"): {"msgspec", "rich"},
    ("env", "an.env"): {"dotenv", "msgspec", "rich"},
    ("guard", "an.env"): {"msgspec"},
    ("inspect", "an.env"): {"msgspec", "rich"},
    ("test-signer", "--", "a-signer-that-is-not-there"): {"msgspec", "rich"},
    ("diagnose", "an.env"): {"httpx", "msgspec", "ntplib"},  # the table of checks names what measures each
    ("check", "--offline", "--no-env-file", "--only", "credentials.shape"): {
        "httpx",
        "msgspec",
        "ntplib",
        "rich",
        "zipfile",  # with the page of the cause
    },
    ("check", "--offline", "--no-env-file"): {"h11", "httpx", "msgspec", "ntplib", "rich", "zipfile"},
    ("check", "--simulate"): {"asyncio", "h11", "httpx", "msgspec", "ntplib", "rich"},  # and with it the exchange
    ("watch", "--help"): {"httpx", "msgspec", "ntplib"},
    ("survey", "--help"): {"msgspec"},
    ("listen", "--help"): {"asyncio", "h11", "msgspec", "rich"},
    ("run", "--help"): {"asyncio", "msgspec"},
}


@pytest.mark.parametrize(("command", "loads"), LOADS.items(), ids=[" ".join(row) for row in LOADS])
def test_a_command_loads_only_what_it_needs(command: tuple[str, ...], loads: set[str], tmp_path: Path) -> None:
    assert _loaded(command, WATCHED, tmp_path) == loads


def test_msgspec_is_loaded_without_the_names_that_python_has_itself(tmp_path: Path) -> None:
    assert _loaded(("guard", "an.env"), {"msgspec", "typing_extensions"}, tmp_path) == {"msgspec"}


def test_a_check_loads_no_library_for_http2_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "h2").mkdir()
    (tmp_path / "h2/__init__.py").write_text("print('HTTP/2 is loaded')\nraise ImportError('h2')\n", "utf-8")
    command = [sys.executable, "-m", "okx_doctor", "check", "--offline", "--no-env-file"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    assert "credentials-missing: proven" in done.stdout
    assert "HTTP/2 is loaded" not in done.stdout


@pytest.mark.parametrize("command", [("check", "--help"), ("watch", "--help"), ("decode", "50113")], ids=" ".join)
def test_what_only_a_mistyped_name_or_a_shell_asks_for_is_not_loaded(command: tuple[str, ...], tmp_path: Path) -> None:
    assert _loaded(command, {"click.shell_completion", "difflib"}, tmp_path) == set()


def test_what_each_command_loads_is_held() -> None:
    assert {row[0] for row in LOADS} >= set(group.list_commands(click.Context(group)))


def _loaded(command: tuple[str, ...], watched: set[str], folder: Path) -> set[str]:
    """The watched modules that a process has which ran this command."""
    (folder / "an.env").write_text("OKX_PASSPHRASE=Sunny-Day7\n", "utf-8")
    program = (
        "import sys\nfrom okx_doctor.cli import run\nrun()\n"
        f"print(*sorted({watched!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], cwd=folder, capture_output=True, text=True, timeout=120
    )
    return set(done.stderr.splitlines()[-1].split())

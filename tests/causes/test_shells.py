"""Commands of a POSIX shell as PowerShell writes them, in every remedy that a machine with Windows is given."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from okx_doctor.catalogue.clients.client import Setting
from okx_doctor.catalogue.clients.table import CLIENTS, COLUMNS
from okx_doctor.causes.shells import for_shell, in_powershell
from okx_doctor.observations import Evidence, Machine

OF_POSIX_ALONE = re.compile(r"\b(?:export|unset|sudo|chmod|python3?) ")


def machine(system: Literal["windows", "linux", "macos"]) -> Evidence:
    return Evidence((Machine(system=system, container=False, wsl=False, time_tools=()),))


@pytest.mark.parametrize(
    ("posix", "powershell"),
    [
        ("export OKX_DEMO=1", "$env:OKX_DEMO = '1'"),
        ("export SSL_CERT_FILE=/path/to/ca.pem", "$env:SSL_CERT_FILE = '/path/to/ca.pem'"),
        (
            "export NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://HOST:PORT",
            "$env:NODE_USE_ENV_PROXY = '1'; $env:HTTPS_PROXY = 'http://HOST:PORT'",
        ),
        ("export OKX_PASSPHRASE='…'", "$env:OKX_PASSPHRASE = '…'"),
        ("unset OKX_API_KEY", "Remove-Item Env:OKX_API_KEY"),
        ("unset OKX_API_KEY OKX_PASSPHRASE", "Remove-Item Env:OKX_API_KEY, Env:OKX_PASSPHRASE"),
        ("python -m pip install --upgrade certifi", "py -m pip install --upgrade certifi"),
        ("okx-doctor check --site eea", "okx-doctor check --site eea"),
        ("exchange.set_sandbox_mode(True)", "exchange.set_sandbox_mode(True)"),
    ],
)
def test_a_command_has_a_form_for_powershell(posix: str, powershell: str) -> None:
    assert in_powershell(posix) == powershell
    assert for_shell(machine("windows"))(posix) == powershell
    assert for_shell(machine("linux"))(posix) == for_shell(machine("macos"))(posix) == posix


def test_no_line_of_a_client_stays_one_of_a_posix_shell() -> None:
    settings = [getattr(client, column) for client in CLIENTS for column in COLUMNS]
    lines = [line for one in settings if isinstance(one, Setting) for line in one.lines]
    assert lines
    assert [line for line in lines if OF_POSIX_ALONE.search(in_powershell(line))] == []

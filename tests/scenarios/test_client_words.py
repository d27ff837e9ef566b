"""A remedy names the setting of the client that is used, for every client of the table."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import CLIENTS, USUAL
from okx_doctor.checking.assemble import judge_again
from okx_doctor.checking.checks import ALL as CHECKS
from okx_doctor.checking.simulation import simulate
from okx_doctor.model import Remedy
from okx_doctor.report.json import render_json
from okx_doctor.settings import Options
from tests.scenarios.running import a_resolver_that_knows_no_such_name

pytestmark = pytest.mark.slow

TOLD_TO_ALL = ("wrong-site", "wrong-environment")
"""Causes whose remedy names the most used clients where the user's own is not known."""

TOLD_TO_SOME = (
    *("clock-drift", "clock-timezone", "tls-untrusted", "proxy-failure", "dns-failure", "connection-refused"),
    *("connection-timeout", "host-not-api", "base-url-invalid", "credentials-missing", "passphrase-wrong"),
    *("passphrase-case", "secret-wrong"),
)


@cache
def report_of(cause: str) -> str:
    with a_resolver_that_knows_no_such_name():
        return render_json(simulate(Options(), (cause,))[0])


def remedy(cause: str, client: str = "") -> Remedy:
    """What is advised where this client was seen."""
    report: Any = json.loads(report_of(cause))
    for check in report["checks"]:
        if client and "target" in check["observations"]:
            check["observations"]["bot_clients"] = [{"client": client}]
    causes = judge_again(json.dumps(report), CHECKS).verdict.causes
    return next(each.remedy for each in causes if each.id == cause)


@pytest.mark.parametrize("cause", (*TOLD_TO_ALL, *TOLD_TO_SOME))
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_the_lines_are_the_clients_own(cause: str, client: Client) -> None:
    advised = remedy(cause, client.id)

    assert advised.lines
    assert all(line.startswith(f"{client.name}: ") for line in advised.lines)
    assert not any("OKX_API_BASE_URL" in command for command in advised.commands)


@pytest.mark.parametrize("cause", TOLD_TO_ALL)
def test_without_a_known_client_the_most_used_are_named(cause: str) -> None:
    advised = remedy(cause)

    assert [name for name in (client.name for client in USUAL) if not any(name in line for line in advised.lines)] == []


@pytest.mark.parametrize("cause", TOLD_TO_SOME)
def test_without_a_known_client_nothing_is_added_to_a_remedy_of_the_machine(cause: str) -> None:
    assert remedy(cause).lines == ()


def test_a_client_that_is_not_in_the_table_is_nobody() -> None:
    assert remedy("wrong-site", "curl x; sh") == remedy("wrong-site")


def test_freqtrade_is_told_its_own_name_of_the_site_and_its_own_demo_trading() -> None:
    site, environment = remedy("wrong-site", "freqtrade").lines, remedy("wrong-environment", "freqtrade").lines

    assert any('"exchange": {"name": "myokx"' in line for line in site)
    assert any('"ccxt_config": {"options": {"sandbox": true}}' in line for line in environment)

"""Keys to watch, results and clocks for these tests; no time passes in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.model import Health
from okx_doctor.observations import KeyFacts
from okx_doctor.watching.standing import NamedCause, Result, State

NOON = 1_795_694_400.0
"""2026-11-26T12:00:00Z."""


def accounts(number: int) -> list[Account]:
    return [generate(ip_allowlist=("127.0.0.1",)) for _ in range(number)]


def document(named: Mapping[str, Account]) -> str:
    """A file of profiles in the form of OKX's own command line."""
    return "".join(
        f"[profiles.{name}]\napi_key = '{each.api_key}'\nsecret_key = '{each.secret.reveal()}'\n"
        f"passphrase = {json.dumps(each.passphrase.reveal())}\n"
        for name, each in named.items()
    )


def write(path: Path, named: Mapping[str, Account]) -> Path:
    path.write_text(document(named), "utf-8")
    path.chmod(0o600)
    return path


def folder(path: Path, account: Account) -> Path:
    """A directory of secret files, as Kubernetes mounts one."""
    path.mkdir(parents=True)
    values = {
        "OKX_API_KEY": account.api_key,
        "OKX_SECRET_KEY": account.secret.reveal(),
        "OKX_PASSPHRASE": account.passphrase.reveal(),
    }
    for name, text in values.items():
        (path / name).write_text(text, "utf-8")
        (path / name).chmod(0o600)
    return path


def sites(exchange: Exchange) -> str:
    return ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites)


def state(health: Health, *causes: str) -> State:
    severity = "warning" if health is Health.HEALTHY else "error"
    named = tuple(NamedCause(id=cause, severity=severity, confidence="stated") for cause in causes)
    return State(health=health, causes=named)


def result(
    at: float, found: State, *, asked: bool = True, permissions: Sequence[str] = ("read_only",), bound: int = 1
) -> Result:
    facts = KeyFacts(permissions=tuple(permissions), bound_addresses=bound, sub_account=False, demo=False)
    return Result(
        at=at,
        seconds=0.25,
        asked=asked,
        site="global",
        environment="live",
        state=found,
        facts=facts if found.health is Health.HEALTHY else None,
    )


def shown(accounts: Iterable[Account], text: str) -> list[str]:
    """Which of the accounts' credentials a text shows."""
    values = [value for each in accounts for value in (each.api_key, each.secret.reveal(), each.passphrase.reveal())]
    return [value for value in values if value in text]

"""What ``check`` says of a bot that would ask for its sockets on the port that OKX has retired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange
from tests.cli.running import at, okx_doctor

pytestmark = pytest.mark.slow

CHECK = ("check", "--format", "json", "--offline")


def _with_package(folder: Path, version: str) -> None:
    package = folder / "node_modules" / "okx-api" / "package.json"
    package.parent.mkdir(parents=True)
    package.write_text(json.dumps({"name": "okx-api", "version": version}))


@pytest.mark.parametrize(
    ("version", "options", "named"),
    [
        ("3.2.3", ("--websocket",), {"websocket-port-retired": "possible"}),
        ("3.2.3", (), {}),
        ("99.0.0", ("--websocket",), {}),
    ],
)
def test_an_installed_client_that_dials_the_retired_port_is_named_where_sockets_are_asked_for(
    version: str, options: tuple[str, ...], named: dict[str, str], okx: Exchange, tmp_path: Path
) -> None:
    _with_package(tmp_path, version)

    done = okx_doctor(*CHECK, *options, env=at(okx), cwd=tmp_path)

    assert done.causes == named
    assert done.status == 0
    assert ("npm okx-api 3.2.3" in done.text) == bool(named)


@pytest.mark.parametrize("name", ["OKX_WS_URL", "WS_ENDPOINT"])
def test_an_env_file_that_sends_a_bot_to_the_retired_port_is_named_with_its_variable(
    name: str, okx: Exchange, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{name}=wss://ws.okx.com:8443/ws/v5/private\n")

    done = okx_doctor("check", "--offline", env=at(okx), cwd=tmp_path)

    assert done.status == 1
    assert f".env sets {name} to an address with port 8443" in done.flat
    assert f"Take the port out of {name}." in done.flat

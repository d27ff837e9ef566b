"""What ``check`` says of a bot that would ask for its sockets on the port that OKX has retired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.protocol.sites import retired_port
from tests.cli.running import at, okx_doctor

pytestmark = pytest.mark.slow

CAUSE = "websocket-port-retired"
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


@pytest.mark.parametrize(
    ("address", "retired"),
    [
        ("wss://ws.okx.com:8443/ws/v5/private", True),
        ("wss://wseeapap.okx.com:8443/ws/v5/business", True),
        ("wss://ws.okx.com:443/ws/v5/private", False),
        ("wss://ws.okx.com/ws/v5/private", False),
    ],
)
def test_check_decode_inspect_and_the_listener_agree_on_what_is_retired(
    address: str, retired: bool, okx: Exchange, tmp_path: Path
) -> None:
    (tmp_path / "capture.json").write_text(
        json.dumps({"method": "GET", "url": address, "headers": {"OK-ACCESS-KEY": "k", "OK-ACCESS-SIGN": "s"}})
    )
    env = at(okx)

    checked = okx_doctor(*CHECK, env=env | {"OKX_WS_URL": address}, cwd=tmp_path)
    decoded = okx_doctor("decode", f"Error: connect ETIMEDOUT {address}", env=env, cwd=tmp_path)
    inspected = okx_doctor("inspect", "capture.json", env=env, cwd=tmp_path)

    said = [CAUSE in checked.causes, CAUSE in decoded.text, CAUSE in inspected.text, retired_port(address) is not None]
    assert said == [retired] * 4

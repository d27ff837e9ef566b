"""References that nobody filled in, in every place that credentials are kept, as a user checks them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange
from tests.cli.running import API_KEY, CREDENTIALS, PASSPHRASE, SECRET, at, clean, okx_doctor

OFFLINE = ("check", "--offline", "--format", "json", "--no-env-file", "--credentials")
COMPOSE = "services:\n  bot:\n    image: i\n    environment:\n"

FILES = {
    ".env": "OKX_API_KEY=op://trading/okx/key\nOKX_SECRET_KEY=vault:secret/data/okx#secret\nOKX_PASSPHRASE=%OKX_PW%\n",
    "empty.env": "OKX_API_KEY=${KEY_X}\nOKX_SECRET_KEY=${SECRET_X}\nOKX_PASSPHRASE=${PW_X}\n",
    "mcp.json": json.dumps(
        {"mcpServers": {"okx": {"env": {name: f"${{{name}}}" for name in CREDENTIALS}}}},
    ),
    "config.json": json.dumps({"exchange": {"name": "okx", "key": "%KEY%", "secret": "$(cat s)", "password": "$PW"}}),
    "bot.yaml": "okx:\n  api_key: ${{ secrets.KEY }}\n  secret: '{{ okx_secret }}'\n  passphrase: process.env.OKX_PW\n",
    "config.toml": '[profiles.live]\napi_key = "${A}"\nsecret_key = "ref+vault://s#/k"\npassphrase = "#{PW}"\n',
    "compose.yaml": COMPOSE + "".join(f"      {name}: ${{{name}_X}}\n" for name in CREDENTIALS),
    "list.yaml": COMPOSE + "".join(f"      - {name}=${{{name}_X}}\n" for name in CREDENTIALS),
    "secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: okx}\nstringData:\n"
    "  api-key: ${KEY}\n  secret: '{{ .Values.secret }}'\n  passphrase: <%= ENV['PW'] %>\n",
    "bot.service": "[Service]\n" + "".join(f"Environment={name}=${{{name}_X}}\n" for name in CREDENTIALS),
    "bot.plist": "<plist><dict><key>EnvironmentVariables</key><dict>"
    + "".join(f"<key>{name}</key><string>${{{name}_X}}</string>" for name in CREDENTIALS)
    + "</dict></dict></plist>",
}


@pytest.mark.parametrize("name", FILES)
def test_a_reference_that_is_left_is_named_with_who_should_have_filled_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name])

    done = okx_doctor(*OFFLINE, name, env=clean(), cwd=tmp_path)

    assert (done.status, set(done.causes)) == (1, {"template-not-filled"})
    (cause,) = done.report["verdict"]["causes"]
    assert len(cause["because"]) == 3
    assert all("filled in by" in line for line in cause["because"])


def test_in_the_environment_it_is_told_too(tmp_path: Path) -> None:
    env = clean(OKX_API_KEY="${KEY}", OKX_SECRET_KEY="/run/secrets/okx", OKX_PASSPHRASE="arn:aws:ssm:eu:1:parameter/pw")

    done = okx_doctor("check", "--offline", "--no-env-file", "--format", "json", env=env, cwd=tmp_path)

    assert (done.status, done.causes) == (1, {"template-not-filled": "likely"})
    assert "the bot takes the path for the value" in done.text


def test_a_reference_that_is_filled_in_is_no_fault(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OKX_API_KEY=${KEY_X}\nOKX_SECRET_KEY=${SECRET_X}\nOKX_PASSPHRASE=${PW_X}\n")
    plain = {name: text for name, text in at(okx).items() if name not in CREDENTIALS}
    env = plain | {"KEY_X": API_KEY, "SECRET_X": SECRET, "PW_X": PASSPHRASE}

    done = okx_doctor("check", "--format", "json", "--timeout", "60", "--skip", "clock.ntp", env=env, cwd=tmp_path)

    assert (done.status, set(done.causes)) == (0, {"env-file-dialects"})  # a warning: docker fills in nothing


def test_inspect_knows_the_same_references(tmp_path: Path) -> None:
    headers = {
        "OK-ACCESS-KEY": "op://trading/okx/key",
        "OK-ACCESS-SIGN": "1JBjSTnPjZA3cvcRXQmIjOTMrqzX1CBZTqcrmGTXc9g=",
        "OK-ACCESS-TIMESTAMP": "2026-01-02T03:04:05.678Z",
        "OK-ACCESS-PASSPHRASE": "vault:secret/data/okx#passphrase",
    }
    capture = {"method": "GET", "url": "https://www.okx.com/api/v5/account/config", "headers": headers}
    (tmp_path / "capture.json").write_text(json.dumps(capture))

    done = okx_doctor("inspect", "capture.json", "--format", "json", env=clean(), cwd=tmp_path)

    assert done.status == 1
    assert {cause["id"] for cause in json.loads(done.out)["requests"][0]["causes"]} >= {"template-not-filled"}
    assert "api-key-malformed" not in done.text

"""What the bot's own file says of proxy, demo trading and headers: used or not, and said, network or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.running import API_KEY, PASSPHRASE, SECRET, Outcome, clean, okx_doctor

pytestmark = pytest.mark.slow

CHECK = ("check", "--offline", "--format", "json", "--no-env-file")
PROXY = "http://proxy.example:3128"
KEYS = {"key": API_KEY, "secret": SECRET, "password": PASSPHRASE}
CCXT = {"apiKey": API_KEY, "secret": SECRET, "password": PASSPHRASE}
TOML = f"[profiles.demo]\napi_key = '{API_KEY}'\nsecret_key = '{SECRET}'\npassphrase = {json.dumps(PASSPHRASE)}\n"


def checked(folder: Path, name: str, text: str, *options: str, **environ: str) -> Outcome:
    (folder / name).write_text(text)
    return okx_doctor(*CHECK, "--credentials", name, *options, env=clean(**environ), cwd=folder)


def freqtrade(**ccxt: object) -> str:
    return json.dumps({"exchange": {"name": "okx", **KEYS, "ccxt_config": ccxt}})


def said(done: Outcome) -> list[str]:
    return list(done.report["target"]["settings"])


DEMO: dict[str, tuple[str, str]] = {
    "a header of freqtrade's": ("config.json", freqtrade(headers={"x-simulated-trading": "1"})),
    "sandbox in freqtrade's ccxt_config": ("config.json", freqtrade(options={"sandbox": True})),
    "sandbox in ccxt's own settings": ("ccxt.json", json.dumps({**CCXT, "sandbox": True})),
    "a header of ccxt's": ("ccxt.json", json.dumps({**CCXT, "headers": {"x-simulated-trading": "1"}})),
    "demoTrading of okx-api": ("okx.json", json.dumps({**CCXT, "demoTrading": True})),
    "is_demo of nautilus_trader": ("okx.yaml", f"okx:\n  api_key: {API_KEY}\n  secret: {SECRET}\n  is_demo: true\n"),
    "demo of a profile": ("config.toml", TOML + "demo = true\n"),
    "a variable of a service": (
        "compose.yaml",
        f"services:\n  bot:\n    image: i\n    environment: {{OKX_API_KEY: {API_KEY}, OKX_DEMO: '1'}}\n",
    ),
    "a variable of a unit": ("bot.service", f"[Service]\nEnvironment=OKX_API_KEY={API_KEY} OKX_FLAG=1\n"),
}


@pytest.mark.parametrize("named", DEMO)
def test_demo_trading_is_taken_from_the_bots_own_file_and_its_place_is_said(tmp_path: Path, named: str) -> None:
    done = checked(tmp_path, *DEMO[named])

    assert done.report["target"]["environment"] == "demo"
    (line,) = said(done)
    assert line.startswith("demo trading by ")
    assert DEMO[named][0] in line


PROXIES: dict[str, tuple[str, str]] = {
    "httpsProxy of freqtrade": ("config.json", freqtrade(httpsProxy=PROXY)),
    "httpsProxy of ccxt": ("ccxt.json", json.dumps({**CCXT, "httpsProxy": PROXY})),
    "proxies of ccxt": ("ccxt.json", json.dumps({**CCXT, "proxies": {"http": "http://a", "https": PROXY}})),
    "proxy_url of a profile": ("config.toml", TOML + f"proxy_url = '{PROXY}'\n"),
    "a variable of an env file": (".env", f"OKX_API_KEY={API_KEY}\nHTTPS_PROXY={PROXY}\n"),
    "a variable of an MCP server": (
        "mcp.json",
        json.dumps({"mcpServers": {"okx": {"env": {"OKX_API_KEY": API_KEY, "HTTPS_PROXY": PROXY}}}}),
    ),
    "a variable of a unit": ("bot.service", f"[Service]\nEnvironment=OKX_API_KEY={API_KEY} HTTPS_PROXY={PROXY}\n"),
}


@pytest.mark.parametrize("named", PROXIES)
def test_a_proxy_of_the_bots_own_is_said_without_asking_the_network(tmp_path: Path, named: str) -> None:
    done = checked(tmp_path, *PROXIES[named])

    assert any(line.startswith(f"through the proxy {PROXY}, ") for line in said(done))


UNUSED: dict[str, tuple[str, str, Mapping[str, str]]] = {
    "sends no x-simulated-trading for it alone": ("config.json", freqtrade(options={"sandboxMode": True}), {}),
    "relay for web pages": ("ccxt.json", json.dumps({**CCXT, "proxyUrl": PROXY}), {}),
    "it is for http addresses": ("config.json", freqtrade(httpProxy=PROXY), {}),
    "freqtrade refuses it for OKX": (
        "config.json",
        json.dumps({"exchange": {"name": "okx", **KEYS, "demo_trading": True}}),
        {},
    ),
    "okx-doctor sends headers of its own": ("config.json", freqtrade(headers={"User-Agent": "bot"}), {}),
    "the environment's own decides": (
        ".env",
        f"OKX_API_KEY={API_KEY}\nHTTPS_PROXY={PROXY}\n",
        {"HTTPS_PROXY": "http://127.0.0.1:9"},
    ),
    "OKX_DEMO decides": ("config.json", freqtrade(options={"sandbox": True}), {"OKX_DEMO": "0"}),
    "okx-doctor does not run there": (
        "compose.yaml",
        f"services:\n  bot:\n    image: i\n    environment: {{OKX_API_KEY: {API_KEY}, HTTPS_PROXY: '{PROXY}'}}\n",
        {},
    ),
}


@pytest.mark.parametrize("why", UNUSED)
def test_a_setting_that_is_not_used_says_why(tmp_path: Path, why: str) -> None:
    name, text, environ = UNUSED[why]

    done = checked(tmp_path, name, text, **environ)

    assert done.report["target"]["environment"] == "live"
    assert [line for line in said(done) if why in line and ("not " in line or "without" in line)]


def test_an_option_decides_before_the_file(tmp_path: Path) -> None:
    done = checked(tmp_path, "config.json", freqtrade(options={"sandbox": True}), "--live")

    assert done.report["target"]["environment"] == "live"
    assert "--live decides" in said(done)[0]


def test_freqtrades_long_variables_are_its_settings_too(tmp_path: Path) -> None:
    variables = {
        "FREQTRADE__EXCHANGE__KEY": API_KEY,
        "FREQTRADE__EXCHANGE__CCXT_CONFIG__httpsProxy": PROXY,
        "FREQTRADE__EXCHANGE__CCXT_CONFIG__OPTIONS__sandbox": "true",
    }

    done = okx_doctor(*CHECK, env=clean(**variables), cwd=tmp_path)

    assert done.report["target"]["environment"] == "demo"
    assert any(line.startswith(f"through the proxy {PROXY}, FREQTRADE__EXCHANGE__CCXT_CONFIG__") for line in said(done))


def test_a_loopback_proxy_of_a_service_is_the_container_itself(tmp_path: Path) -> None:
    service = f"environment: {{OKX_API_KEY: {API_KEY}, HTTPS_PROXY: 'http://127.0.0.1:7890'}}"

    done = checked(tmp_path, "compose.yaml", f"services:\n  bot:\n    image: i\n    {service}\n")

    assert "in a container 127.0.0.1 is the container itself" in said(done)[0]


def test_the_proxy_is_asked_and_its_failure_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TOML + "proxy_url = 'http://127.0.0.1:9'\n")
    command = ("check", "--format", "json", "--no-env-file", "--skip", "clock.ntp", "--timeout", "20")

    done = okx_doctor(*command, "--credentials", "config.toml", env=clean(), cwd=tmp_path)

    assert (done.status, done.causes["proxy-failure"]) == (3, "likely")
    (cause,) = [each for each in done.report["verdict"]["causes"] if each["id"] == "proxy-failure"]
    assert "profiles.demo.proxy_url in config.toml" in cause["remedy"]["text"]


def test_the_password_of_a_proxy_is_shown_nowhere(tmp_path: Path) -> None:
    text = freqtrade(httpsProxy="http://user:Harbour-Tern-77@proxy.example:3128")
    (tmp_path / "config.json").write_text(text)

    for form in ("text", "json", "markdown", "html", "junit"):
        command = ("check", "--offline", "--no-env-file", "-v", "--format", form, "--credentials", "config.json")
        done = okx_doctor(*command, env=clean(), cwd=tmp_path)
        assert "proxy.example:3128" in done.text
        assert "Harbour-Tern-77" not in done.text

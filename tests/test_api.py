"""The package as a bot uses it at its own start-up."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec import to_builtins

import okx_doctor
from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.signing import prehash, sign

pytestmark = pytest.mark.slow


def credentials_of(account: Account) -> okx_doctor.Credentials:
    return okx_doctor.Credentials.of(account.api_key, account.secret.reveal(), account.passphrase.reveal())


def test_a_bot_checks_its_own_credentials_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    account = generate(ip_allowlist=("127.0.0.1",))
    with Exchange(Plan(accounts=(account,), ntp="answers")) as exchange:
        report = okx_doctor.check(credentials_of(account), base_url=exchange.sites[0].rest[0], ntp=[exchange.ntp])
    assert report.healthy
    assert report.exit_status() == 0
    assert capfd.readouterr() == ("", "")


def test_a_wrong_passphrase_is_named_in_the_report() -> None:
    account = generate(ip_allowlist=("127.0.0.1",))
    with Exchange(Plan(accounts=(account,), ntp="answers")) as exchange:
        report = okx_doctor.check(
            okx_doctor.Credentials.of(account.api_key, account.secret.reveal(), "Another-1"),
            base_url=exchange.sites[0].rest[0],
            ntp=[exchange.ntp],
        )
    assert [cause.id for cause in report.verdict.causes] == ["passphrase-wrong"]
    assert report.exit_status() == 1


def test_check_runs_from_asyncio_in_a_thread() -> None:
    account = generate(ip_allowlist=("127.0.0.1",))

    async def start(base_url: str, ntp: str) -> okx_doctor.Report:
        return await asyncio.to_thread(okx_doctor.check, credentials_of(account), base_url=base_url, ntp=[ntp])

    with Exchange(Plan(accounts=(account,), ntp="answers")) as exchange:
        assert asyncio.run(start(exchange.sites[0].rest[0], exchange.ntp)).healthy


def test_credentials_are_read_from_the_environment_and_a_named_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = generate(ip_allowlist=("127.0.0.1",))
    file = tmp_path / "bot.env"
    file.write_text(f"OKX_SECRET_KEY={account.secret.reveal()}\nOKX_PASSPHRASE='{account.passphrase.reveal()}'\n")
    monkeypatch.setenv("OKX_API_KEY", account.api_key)
    with Exchange(Plan(accounts=(account,), ntp="answers")) as exchange:
        report = okx_doctor.check(env_file=file, base_url=exchange.sites[0].rest[0], ntp=[exchange.ntp])
    assert report.healthy


def test_credentials_are_read_from_a_profile_of_a_named_file(tmp_path: Path) -> None:
    account = generate(ip_allowlist=("127.0.0.1",))
    file = tmp_path / "mine.toml"
    file.write_text(
        f"[profiles.bot]\napi_key = '{account.api_key}'\nsecret_key = '{account.secret.reveal()}'\n"
        f"passphrase = '{account.passphrase.reveal()}'\n"
    )
    with Exchange(Plan(accounts=(account,), ntp="answers")) as exchange:
        base_url = exchange.sites[0].rest[0]
        report = okx_doctor.check(credentials_file=file, profile="bot", base_url=base_url, ntp=[exchange.ntp])
    assert report.healthy
    assert report.target.profile == "bot"


def test_an_env_file_is_read_as_the_named_loader_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = generate()
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "bot.env"
    file.write_text(
        f"OKX_API_KEY={account.api_key}\nOKX_SECRET_KEY={account.secret.reveal()}\n"
        f'OKX_PASSPHRASE="{account.passphrase.reveal()}"\n'
    )
    file.chmod(0o600)
    causes = {
        name: [cause.id for cause in okx_doctor.check(env_file=file, dialect=name, offline=True).verdict.causes]
        for name in ("bash", "docker")
    }
    assert "credential-quoted" in causes["docker"]
    assert "credential-quoted" not in causes["bash"]


def test_arguments_that_make_no_run_raise_a_usage_error() -> None:
    with pytest.raises(okx_doctor.UsageError, match=r"did you mean clock\.ntp"):
        okx_doctor.check(only=["clock.npt"])
    with pytest.raises(okx_doctor.UsageError, match="no URL"):
        okx_doctor.check(base_url="www.okx.com")
    with pytest.raises(okx_doctor.UsageError, match="no dialect 'dokcer'; did you mean docker"):
        okx_doctor.check(dialect="dokcer")
    with pytest.raises(okx_doctor.UsageError, match="not both"):
        okx_doctor.check(credentials_of(generate()), profile="live")
    with pytest.raises(okx_doctor.UnusableFile, match="no-such-file"):
        okx_doctor.check(env_file="no-such-file")
    with pytest.raises(okx_doctor.UnusableFile, match="no-such-file"):
        okx_doctor.check(credentials_file="no-such-file")


STAMP = "2026-11-22T15:04:05.678Z"


def curl(account: Account, *, signed: str, sent: str, body: str = "") -> str:
    """A request that signs one target and sends another, as a browser copies it."""
    signature = sign(account.secret.reveal(), prehash(STAMP, "POST" if body else "GET", signed, body.encode()))
    headers = {
        "OK-ACCESS-KEY": account.api_key,
        "OK-ACCESS-SIGN": signature,
        "OK-ACCESS-TIMESTAMP": STAMP,
        "OK-ACCESS-PASSPHRASE": account.passphrase.reveal(),
    }
    shown = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
    return f"curl 'https://www.okx.com{sent}' {shown}" + (f" --data-raw {shlex.quote(body)}" if body else "")


def test_a_captured_request_is_explained_with_proof_and_without_any_credential() -> None:
    account = generate()
    target = "/api/v5/account/balance?ccy=BTC"
    capture = curl(account, signed="/api/v5/account/balance", sent=target)
    for given in (capture, capture.encode()):
        found = okx_doctor.inspect(given, credentials_of(account))
        (request,) = found.requests
        assert (request.method, request.target, request.verdict) == ("GET", target, "invalid")
        assert [(cause.id, cause.confidence) for cause in request.causes] == [("query-not-signed", "proven")]
        assert request.prehash.expected == f"{STAMP}GET{target}"
        assert request.prehash.signed == f"{STAMP}GET/api/v5/account/balance"
        assert not found.healthy


def test_a_request_that_is_right_is_healthy_only_where_its_signature_could_be_checked() -> None:
    account = generate()
    capture = curl(account, signed="/api/v5/account/config", sent="/api/v5/account/config")
    assert okx_doctor.inspect(capture, credentials_of(account)).healthy
    unchecked = okx_doctor.inspect(capture)
    assert [request.verdict for request in unchecked.requests] == ["unexplained"]
    assert not unchecked.healthy


def test_what_is_said_of_a_request_holds_no_credential_wherever_the_request_has_put_one() -> None:
    account = generate()
    loaded = (account.api_key, account.secret.reveal(), account.passphrase.reveal())
    target = "/api/v5/trade/order?" + "&".join(f"x{at}={quote(value)}" for at, value in enumerate(loaded))
    capture = curl(account, signed="/elsewhere", sent=target, body=json.dumps({"note": loaded}))
    for credentials, hidden in ((credentials_of(account), loaded), (None, (account.api_key, loaded[2]))):
        found = okx_doctor.inspect(capture, credentials)
        (request,) = found.requests
        shown = repr(found) + json.dumps(to_builtins(found))
        assert "x0=" in request.target
        assert [value for value in hidden if value in shown or quote(value) in shown] == []


def test_a_capture_names_no_file_that_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "body.json").write_text('{"canary": 1}')
    account = generate()
    capture = curl(account, signed="/x", sent="/api/v5/trade/order", body="{}").replace("'{}'", "@body.json")
    found = okx_doctor.inspect(capture.replace("--data-raw {}", "--data @body.json"), credentials_of(account))
    assert "canary" not in repr(found) + json.dumps(to_builtins(found))


def test_what_is_no_request_is_told_and_an_unknown_form_is_wrong_usage() -> None:
    assert okx_doctor.inspect("") == okx_doctor.InspectionReport(
        requests=(), remarks=(), unreadable=("the input is empty",)
    )
    assert not okx_doctor.inspect("nothing of the kind").healthy
    with pytest.raises(okx_doctor.UsageError, match="no form of capture 'crul'; did you mean curl"):
        okx_doctor.inspect("curl x", form="crul")


def test_credentials_show_no_value_in_their_printed_form() -> None:
    account = generate()
    shown = repr(credentials_of(account)) + str(credentials_of(account))
    for value in (account.api_key, account.secret.reveal(), account.passphrase.reveal()):
        assert value not in shown


def test_exactly_the_documented_names_are_public() -> None:
    assert okx_doctor.__all__ == [
        "Credentials",
        "InspectionReport",
        "Report",
        "UnusableFile",
        "UsageError",
        "__version__",
        "check",
        "inspect",
    ]
    assert sorted(dir(okx_doctor)) == okx_doctor.__all__
    with pytest.raises(AttributeError):
        _ = okx_doctor.nothing  # type: ignore[attr-defined]


def test_importing_the_package_loads_none_of_its_libraries() -> None:
    code = "import sys, okx_doctor; print([n for n in ('httpx', 'click', 'rich', 'asyncio') if n in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout == "[]\n"

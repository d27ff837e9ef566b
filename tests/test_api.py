"""The package as a bot uses it at its own start-up."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

import okx_doctor
from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.exchange import Exchange, Plan


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


def test_credentials_show_no_value_in_their_printed_form() -> None:
    account = generate()
    shown = repr(credentials_of(account)) + str(credentials_of(account))
    for value in (account.api_key, account.secret.reveal(), account.passphrase.reveal()):
        assert value not in shown


def test_exactly_the_documented_names_are_public() -> None:
    assert okx_doctor.__all__ == ["Credentials", "Report", "UnusableFile", "UsageError", "__version__", "check"]
    assert [name for name in okx_doctor.__all__ if getattr(okx_doctor, name, None) is None] == []
    with pytest.raises(AttributeError):
        _ = okx_doctor.nothing  # type: ignore[attr-defined]


def test_importing_the_package_loads_none_of_its_libraries() -> None:
    code = "import sys, okx_doctor; print([n for n in ('httpx', 'click', 'rich', 'asyncio') if n in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert shown.stdout == "[]\n"

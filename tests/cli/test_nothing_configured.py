"""A newcomer's first run: nothing is set, or it is set under another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import PASSPHRASE, SECRET, clean, okx_doctor

pytestmark = pytest.mark.slow

THREE = ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE")


def test_with_nothing_set_the_places_the_variables_and_the_simulation_are_told(tmp_path: Path) -> None:
    done = okx_doctor("check", env=clean(), cwd=tmp_path)

    assert done.status == 1
    for part in (*THREE, "the environment", "./.env: not there", "$ okx-doctor check --simulate"):
        assert part in done.flat


def test_with_nothing_set_nobody_is_asked_and_nothing_is_said_of_the_network(tmp_path: Path) -> None:
    done = okx_doctor("check", "--format", "json", env=clean(), cwd=tmp_path)

    assert done.causes == {"credentials-missing": "proven"}
    assert {done.checks[name] for name in ("network.resolution", "clock.ntp", "signed.config")} == {"skip"}


@pytest.mark.parametrize("only", ["clock.ntp", "network"])
def test_a_check_that_is_asked_for_is_made_without_credentials(only: str, tmp_path: Path) -> None:
    arguments = ("--only", only, "--format", "json", "--base-url", "http://127.0.0.1:9")
    done = okx_doctor("check", *arguments, env=clean(), cwd=tmp_path)

    assert any(status not in ("skip", "pass") for name, status in done.checks.items() if name.startswith(only))


def test_names_that_are_nearly_right_are_told_with_their_lines_and_without_their_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OTHER=1\nAPI_KEY=monkey\nOKX_APISECRET={SECRET}\nOPENAI_API_KEY=sk-1\n")

    done = okx_doctor("check", env=clean(PASSPHRASE=PASSPHRASE), cwd=tmp_path)

    assert "API_KEY (line 2), OKX_APISECRET (line 3)" in done.flat
    assert "the environment: no name of OKX's credentials, but PASSPHRASE" in done.flat
    assert "OPENAI" not in done.text and "monkey" not in done.text and SECRET not in done.text


def test_okx_s_own_file_of_profiles_is_pointed_at_where_it_is_there(tmp_path: Path) -> None:
    (tmp_path / ".okx").mkdir()
    (tmp_path / ".okx" / "config.toml").write_text("")

    done = okx_doctor("check", env=clean(HOME=str(tmp_path), USERPROFILE=str(tmp_path)), cwd=tmp_path)

    assert "~/.okx/config.toml: there, and read with --profile NAME" in done.flat

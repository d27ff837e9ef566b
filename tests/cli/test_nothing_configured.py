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


def test_three_empty_variables_that_hide_a_whole_file_are_told_with_what_they_hide(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text("".join(f"{name}='x'\n" for name in THREE))

    done = okx_doctor("check", "--env-file", "bot.env", env=clean(**dict.fromkeys(THREE, "")), cwd=tmp_path)

    assert done.status == 1
    for line, name in enumerate(THREE, 1):
        assert f"{name} in the environment is set but empty, and hides {name} in bot.env line {line}" in done.flat
    assert f"$ unset {' '.join(THREE)}" in done.flat


def test_an_empty_line_of_a_service_s_env_file_is_to_be_filled_in_there(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text("".join(f"{name}=\n" for name in THREE))
    unit = "".join(f"Environment={name}=x\n" for name in THREE)
    (tmp_path / "bot.service").write_text(f"[Service]\n{unit}EnvironmentFile={tmp_path / 'bot.env'}\n")

    done = okx_doctor("check", "--unit", "bot", env=clean(SYSTEMD_UNIT_PATH=str(tmp_path)), cwd=tmp_path)

    assert done.status == 1
    said = "".join(done.text.split())  # a long path is broken anywhere
    assert f"FixFillinOKX_API_KEYin{tmp_path}/bot.envline1,OKX_SECRET_KEYin" in said


def test_an_empty_line_of_one_file_that_hides_another_s_is_named_with_what_it_hides(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(f"OKX_API_KEY=x\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE=\n")
    (tmp_path / ".env").write_text("OKX_PASSPHRASE=x\n")

    done = okx_doctor("check", "--offline", "--env-file", "bot.env", env=clean(), cwd=tmp_path)

    said = "OKX_PASSPHRASE in bot.env line 3 is set but empty, and hides OKX_PASSPHRASE in .env line 1"
    assert said in done.flat
    assert "Take out or fill in OKX_PASSPHRASE in bot.env line 3: an empty variable counts as set" in done.flat
    assert "credential-sources-conflict: " not in done.text

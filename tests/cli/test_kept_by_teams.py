"""Credentials in the files that teams keep them in, checked as a user does it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange
from tests.cli.running import API_KEY, CREDENTIALS, PASSPHRASE, SECRET, Outcome, at, clean, okx_doctor

pytestmark = pytest.mark.slow

CHECK = ("check", "--format", "json", "--timeout", "60", "--skip", "clock.ntp")
FILE = ("--no-env-file", "--credentials")


def bare(okx: Exchange, **more: str) -> dict[str, str]:
    """The environment without credentials, but for what is given."""
    return {name: text for name, text in at(okx).items() if name not in CREDENTIALS} | more


def in_single_quotes(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "%%").replace("'", "\\'").replace('"', '\\"')


COMPOSE = (
    f"services:\n  bot:\n    image: i\n    environment:\n      OKX_API_KEY: {API_KEY}\n"
    f"      OKX_SECRET_KEY: {SECRET}\n      OKX_PASSPHRASE: "
)
KUBERNETES = (
    f"apiVersion: v1\nkind: Secret\nmetadata: {{name: bot}}\ndata:\n  api-key: {encoded(API_KEY)}\n"
    f"  secret: {encoded(SECRET)}\n  passphrase: "
)
UNIT = f"[Service]\nEnvironment=OKX_API_KEY={API_KEY} OKX_SECRET_KEY={SECRET}\nEnvironment="
PLIST = (
    f"<plist><dict><key>EnvironmentVariables</key><dict><key>OKX_API_KEY</key><string>{API_KEY}</string>"
    f"<key>OKX_SECRET_KEY</key><string>{SECRET}</string>\n<key>OKX_PASSPHRASE</key><string>"
)
XML = PASSPHRASE.replace("&", "&amp;").replace("<", "&lt;")
WRITTEN = {
    "compose.yaml": (
        COMPOSE + in_single_quotes(PASSPHRASE.replace("$", "$$")),
        f"services:\n  bot:\n    image: i\n    environment:\n      - OKX_API_KEY={API_KEY}\n"
        f"      - OKX_SECRET_KEY={SECRET}\n      - " + in_single_quotes(f'OKX_PASSPHRASE="{PASSPHRASE}"'),
    ),
    "secret.yaml": (KUBERNETES + encoded(PASSPHRASE), KUBERNETES + encoded(PASSPHRASE + "\n")),
    "bot.service": (UNIT + f"'OKX_PASSPHRASE={escaped(PASSPHRASE)}'", UNIT + f"OKX_PASSPHRASE={PASSPHRASE}"),
    "bot.plist": (
        PLIST + XML + "</string></dict></dict></plist>",
        PLIST + XML.replace("&", "&amp;") + "</string></dict></dict></plist>",
    ),
}
"""Each form with the passphrase as it keeps every character, and as its program makes another one of it."""


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_as_its_program_wants_it_is_healthy(okx: Exchange, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WRITTEN[name][0] + "\n")

    done = okx_doctor(*CHECK, *FILE, name, env=bare(okx), cwd=tmp_path)

    assert (done.causes, done.status) == ({}, 0)


@pytest.mark.parametrize("name", WRITTEN)
def test_what_its_program_alters_is_convicted_with_the_fix_of_that_form(
    okx: Exchange, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(WRITTEN[name][1] + "\n")

    done = okx_doctor(*CHECK, *FILE, name, env=bare(okx), cwd=tmp_path)

    assert done.status == 1
    assert "env-file-mangled" in done.causes
    fix = fix_of(done, "env-file-mangled")
    assert name in fix and "…" in fix
    assert "OKX_PASSPHRASE='…'" not in fix
    assert PASSPHRASE not in done.text


def fix_of(done: Outcome, cause: str) -> str:
    texts = [each["remedy"]["text"] for each in done.report["verdict"]["causes"] if each["id"] == cause]
    return str(texts[0])


def test_where_the_single_quotes_are_the_fault_they_are_not_the_fix(okx: Exchange, tmp_path: Path) -> None:
    phrase = "My$Bot-2026!"
    (tmp_path / ".env").write_text(f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE='{phrase}'\n")

    done = okx_doctor(
        "check", "--offline", "--format", "json", env=bare(okx, OKX_PASSPHRASE=f"'{phrase}'"), cwd=tmp_path
    )

    assert ".env line 3: OKX_PASSPHRASE=… without quotes for docker run --env-file" in fix_of(done, "env-file-mangled")


def test_the_fix_names_the_variable_of_the_line(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"FREQTRADE__EXCHANGE__KEY={API_KEY}\nFREQTRADE__EXCHANGE__SECRET={SECRET}\n"
        "FREQTRADE__EXCHANGE__PASSWORD=Tern #7bay\n"
    )

    done = okx_doctor("check", "--offline", "--format", "json", env=bare(okx), cwd=tmp_path)

    assert ".env line 3: FREQTRADE__EXCHANGE__PASSWORD='…'" in fix_of(done, "env-file-mangled")


def test_near_misses_are_offered_and_taken_with_name(okx: Exchange, tmp_path: Path) -> None:
    quoted = "'" + PASSPHRASE.replace("\\", "\\\\").replace("'", "\\'") + "'"
    (tmp_path / ".env").write_text(f"OKX_API_KEY={API_KEY}\nOKX_APISECRET={SECRET}\nOKX_PHRASE={quoted}\n")

    done = okx_doctor("check", "--offline", env=bare(okx), cwd=tmp_path)

    assert ".env line 2 has OKX_APISECRET: is that the secret key?" in done.flat
    assert "$ okx-doctor check --offline --name secret=OKX_APISECRET --name passphrase=OKX_PHRASE" in done.flat
    named = ("--name", "secret=OKX_APISECRET", "--name", "passphrase=OKX_PHRASE")
    assert okx_doctor(*CHECK, *named, env=bare(okx), cwd=tmp_path).status == 0


def test_a_set_of_names_is_read_as_a_profile(okx: Exchange, tmp_path: Path) -> None:
    quoted = "'" + PASSPHRASE.replace("\\", "\\\\").replace("'", "\\'") + "'"
    rows = f"OKX_MAIN_API_KEY={API_KEY}\nOKX_MAIN_SECRET_KEY={SECRET}\nOKX_MAIN_PASSPHRASE={quoted}\n"
    (tmp_path / "keys.env").write_text(rows + rows.replace("MAIN", "SUB").replace(SECRET, "x"))

    asked = okx_doctor(*CHECK, *FILE, "keys.env", env=bare(okx), cwd=tmp_path)
    done = okx_doctor(*CHECK, *FILE, "keys.env", "--profile", "main", env=bare(okx), cwd=tmp_path)

    assert "keys.env holds several credentials: main, sub; choose one with --profile" in asked.said
    assert (done.status, done.report["target"]["profile"]) == (0, "main")


def test_ccxts_names_are_read_in_an_env_file_that_is_named(okx: Exchange, tmp_path: Path) -> None:
    quoted = "'" + PASSPHRASE.replace("\\", "\\\\").replace("'", "\\'") + "'"
    (tmp_path / "keys.env").write_text(f"apiKey={API_KEY}\nsecret={SECRET}\npassword={quoted}\n")

    assert okx_doctor(*CHECK, *FILE, "keys.env", env=bare(okx), cwd=tmp_path).status == 0


def test_an_empty_variable_that_hides_a_file_is_told_with_its_cure(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE='Tern-Harbour7'\n")

    done = okx_doctor("check", "--offline", env=bare(okx, OKX_PASSPHRASE=""), cwd=tmp_path)

    assert "OKX_PASSPHRASE in the environment is set but empty, and hides OKX_PASSPHRASE in .env line 3" in done.flat
    assert "$ unset OKX_PASSPHRASE" in done.flat
    assert "credential-sources-conflict: " not in done.text


def test_a_service_is_checked_by_the_name_of_its_unit(okx: Exchange, tmp_path: Path) -> None:
    (tmp_path / "okx-bot.service").write_text(WRITTEN["bot.service"][0] + "\n")
    env = bare(okx, SYSTEMD_UNIT_PATH=str(tmp_path))

    assert okx_doctor(*CHECK, "--unit", "okx-bot", env=env, cwd=tmp_path).status == 0
    missing = okx_doctor(*CHECK, "--unit", "nobody", env=env, cwd=tmp_path)
    assert (missing.status, missing.said.count("\n")) == (2, 1)


def test_a_name_that_is_no_slot_is_refused_in_one_line(okx: Exchange, tmp_path: Path) -> None:
    done = okx_doctor(*CHECK, "--name", "token=X", env=bare(okx), cwd=tmp_path)

    assert done.status == 2
    assert "--name takes key=VARIABLE, secret=VARIABLE or passphrase=VARIABLE" in done.said


def test_where_every_name_is_nearly_right_they_can_be_said_in_one_command(okx: Exchange, tmp_path: Path) -> None:
    quoted = "'" + PASSPHRASE.replace("\\", "\\\\").replace("'", "\\'") + "'"
    (tmp_path / ".env").write_text(f"API_KEY={API_KEY}\nAPI_SECRET={SECRET}\nAPI_PASSPHRASE={quoted}\n")

    done = okx_doctor("check", "--offline", "--format", "json", env=bare(okx), cwd=tmp_path)

    (cause,) = [each for each in done.report["verdict"]["causes"] if each["id"] == "credentials-missing"]
    command = cause["remedy"]["commands"][0]
    assert (
        command
        == "okx-doctor check --offline --name api_key=API_KEY --name secret=API_SECRET --name passphrase=API_PASSPHRASE"
    )
    assert okx_doctor(*CHECK, *command.split()[2:], env=bare(okx), cwd=tmp_path).status == 0


GUARDED = {
    "compose.yaml": WRITTEN["compose.yaml"][0].partition("      OKX_PASSPHRASE")[0]
    + "      OKX_PASSPHRASE: Tern-Harbour7\n",
    "secret.yaml": KUBERNETES + encoded("Tern-Harbour7"),
    "bot.service": UNIT + '"OKX_PASSPHRASE=Tern-Harbour7"\n',
    "bot.plist": PLIST + "Tern-Harbour7</string></dict></dict></plist>",
    ".envrc": f"export OKX_API_KEY={API_KEY}\nexport OKX_SECRET_KEY={SECRET}\nexport OKX_PASSPHRASE=Tern-Harbour7\n",
    "sets.env": f"OKX_MAIN_API_KEY={API_KEY}\nOKX_MAIN_SECRET_KEY={SECRET}\nOKX_MAIN_PASSPHRASE=Tern-Harbour7\n",
    "mcp.json": '{"mcpServers": {"okx": {"env": {"OKX_API_KEY": "'
    + f'{API_KEY}", "OKX_SECRET_KEY": "{SECRET}", "OKX_PASSPHRASE": "Tern-Harbour7"'
    + "}}}}",
}


@pytest.mark.parametrize("name", GUARDED)
def test_guard_finds_all_three_values_in_the_files_of_teams(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(GUARDED[name])

    done = okx_doctor("guard", name, env=clean(), cwd=tmp_path)

    assert done.status == 1
    for what in ("OKX API key", "OKX secret key", "OKX passphrase"):
        assert what in done.text


def test_guard_lets_references_pass(tmp_path: Path) -> None:
    text = "OKX_API_KEY=op://trading/okx/key\nOKX_SECRET_KEY=${SECRET}\nOKX_PASSPHRASE=vault:secret/data/okx#pw\n"
    (tmp_path / ".env").write_text(text)

    assert okx_doctor("guard", ".env", env=clean(), cwd=tmp_path).status == 0

"""The command that checks again says again what the run was told: it would check something else without it."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

import pytest

from okx_doctor.catalogue.causes import entry
from okx_doctor.model import Cause, Confidence, Remedy
from okx_doctor.report.wording import check_again
from tests.cli.running import API_KEY, PASSPHRASE, SECRET, Outcome, clean, okx_doctor

CUT = f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET[:30]}\nOKX_PASSPHRASE='Zx8kQwLpM!'\n"


def again(done: Outcome) -> list[str]:
    """The options of the last line's command."""
    words = shlex.split(done.text.splitlines()[-1].strip().removeprefix("then "))
    assert words[:2] == ["okx-doctor", "check"]
    return words[2:]


@pytest.mark.parametrize(
    "options",
    [
        ("--env-file", "bot.env", "--offline"),
        ("--env-file", "my bot's.env", "--offline"),
        ("--offline", "--env-file", "bot.env", "--site", "eea", "--demo", "--require", "trade", "--require", "read"),
        ("--offline", "--credentials", "keys.toml", "--profile", "a b", "--no-env-file"),
        ("--offline", "--env-file", "own.env", "--name", "secret=MY_SECRET"),
    ],
    ids=" ".join,
)
def test_the_options_of_the_run_are_those_of_the_command_that_checks_again(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    for name in ("bot.env", "my bot's.env"):
        (tmp_path / name).write_text(CUT)
    (tmp_path / "own.env").write_text(CUT.replace("OKX_SECRET_KEY", "MY_SECRET"))
    (tmp_path / "keys.toml").write_text(
        f'["a b"]\napi_key = "{API_KEY}"\nsecret_key = "{SECRET[:30]}"\npassphrase = "Zx8kQwLpM!"\n'
    )

    done = okx_doctor("check", *options, env=clean(), cwd=tmp_path)

    assert done.status == 1, done.said
    assert sorted(again(done)) == sorted(options)
    assert okx_doctor("check", *again(done), env=clean(), cwd=tmp_path).status == 1


def test_a_command_that_is_part_of_the_fix_has_them_too(tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(f"OKX_API_KEY={API_KEY}\nOKX_SECRET_KEY={SECRET}\nOKX_PASSPHRASE='Zx8kQwLpM!'\n")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = ("--env-file", "bot.env", "--base-url", url)
        done = okx_doctor("check", *options, "--timeout", "0.5", "--skip", "clock.ntp", env=clean(), cwd=tmp_path)

    (command,) = {line.strip() for line in done.text.splitlines() if line.strip().startswith("$ okx-doctor check")}
    assert shlex.split(command) == ["$", "okx-doctor", "check", *options, "--timeout", "60"]


def test_each_of_all_profiles_is_checked_again_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(
        "".join(
            f'[{name}]\napi_key = "{API_KEY}"\nsecret_key = "{SECRET[:30]}"\npassphrase = "Zx8kQwLpM!"\n'
            for name in ("alice", "bob")
        )
    )
    options = ("check", "--offline", "--credentials", "keys.toml", "--all-profiles", "--no-env-file")
    done = okx_doctor(*options, "--format", "json", env=clean(), cwd=tmp_path)

    assert {name in done.text for name in ("--profile alice", "--profile bob")} == {True}


def test_what_settles_a_cause_takes_the_place_of_what_the_run_was_told(tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate=wrong-environment", "--live", env=clean(), cwd=tmp_path)

    assert again(done) in (["--demo"], ["--live"])


def test_a_secret_in_an_option_is_not_said_again(tmp_path: Path) -> None:
    (tmp_path / f"{SECRET}.env").write_text(CUT.replace(SECRET[:30], SECRET[:31] + "g"))
    env = clean(OKX_SECRET_KEY=SECRET, OKX_PASSPHRASE=PASSPHRASE, OKX_API_KEY="zz")
    done = okx_doctor("check", "--offline", "--env-file", f"{SECRET}.env", env=env, cwd=tmp_path)

    assert SECRET not in done.text + done.said
    assert done.status in (1, 3)


def test_the_options_of_several_causes_are_said_once() -> None:
    def cause(verify: str) -> Cause:
        known = entry("wrong-site")
        return Cause(
            id=known.id,
            severity=known.severity,
            confidence=Confidence.STATED,
            title=known.title,
            because=(),
            remedy=Remedy(text="Do it.", verify=verify),
            checks=(),
        )

    causes = [
        cause("okx-doctor check --env-file a --site eea"),
        cause("okx-doctor check --env-file a --require trade --require read"),
        cause("okx-doctor check"),
    ]
    assert check_again(causes) == "okx-doctor check --env-file a --site eea --require trade --require read"

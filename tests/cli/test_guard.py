"""``guard`` as git runs it before a commit."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.running import CREDENTIALS, clean, okx_doctor
from tests.leaks.corpus import KEY, NONE, PASSPHRASE, SECRET, THREE, filled

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SAMPLE = filled(THREE["Python constants"][1])


def test_a_finding_is_told_with_file_line_and_variable_and_never_with_its_value(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(f"import okx\n{SAMPLE}")
    done = okx_doctor("guard", "bot.py", env=clean(), cwd=tmp_path)
    assert done.status == 1
    assert done.text.splitlines() == [
        "bot.py:2: OKX API key in OKX_API_KEY",
        "bot.py:3: OKX secret key in OKX_SECRET_KEY",
        "bot.py:4: OKX passphrase in OKX_PASSPHRASE",
    ]
    assert done.said.count("\n") == 1 and "3 credentials in 1 file." in done.said
    assert not [value for value in (KEY, SECRET, PASSPHRASE) if value in done.text + done.said]


def test_a_clean_file_is_silence(tmp_path: Path) -> None:
    for number, (path, text) in enumerate(NONE.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / path).write_text(filled(text))
    done = okx_doctor("guard", *sorted(str(number) for number in range(len(NONE))), env=clean(), cwd=tmp_path)
    assert (done.status, done.out, done.err) == (0, b"", b"")


def test_a_folder_is_searched_to_its_ends_but_not_what_git_keeps(tmp_path: Path) -> None:
    left_out = (".git", ".hg", ".svn", "node_modules", "a/__pycache__")
    for place in (
        "b.env",
        "a/b/.env",
        "a/c.env",
        *(f"{name}/x.env" for name in "zyxwvu"),
        *(f"{folder}/x.env" for folder in left_out),
    ):
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(filled(THREE["an env file"][1]))
    done = okx_doctor("guard", ".", env=clean(), cwd=tmp_path)
    assert done.status == 1
    assert list(dict.fromkeys(line.partition(":")[0] for line in done.text.splitlines())) == [
        "b.env",
        "a/c.env",
        "a/b/.env",
        *(f"{name}/x.env" for name in "uvwxyz"),
    ]
    assert "27 credentials in 9 files." in done.said


def test_a_link_to_a_folder_is_not_followed_but_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "bot.env").write_text(filled("OKX_API_KEY={key}\n"))
    (tmp_path / "link").symlink_to("folder")
    assert okx_doctor("guard", "link", env=clean(), cwd=tmp_path).status == 0
    done = okx_doctor("guard", "folder", env=clean(), cwd=tmp_path)
    assert done.text == "folder/bot.env:1: OKX API key in OKX_API_KEY\n"
    assert "1 credential in 1 file." in done.said


@pytest.mark.parametrize("text", ["x = {value!r}", "{value}", "print('{value}')", "prefix{value}suffix"])
@pytest.mark.parametrize("variable", ["OKX_SECRET_KEY", "OKX_API_KEY", "OKX_PASSPHRASE"])
def test_a_loaded_value_is_found_wherever_it_stands(variable: str, text: str, tmp_path: Path) -> None:
    value = CREDENTIALS[variable]
    (tmp_path / "notes.txt").write_text(text.replace("{value!r}", repr(value)).replace("{value}", value))
    done = okx_doctor("guard", "notes.txt", env=clean(**CREDENTIALS), cwd=tmp_path)
    assert done.status == 1
    assert f"in a copy of {variable}" in done.text
    assert value not in done.text + done.said
    assert okx_doctor("guard", "notes.txt", env=clean(), cwd=tmp_path).status == 0


def test_a_loaded_value_thousands_of_times_in_one_line_takes_no_long_time(tmp_path: Path) -> None:
    value = CREDENTIALS["OKX_API_KEY"]
    (tmp_path / "trace.log").write_text(f"\nkey {value} " * 2 + f"key {value} " * 80_000)
    done = okx_doctor("guard", "trace.log", env=clean(**CREDENTIALS), cwd=tmp_path)
    assert [line.partition(": ")[0] for line in done.text.splitlines()] == ["trace.log:2", "trace.log:3"]


def test_a_loaded_value_is_refused_on_an_allowed_line_too(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"OKX_SECRET_KEY = '{CREDENTIALS['OKX_SECRET_KEY']}'  # okx-doctor: allow\n")
    assert okx_doctor("guard", "a.py", env=clean(), cwd=tmp_path).status == 0
    assert okx_doctor("guard", "a.py", env=clean(**CREDENTIALS), cwd=tmp_path).status == 1


@pytest.mark.parametrize(("loaded", "status"), [("Ab3#xyz", 0), ("Ab3#wxyz", 1), ("your-passphrase-1", 0)])
def test_a_loaded_value_counts_from_eight_characters_on_and_where_it_is_no_placeholder(
    loaded: str, status: int, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text(f"seen: {loaded}\n")
    assert okx_doctor("guard", "notes.txt", env=clean(OKX_PASSPHRASE=loaded), cwd=tmp_path).status == status


def test_a_word_that_is_loaded_is_no_finding_everywhere(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("the passphrase is no passphrase\n")
    assert okx_doctor("guard", "notes.txt", env=clean(OKX_PASSPHRASE="passphrase"), cwd=tmp_path).status == 0


def test_what_cannot_be_read_is_told_and_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "clean.txt").write_text("nothing\n")
    os.mkfifo(tmp_path / "pipe")
    done = okx_doctor("guard", "clean.txt", "pipe", "missing\x1b[31m", env=clean(), cwd=tmp_path)
    assert (done.status, done.out) == (2, b"")
    assert done.said.splitlines() == [
        "okx-doctor: cannot read pipe: it is not a regular file",
        "okx-doctor: cannot read missing\\x1b[31m: No such file or directory",
    ]
    (tmp_path / "bot.py").write_text(SAMPLE)
    assert okx_doctor("guard", "pipe", "bot.py", env=clean(), cwd=tmp_path).status == 1


@pytest.mark.skipif(os.name != "posix", reason="only there a path that is too long can be made")
def test_a_folder_that_cannot_be_listed_is_told_and_is_not_found_clean(tmp_path: Path) -> None:
    begun = os.open(tmp_path, os.O_RDONLY)
    here = begun
    for _ in range(20):  # each by itself: the whole is longer than any path that the system takes
        os.mkdir("d" * 250, dir_fd=here)
        here = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
    (tmp_path / "fine.py").write_text("api_key = os.environ['OKX_API_KEY']\n")
    done = okx_doctor("guard", ".", env=clean(), cwd=tmp_path)
    assert (done.status, done.out) == (2, b"")
    assert "okx-doctor: cannot read ./dddd" in done.said
    assert "File name too long" in done.said


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    done = okx_doctor("guard", "a-" * 2000, env=clean(), cwd=tmp_path)
    assert done.is_one_line_of_usage()
    assert "File name too long" in done.said


def test_no_file_at_all_is_wrong_usage(tmp_path: Path) -> None:
    assert okx_doctor("guard", env=clean(), cwd=tmp_path).is_one_line_of_usage()


def test_the_sources_of_okx_doctor_hold_no_credential() -> None:
    sources = [str(ROOT / name) for name in ("okx_doctor", "docs", "README.md", "action.yml", "pyproject.toml")]
    done = okx_doctor("guard", *sources, env=clean(), cwd=ROOT)
    assert (done.status, done.out, done.err) == (0, b"", b"")


def git(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "core.hooksPath=.git/hooks")
    environment = clean(GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.devnull)
    return subprocess.run(
        ["git", *who, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_hook_refuses_a_commit_that_holds_credentials(tmp_path: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["entry"]) == ("okx-doctor-guard", "python", "okx-doctor guard --")
    program, *rest = shlex.split(hook["entry"])
    entry = shlex.join([sys.executable, "-m", program.replace("-", "_"), *rest])
    assert git("init", "-q", cwd=tmp_path).returncode == 0
    script = tmp_path / ".git" / "hooks" / "pre-commit"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\ngit diff --cached --name-only -z --diff-filter=ACMR | xargs -0 -r {entry}\n")
    script.chmod(0o755)
    (tmp_path / "fine.py").write_text("api_key = os.environ['OKX_API_KEY']\n")
    git("add", "-A", cwd=tmp_path)
    assert git("commit", "-m", "fine", cwd=tmp_path).returncode == 0
    (tmp_path / "bot with a blank.py").write_text(SAMPLE)
    git("add", "-A", cwd=tmp_path)
    refused = git("commit", "-m", "bad", cwd=tmp_path)
    assert refused.returncode != 0
    assert "bot with a blank.py:1: OKX API key in OKX_API_KEY" in refused.stdout + refused.stderr
    (tmp_path / "--help").write_text("")
    git("add", "-A", cwd=tmp_path)
    assert git("commit", "-m", "a file called as an option is", cwd=tmp_path).returncode != 0
    (tmp_path / "--help").unlink()
    assert git("rev-list", "--count", "HEAD", cwd=tmp_path).stdout.strip() == "1"
    (tmp_path / "bot with a blank.py").write_text(SAMPLE.replace("\n", "  # okx-doctor: allow\n"))
    git("add", "-A", cwd=tmp_path)
    assert git("commit", "-m", "allowed", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
@pytest.mark.parametrize(
    "name",
    ["::error::x.env", " ::stop-commands::x", ":", "a\n::error::b", "##[group]a", "\x1b[31mred", "\u202egpj.env"],
)
def test_no_file_s_name_makes_a_line_a_command_or_drives_a_terminal(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(filled(THREE["an env file"][1]))
    for words in (("guard", name), ("env", name), ("guard", "."), ("inspect", name)):
        done = okx_doctor(*words, env=clean(), cwd=tmp_path)
        assert done.status in (0, 1, 2)
        lines = (done.text + done.said).splitlines()
        assert [
            line for line in lines if line.lstrip().startswith("::") or "##[" in line or not line.isprintable()
        ] == []
    done = okx_doctor("guard", name, env=clean(), cwd=tmp_path)
    assert len(done.text.splitlines()) == 3

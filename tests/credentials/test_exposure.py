"""Who else can read a file, on real files and in real git repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from okx_doctor.credentials import exposure
from okx_doctor.credentials.exposure import file_exposure
from okx_doctor.observations import FileExposure
from tests.needs import needs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
needs_git = needs("git")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter; pytest's own are closed to others."""
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        if any(not parent.stat().st_mode & 0o001 for parent in folder.parents):
            pytest.skip("the folder for temporary files is closed to others on this machine")
        folder.chmod(0o755)
        yield folder


def _file(folder: Path, mode: int = 0o600, name: str = ".env") -> Path:
    path = folder / name
    path.write_text("OKX_PASSPHRASE='Abc-12345'\n")
    path.chmod(mode)
    return path


def _seen(path: Path) -> FileExposure:
    seen = file_exposure(str(path))
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("mode", "readers"), [(0o600, "owner"), (0o644, "everyone"), (0o604, "everyone"), (0o400, "owner")]
)
def test_readers_are_told_by_the_mode(open_folder: Path, mode: int, readers: str) -> None:
    seen = _seen(_file(open_folder, mode))

    assert (seen.mode, seen.readers) == (f"{mode:04o}", readers)


def test_a_folder_that_is_closed_closes_what_is_in_it(open_folder: Path) -> None:
    open_folder.chmod(0o700)

    assert _seen(_file(open_folder, 0o644)).readers == "owner"


only_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")


@only_root
def test_a_folder_that_is_closed_to_the_group_closes_what_is_in_it(open_folder: Path) -> None:
    path = _file(open_folder, 0o640)
    os.chown(path, 0, 100)
    assert _seen(path).readers == "group"

    open_folder.chmod(0o700)
    assert _seen(path).readers == "owner"


@only_root
@pytest.mark.parametrize(("group", "readers"), [(123_456, "owner"), (123_457, "group")])
def test_numbers_without_names_are_one_s_own_where_they_are_the_same(
    open_folder: Path, group: int, readers: str
) -> None:
    path = _file(open_folder, 0o640)
    os.chown(path, 123_456, group)

    assert _seen(path).readers == readers


@only_root
def test_a_group_of_several_is_told_and_the_owner_s_own_is_not(open_folder: Path) -> None:
    path = _file(open_folder, 0o640)
    assert _seen(path).readers == "owner"

    os.chown(path, 0, 100)  # users
    assert _seen(path).readers == "group"


def test_a_secret_that_a_container_was_given_is_not_judged_by_its_mode(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(open_folder, 0o444, "OKX_PASSPHRASE")
    assert _seen(path).readers == "everyone"

    monkeypatch.setattr(exposure, "_MOUNTS", (open_folder / "elsewhere", open_folder))
    assert _seen(path).readers == "unknown"


def test_a_mount_of_kubernetes_is_not_judged_by_its_mode(open_folder: Path) -> None:
    (open_folder / "..1").mkdir()
    (open_folder / "..data").symlink_to("..1")
    _file(open_folder / "..1", 0o644, "OKX_PASSPHRASE")
    (open_folder / "OKX_PASSPHRASE").symlink_to("..data/OKX_PASSPHRASE")

    assert _seen(open_folder / "OKX_PASSPHRASE").readers == "unknown"


@pytest.mark.parametrize("label", ["no/such/file", "a\0b", ""])
def test_what_is_not_there_is_not_looked_at(label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert file_exposure(label) is None


def _git(folder: Path, *words: str) -> None:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder), "PATH": os.environ["PATH"]}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=own, timeout=120)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    _git(tmp_path, "init", "--quiet")
    return tmp_path


@needs_git
def test_a_file_outside_of_any_repository(tmp_path: Path) -> None:
    assert _seen(_file(tmp_path)).git == "outside"


@needs_git
@pytest.mark.parametrize("below", ["", "bots/okx"])
def test_a_file_in_a_repository_is_ignored_loose_or_tracked(repository: Path, below: str) -> None:
    folder = repository / below
    folder.mkdir(parents=True, exist_ok=True)
    path = _file(folder)
    assert _seen(path).git == "not ignored"

    (repository / ".gitignore").write_text(".env\n")
    assert _seen(path).git == "ignored"

    _git(repository, "add", "--force", str(path))
    assert _seen(path).git == "tracked"


@needs_git
@pytest.mark.parametrize("name", ["*.env", "-x", ":(top)a", "a\nb", "ä.env"])
def test_a_name_is_taken_as_it_stands(repository: Path, name: str) -> None:
    (repository / "b.env").write_text("x")
    _git(repository, "add", "b.env")

    assert _seen(_file(repository, name=name)).git == "not ignored"


@needs_git
def test_a_link_is_judged_by_the_file_behind_it(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (repository / ".env").symlink_to(_file(tmp_path_factory.mktemp("elsewhere")))

    assert _seen(repository / ".env").git == "outside"


@needs_git
def test_no_program_that_a_repository_names_is_run(repository: Path) -> None:
    path, trace = _file(repository), repository / "trace"
    _git(repository, "add", ".env")
    program = repository / "spy"
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\n")
    program.chmod(0o755)
    for setting in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "alias.ls-files",
        "filter.x.clean",
    ):
        _git(repository, "config", setting, str(program))
    _git(repository, "config", "core.hooksPath", str(repository))

    assert _seen(path).git == "tracked"
    assert not trace.exists()


@needs_git
def test_variables_of_git_s_own_do_not_lead_elsewhere(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(repository)
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")

    assert _seen(path).git == "not ignored"


@needs_git
def test_git_is_asked_to_fetch_nothing_to_ask_nobody_and_to_write_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, programs = _file(repository), tmp_path_factory.mktemp("bin")
    (programs / "git").write_text(f"#!/bin/sh\nexec /usr/bin/env > '{programs}/seen'\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("HOME", "/nonexistent")
    _seen(path)

    told = dict(line.partition("=")[::2] for line in (programs / "seen").read_text().splitlines())
    assert told["HOME"] == "/nonexistent"
    assert {name: text for name, text in told.items() if name.startswith("GIT_")} == {
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
    }
    assert told["LC_ALL"] == "C"


@needs_git
def test_without_git_or_with_one_that_does_not_answer_it_is_not_judged(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, programs = _file(repository), tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(programs))
    assert _seen(path).git == "unknown"

    (programs / "git").write_text("#!/bin/sh\nread -r line < /dev/zero\nwhile :; do :; done\n")
    (programs / "git").chmod(0o755)
    seen = file_exposure(str(path), 0.2)
    assert seen is not None
    assert seen.git == "unknown"


@needs_git
def test_a_repository_that_is_none_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nonexistent\n")

    assert _seen(_file(tmp_path)).git == "unknown"


def test_a_file_whose_name_begins_with_a_tilde_is_a_file_of_this_folder(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(open_folder)
    _file(open_folder, 0o644, "~bot.env")

    assert (seen := file_exposure("~bot.env")) is not None
    assert seen.readers == "everyone"


def test_the_profiles_of_okx_own_command_line_are_looked_at_in_the_home_directory(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(open_folder))
    (open_folder / ".okx").mkdir(mode=0o755)
    _file(open_folder / ".okx", 0o644, "config.toml")

    assert (seen := file_exposure("~/.okx/config.toml")) is not None
    assert (seen.file, seen.readers) == ("~/.okx/config.toml", "everyone")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for git is a shell script")
def test_git_is_handed_no_credential(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, program = tmp_path / "told", tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nenv > '{told}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for name in (
        "OKX_API_KEY",
        "OKX_SECRET_KEY",
        "OKX_PASSPHRASE",
        "MY_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "LD_PRELOAD_X",
    ):
        monkeypatch.setenv(name, "Zq1-sentinel")

    assert _seen(_file(repository, 0o600)).git == "ignored"

    handed = told.read_text()
    assert "PATH=" in handed and "Zq1-sentinel" not in handed
    known = {"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "TEMP", "TMP", "PWD", "OLDPWD", "SHLVL", "_", "LC_ALL"}
    assert {
        name for name in (line.partition("=")[0] for line in handed.splitlines()) if not name.startswith("GIT_")
    } <= known

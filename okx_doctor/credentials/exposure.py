"""Who can read a file besides its owner, and whether git carries it along. Changes nothing and runs no hook."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Final, Literal

from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.places import path_of
from okx_doctor.observations import FileExposure

GIT_SECONDS: Final = 2.0

_MOUNTS: Final = (Path("/run/secrets"), Path("/var/run/secrets"))
"""Where Docker and Kubernetes mount secrets, with mode 0444 and 0644: the container is what closes them."""

_SAFE_SETTINGS: Final = ("core.fsmonitor=false", "core.untrackedCache=false", f"core.hooksPath={os.devnull}")
"""Settings of a repository that could make ``git ls-files`` run a program."""

_HANDED_ON: Final = ("PATH", "HOME", "USERPROFILE", "XDG_CONFIG_HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
"""Variables that git needs: where programs and the user's own settings are. Never a credential."""

_NOTHING_FETCHED: Final = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}

Git = Literal["tracked", "not ignored", "ignored", "outside", "unknown"]
Readers = Literal["owner", "group", "everyone", "unknown"]


def file_exposure(label: str, seconds: float = GIT_SECONDS) -> FileExposure | None:
    """Who else can read a file of credentials; ``None`` where it cannot be examined. ``seconds`` limit git."""
    try:
        named = path_of(label)
        path = named.resolve(strict=True)
        status = path.stat()
    except (UnusableFile, OSError, RuntimeError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    mounted = _is_mounted(named)
    return FileExposure(
        file=label,
        mode=f"{stat.S_IMODE(status.st_mode):04o}" if os.name == "posix" else "",
        readers="unknown" if mounted or os.name != "posix" else _readers(path, status),
        git=_git(path, seconds),
    )


def _is_mounted(path: Path) -> bool:
    """Whether this is a secret that a container was given. Kubernetes links every file through ``..data``."""
    real = path.resolve()
    return any(real.is_relative_to(mount.resolve()) for mount in _MOUNTS) or os.path.lexists(path.parent / "..data")


def _readers(path: Path, status: os.stat_result) -> Readers:
    """Who can open the file: its mode, and that of every directory on the way to it."""
    modes = [parent.stat().st_mode for parent in path.parents]
    if status.st_mode & stat.S_IROTH and all(mode & stat.S_IXOTH for mode in modes):
        return "everyone"
    open_to_group = all(mode & (stat.S_IXOTH | stat.S_IXGRP) for mode in modes)
    if status.st_mode & stat.S_IRGRP and open_to_group and not _is_of_owner_alone(status):
        return "group"
    return "owner"


def _is_of_owner_alone(status: os.stat_result) -> bool:
    """Whether the file's group is the one that many systems make for each user."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid)
    except KeyError:  # a container's numbers without names
        return status.st_uid == status.st_gid
    return group.gr_name == owner and not set(group.gr_mem) - {owner}


def _git(path: Path, seconds: float) -> Git:
    """Ask git about a file. One question answers all: tracked ones are listed, then those it would add."""
    if not any(os.path.lexists(parent / ".git") for parent in path.parents):
        return "outside"
    program = shutil.which("git")
    if program is None:
        return "unknown"
    import subprocess

    settings = [word for setting in _SAFE_SETTINGS for word in ("-c", setting)]
    asked = ("ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard", "--", path.name)
    environ = {name: os.environ[name] for name in _HANDED_ON if name in os.environ} | _NOTHING_FETCHED
    try:
        done = subprocess.run(  # noqa: S603  git by its own path, of the file only its name
            [program, "-C", str(path.parent), *settings, *asked],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return "unknown"
    if done.returncode != 0:  # no work tree, or one of another user's that git does not trust
        return "unknown"
    if not done.stdout:
        return "ignored"
    return "not ignored" if done.stdout.startswith(b"?") else "tracked"

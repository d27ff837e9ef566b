"""Why there is no seal here, and what to do: one line each."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from okx_doctor.confining.walls import Refusal

OTHER_SYSTEM: Final = "run can seal a bot off only on Linux; here use a container (docs/run.md) or okx-doctor listen"
_KERNEL: Final = Path("/proc/sys")
_ROOT: Final = Path("/")
_CONTAINER_MARKS: Final = (".dockerenv", "run/.containerenv")
_STARTERS: Final = {
    "docker": "run okx-doctor inside the container",
    "podman": "run okx-doctor inside the container",
    "kubectl": "run okx-doctor inside the container",
    "pm2": "give the bot's own command, as it stands in its configuration",
    "systemctl": "give the command of the unit's ExecStart",
    "systemd-run": "give the bot's own command",
    "supervisorctl": "give the bot's own command, as it stands in its configuration",
    "tmux": "run okx-doctor inside the session",
    "screen": "run okx-doctor inside the session",
    "ssh": "run okx-doctor on the machine of the bot",
}


class CannotSeal(Exception):
    """There is no seal, so the command was not started: one line that says why and what to do."""


def explained(refusal: Refusal, *, kernel: Path = _KERNEL, root: Path = _ROOT, mounts: str | None = None) -> str:
    """The line for what the kernel refused."""
    return f"cannot seal the bot off ({refusal}), so it was not started; {_remedy(refusal, kernel, root, mounts)}"


def _remedy(refusal: Refusal, kernel: Path, root: Path, mounts: str | None) -> str:
    if refusal.step == "bind":
        return "free that port for the run"
    if refusal.step.startswith("standard "):
        return "give it a pipe, a file or a terminal"
    if refusal.step in ("ptrace", "landlock"):
        return "run okx-doctor there as root, or as the only process of its user, or on a kernel with Landlock"
    if refusal.step == "/proc/sys":
        return "make it read-only in this container, or run okx-doctor there as an ordinary user"
    if refusal.step == "seccomp":
        return "its kernel or machine has no filter for system calls; use a container (docs/run.md)"
    if refusal.step.startswith("/etc/"):
        return "okx-doctor needs to write that file in this container; run it there as root"
    if refusal.step.startswith("/"):
        return "okx-doctor needs room for a few files; free some, or name another folder with TMPDIR"
    if os.geteuid() != 0 and _says(kernel / "kernel/apparmor_restrict_unprivileged_userns", "1"):
        return (
            "Ubuntu's AppArmor forbids user namespaces: run it with sudo, or "
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if os.geteuid() != 0 and _says(kernel / "kernel/unprivileged_userns_clone", "0"):
        return "sudo sysctl kernel.unprivileged_userns_clone=1, or run it with sudo"
    if (refusal.step, refusal.number) == ("unshare", errno.ENOSPC) or _says(kernel / "user/max_user_namespaces", "0"):
        return "sudo sysctl user.max_user_namespaces=10000, or run it with sudo"
    if any((root / mark).exists() for mark in _CONTAINER_MARKS):
        return "this container forbids namespaces: docker run --network none, or --security-opt seccomp=unconfined"
    if _is_chroot(mounts):
        return "a chroot forbids namespaces: run it outside of it, or in a container"
    if os.geteuid() != 0:
        return "run it with sudo, or on a Linux that allows user namespaces"
    return "run it on a Linux that allows user namespaces, or in a container (docs/run.md)"


def _says(path: Path, value: str) -> bool:
    try:
        return path.read_text("ascii", "replace").strip() == value
    except OSError:
        return False


def _is_chroot(mounts: str | None) -> bool:
    """Whether ``/`` is no mount of its own, by the text of ``/proc/self/mountinfo``."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
        except OSError:
            return False
    return all(line.split()[4] != "/" for line in mounts.splitlines())


def starts_outside(command: Sequence[str]) -> str:
    """A line for a command that only asks a program outside to start the bot; ``""`` for any other.

    The seal holds it in all the same: it is refused inside.
    """
    name = Path(command[0]).name if command else ""
    advice = _STARTERS.get(name)
    return f"{name} starts the bot outside the seal; {advice}" if advice else ""

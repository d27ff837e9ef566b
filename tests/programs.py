"""The programs that tests run where they are installed. As a script: the Debian packages of those that are missing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PACKAGES: Final[Mapping[str, str]] = {
    "bash": "bash",
    "buildah": "buildah",
    "cargo": "cargo",
    "chromium": "chromium",
    "chronyd": "chrony",
    "curl": "curl",
    "docker": "docker.io",  # the command line alone, without a daemon
    "faketime": "faketime",
    "fish": "fish",
    "git": "git",
    "go": "golang-go",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "jq": "jq",
    "libstdc++": "libstdc++6",
    "libsystemd-shared": "libsystemd-shared",
    "mmdebstrap": "mmdebstrap",
    "node": "nodejs",
    "npm": "npm",
    "openssl": "openssl",
    "php": "php-cli",
    "php-curl": "php-curl",
    "podman": "podman",
    "ruby": "ruby",
    "runc": "runc",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "systemd-analyze": "systemd",
    "zsh": "zsh",
}
"""Each program, or library that a program of Python loads, with its Debian package."""

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "chronyd": ("chronyd", "/usr/sbin/chronyd", "/usr/local/sbin/chronyd", "/sbin/chronyd"),  # on no user's PATH
    "runc": ("runc", "/usr/sbin/runc", "/usr/local/sbin/runc"),
    "php-curl": ("/usr/lib/php/*/curl.so",),
    "libstdc++": ("/usr/lib/*/libstdc++.so.6", "/usr/lib/libstdc++.so.6", "/usr/lib64/libstdc++.so.6"),
    "libsystemd-shared": (
        "/usr/lib/*/systemd/libsystemd-shared-*.so",
        "/usr/lib/systemd/libsystemd-shared-*.so",
    ),
}
"""Where to look for what does not go by its own name: commands, and patterns of files."""


def find(name: str) -> str | None:
    """The path of a program, ``None`` where it is not installed."""
    return next((path for place in PLACES.get(name, (name,)) if (path := _at(place))), None)


def _at(place: str) -> str | None:
    if "/" not in place:
        return shutil.which(place)
    return next((str(path) for path in sorted(Path("/").glob(place.removeprefix("/")))), None)


if __name__ == "__main__":
    print(*sorted({package for name, package in PACKAGES.items() if not find(name)}), sep="\n")  # noqa: T201  its payload

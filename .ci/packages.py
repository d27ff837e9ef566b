"""Build the sdist and the wheel, install them in every way into homes that are empty, and run what was installed.

``python .ci/packages.py FOLDER BILL`` leaves both in FOLDER, and the bill of materials, which lists all that the wheel
brings along with versions and licenses, in BILL. The wheel is built from the clone and, once more, from the sdist: both
have to be equal to the byte.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BIN: Final = "Scripts" if os.name == "nt" else "bin"
KEPT: Final = re.compile(
    r"PATH|LANG|LC_ALL|SYSTEMROOT|TEMP|TMP|TMPDIR|PIP_.*|UV_.*|.*_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE", re.I
)
"""The variables that an installer goes by; nothing else of this machine is there."""
TRIED: Final = ("check", "--simulate")


def run(*command: str | Path, home: Path, cwd: Path | None = None) -> str:
    """The output of a command that has ``home`` for its home. Ends this process where it fails."""
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
    done = subprocess.run(command, env={**kept, **homes}, cwd=cwd or home, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout.decode()}")
    return done.stdout.decode()


def environment(place: Path, *packages: str | Path, home: Path) -> Path:
    """The folder of programs of a new virtual environment with these packages."""
    venv.create(place, with_pip=True)
    run(place / BIN / "python", "-m", "pip", "install", "--quiet", *packages, home=home)
    return place / BIN


def build(folder: Path, work: Path) -> tuple[Path, Path]:
    """The sdist and the wheel of the clone. The wheel comes out the same from the sdist alone."""
    pinned = ("--require-hashes", "-r", ROOT / "requirements/build.txt")
    python = environment(work / "building", *pinned, home=work) / "python"
    run(python, "-m", "hatchling", "build", "-d", folder.absolute(), home=work, cwd=ROOT)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(work / "source")  # made a moment ago; Debian 12 has no filters yet
    (source,) = (work / "source").iterdir()
    run(python, "-m", "hatchling", "build", "-d", work / "again", home=work, cwd=source)
    for one in (sdist, wheel):
        if not filecmp.cmp(one, work / "again" / one.name, shallow=False):
            sys.exit(f"{one.name} differs when it is built again from the sdist")
    return sdist, wheel


def installed_ways(tools: Path, sdist: Path, wheel: Path, work: Path) -> Mapping[str, tuple[str | Path, ...]]:
    """By the words for a way to install: the command that runs what was installed so."""
    houses = [work / name for name in ("by pip", "from sdist", "offline", "wheels", "pipx home")]
    for place in houses:
        place.mkdir()
    by_pip, from_sdist, offline, wheels, pipx_home = houses
    run(sys.executable, "-m", "pip", "download", "--quiet", "--dest", wheels, wheel, home=work)
    run(tools / "pipx", "install", "--quiet", "--python", sys.executable, wheel, home=pipx_home)
    return {
        "the wheel by pip": (environment(by_pip / "v", wheel, home=by_pip) / "okx-doctor",),
        "the sdist by pip": (environment(from_sdist / "v", sdist, home=from_sdist) / "okx-doctor",),
        "the wheel by pip without an index": (
            environment(offline / "v", "--no-index", "--find-links", wheels, "okx-doctor", home=offline) / "okx-doctor",
        ),
        "the wheel by pipx": (pipx_home / ".local" / "bin" / "okx-doctor",),
        "the wheel by uvx": (tools / "uvx", "--python", sys.executable, "--from", wheel, "okx-doctor"),
    }


def list_materials(tools: Path, wheel: Path, bill: Path, work: Path) -> int:
    """Write the bill of materials of what the wheel brings along, and count it. The same packages, the same bill."""
    place = work / "materials"
    run(tools / "uv", "venv", "--quiet", "--python", sys.executable, place, home=work)
    run(tools / "uv", "pip", "install", "--quiet", "--python", place, wheel, home=work)
    about = ("--pyproject", ROOT / "pyproject.toml", "--output-reproducible")
    found = json.loads(run(tools / "cyclonedx-py", "environment", *about, place / BIN / "python", home=work))
    found["metadata"]["component"]["version"] = wheel.name.split("-")[1]
    brought = json.loads(run(tools / "uv", "pip", "list", "--python", place, "--format", "json", home=work))
    listed = {(one["name"].lower().replace("_", "-"), one["version"]) for one in found["components"]}
    if listed != {(one["name"].lower(), one["version"]) for one in brought if one["name"] != "okx-doctor"}:
        sys.exit(f"the bill of materials lists {sorted(listed)}, and {brought} are installed")
    if bare := [one["name"] for one in found["components"] if not one.get("licenses")]:
        sys.exit(f"no license is known of {bare}")
    bill.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return len(listed)


def told(python: Path, home: Path) -> str:
    """The size of all that is installed, and how long the package and its first command take to load."""
    size = sum(file.stat().st_size for file in python.parents[1].glob("**/site-packages/**/*") if file.is_file())
    own = sum(file.stat().st_size for file in python.parents[1].glob("**/okx_doctor/**/*") if file.is_file())
    times = []
    for code in ("pass", "import okx_doctor", "import okx_doctor.cli.check"):
        since = time.perf_counter()
        run(python, "-c", code, home=home)
        times.append(time.perf_counter() - since)
    bare, package, command = times
    mebibytes = f"{size / 2**20:.0f} MiB installed with pip and all dependencies, {own / 2**20:.1f} MiB of them its own"
    return f"{mebibytes}; import {package - bare:.2f} s, with the command check {command - bare:.2f} s"


def main(folder: Path, bill: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is not empty")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        work = Path(made)
        sdist, wheel = build(folder, work)
        print(f"built twice, equal: {sdist.name} {sdist.stat().st_size}, {wheel.name} {wheel.stat().st_size} bytes")
        tools = environment(work / "tools", "pipx", "uv", "cyclonedx-bom", home=work)
        print(f"{bill.name}: {list_materials(tools, wheel.absolute(), bill, work)} packages, each with its license")
        for way, command in installed_ways(tools, sdist.absolute(), wheel.absolute(), work).items():
            home = Path(tempfile.mkdtemp(dir=work))
            said = run(*command, *TRIED, home=home)
            if "OKX\nwas not asked" not in said:
                sys.exit(f"{way}: {said}")
            print(f"{way}: {' '.join(('okx-doctor', *TRIED))} is healthy")
        print(told(work / "by pip" / "v" / BIN / "python", work))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

"""The container: built on a base of Debian's packages, and run without a network, as nobody, with nothing to write to.

Where it cannot be done the tests are skipped by the name of what is missing: a program, root, or a container's right to
start here at all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import NoReturn
from uuid import uuid4

import pytest

from okx_doctor.gate.accounts import Account
from tests.needs import needs, program
from tests.watching.keys import accounts, folder, shown

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0
IMAGE = "localhost/okx-doctor"
BASE = "localhost/base"
LIMITS = ("--runtime", "runc", "--cgroups=no-conmon", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
TIGHT = (
    *("--network", "none", "--read-only", "--read-only-tmpfs=false"),
    *("--cap-drop", "all", "--security-opt", "no-new-privileges"),
)
NOBODY = 10001

pytestmark = [
    needs("mmdebstrap", "buildah", "podman", "runc"),
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a base of Debian's"),
]


class Engine:
    """buildah and podman with images and containers of their own."""

    def __init__(self, store: Path) -> None:
        self._places = ("--root", str(store / "images"), "--runroot", str(store / "run"))

    def command(self, name: str, *arguments: str | Path) -> list[str]:
        return [program(name), *self._places, *map(str, arguments)]

    def run(self, name: str, *arguments: str | Path, prefix: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        command = [*prefix, *self.command(name, *arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def done(self, name: str, *arguments: str | Path, prefix: Sequence[str] = ()) -> str:
        """What a command that has to work said."""
        ended = self.run(name, *arguments, prefix=prefix)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def try_once(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A container that runs to its end, as tight as it goes."""
        return self.run("podman", "run", "--rm", "--no-healthcheck", *LIMITS, *TIGHT, *arguments)

    @contextmanager
    def running(self, *arguments: str | Path) -> Iterator[str]:
        """The name of a container that runs meanwhile."""
        name = f"fleet-{uuid4().hex[:8]}"
        self.done("podman", "run", "--detach", "--name", name, *LIMITS, *arguments)
        try:
            yield name
        finally:
            self.run("podman", "rm", "--force", "--time", "0", name)

    def lines(self, name: str, part: str) -> str:
        """What a container wrote once that holds this. The test fails where it never does."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            ended = self.run("podman", "logs", name)
            if part in ended.stdout + ended.stderr:
                return ended.stdout + ended.stderr
            state = self.run("podman", "inspect", "--format", "{{.State.Running}}", name)
            assert state.stdout.strip() == "true", f"it ended without {part!r}: {ended.stdout}{ended.stderr}"
        pytest.fail(f"no line with {part!r}")


def _codename() -> str:
    said = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text("utf-8").splitlines() if "=" in line)
    return said.get("VERSION_CODENAME", "stable").strip('"')


def _base(engine: Engine, store: Path) -> None:
    """An image of Debian's Python and what a shell needs. Its packages are only unpacked, which is quick."""
    ended = subprocess.run(
        [
            *(program("mmdebstrap"), "--quiet", "--variant=extract", "--include=python3-venv,dash,coreutils"),
            *("--dpkgopt=path-exclude=/usr/share/doc/*", "--aptopt=Acquire::Languages none"),
            *(_codename(), str(store / "base.tar")),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode:
        _refuse(store, f"mmdebstrap makes no base here: {ended.stderr.strip()[-200:]}")
    engine.done("podman", "import", "--quiet", store / "base.tar", BASE)
    trial = engine.run("podman", "run", "--rm", *LIMITS, "--network", "none", BASE, "true")
    if trial.returncode:
        _refuse(store, f"podman starts no container here: {trial.stderr.strip()[-200:]}")


def _refuse(store: Path, why: str) -> NoReturn:
    """Skip this test, and each later one without trying again."""
    (store / "refused").write_text(why, "utf-8")
    pytest.skip(why)


def _wheels(engine: Engine, store: Path) -> Path:
    """Every package that the build installs, for the Python of the base."""
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = engine.done("podman", "run", "--rm", *LIMITS, "--network", "none", BASE, "python3", "-c", asked).strip()
    python = sys.executable
    if find_spec("pip") is None:
        venv.create(store / "pip", with_pip=True)
        python = str(store / "pip/bin/python")
    ended = subprocess.run(
        [
            *(python, "-m", "pip", "download", "--quiet", "--dest", str(store / "wheels")),
            *("--only-binary", ":all:", "--python-version", version, "--require-hashes"),
            *("-r", "requirements/watch.txt", "-r", "requirements/build.txt"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return store / "wheels"


@pytest.fixture(scope="module")
def store() -> Iterator[Path]:
    """Not the folder of pytest, which keeps what is in it for some runs: this is some hundred megabytes."""
    place = Path(tempfile.mkdtemp(prefix="okx-doctor-container-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def engine(store: Path) -> Engine:
    """With the image, which the first test that asks has built, in a namespace without a network."""
    found = Engine(store)
    if (store / "built").exists():
        return found
    if (store / "refused").exists():
        pytest.skip((store / "refused").read_text("utf-8"))
    _base(found, store)
    arguments = {"BASE": BASE, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
    found.done(
        *("buildah", "build", "--isolation", "chroot", "--format", "docker", "--tag", IMAGE),
        *(f"--build-arg={name}={value}" for name, value in arguments.items()),
        *("--volume", f"{_wheels(found, store)}:/wheels:ro", "."),
        prefix=("unshare", "--net"),
    )
    (store / "built").touch()
    return found


@pytest.fixture
def keys(store: Path) -> Iterator[tuple[Path, Account]]:
    """A directory of one mounted secret that only the container's user reads."""
    (account,) = accounts(1)
    place = store / f"keys-{uuid4().hex[:8]}"
    folder(place / "bot-1", account)
    for path in (place, *place.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    yield place, account
    shutil.rmtree(place)


def test_it_checks_as_nobody_without_a_network_and_with_nothing_to_write_to(engine: Engine) -> None:
    done = engine.try_once(IMAGE, "check", "--simulate", "--format", "json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "healthy"


def test_its_user_is_a_number_and_owns_nothing_that_it_runs(engine: Engine) -> None:
    told = (
        "import os, sys; from pathlib import Path; home = Path(sys.prefix); "
        "print(os.getuid(), os.getgid(), [str(each) for each in home.rglob('*') if os.access(each, os.W_OK)])"
    )
    done = engine.try_once("--entrypoint", "python3", IMAGE, "-c", told)

    assert done.stdout.strip() == f"{NOBODY} {NOBODY} []", done.stderr
    (image,) = json.loads(engine.done("podman", "image", "inspect", IMAGE))
    assert image["Config"]["User"] == f"{NOBODY}:{NOBODY}"


def test_it_holds_no_installer_and_nothing_of_the_build(engine: Engine) -> None:
    told = (
        "from importlib.util import find_spec; from pathlib import Path; "
        "print([name for name in ('pip', 'hatchling') if find_spec(name)], "
        "[place for place in ('/source', '/building', '/wheel', '/wheels') if Path(place).exists()])"
    )
    done = engine.try_once("--entrypoint", "python3", IMAGE, "-c", told)

    assert done.stdout.strip() == "[] []", done.stderr


def test_it_watches_mounted_secrets_is_healthy_and_ends_cleanly(engine: Engine, keys: tuple[Path, Account]) -> None:
    place, account = keys
    values = {
        "OKX_API_KEY": account.api_key,
        "OKX_SECRET_KEY": account.secret.reveal(),
        "OKX_PASSPHRASE": account.passphrase.reveal(),
    }
    given = [part for name, value in values.items() for part in ("--env", f"{name}={value}")]
    exchange = ("--no-healthcheck", *TIGHT, *given, IMAGE, "listen", "--port", "8401", "--allow-ip", "127.0.0.1")
    with engine.running(*exchange) as okx:
        engine.lines(okx, "8401")
        watch = (
            *("--network", f"container:{okx}", *TIGHT[2:], "--volume", f"{place}:/keys:ro"),
            *("--env", "OKX_DOCTOR_SITES=global=http://127.0.0.1:8401", IMAGE),
        )
        with engine.running(*watch) as name:
            said = engine.lines(name, "first round over 1: ")
            health = engine.run("podman", "healthcheck", "run", name)
            engine.done("podman", "stop", "--time", "60", name)
            status = engine.done("podman", "inspect", "--format", "{{.State.ExitCode}}", name).strip()

    assert "first round over 1: 1 healthy" in said
    assert health.returncode == 0, health.stdout + health.stderr
    assert status == "0"
    assert shown((account,), said) == []


def test_it_is_unhealthy_where_nothing_answers_for_the_watch(engine: Engine) -> None:
    with engine.running(*TIGHT, "--entrypoint", "sleep", IMAGE, "600") as name:
        health = engine.run("podman", "healthcheck", "run", name)

    assert health.returncode == 1, health.stdout + health.stderr

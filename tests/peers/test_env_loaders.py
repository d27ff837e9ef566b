"""Each dialect model against the loader that it is a model of, over thousands of lines: the same values, and the same
refusals."""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from okx_doctor.credentials.dialects import dialect
from okx_doctor.credentials.dialects.reading import Loaded
from okx_doctor.credentials.dialects.samples import SAMPLES
from tests.needs import needs, program, skip_without
from tests.peers import env_loaders
from tests.peers.env_loaders import ENVIRONMENT, NAMES, Values
from tests.peers.env_texts import HARMLESS, Kind, texts
from tests.peers.installing import packages

pytestmark = pytest.mark.peer

COUNT = 3000
REFUSED = 40
"""Files that a model says are refused whole; each costs a process of its own."""

BASH = Kind(alphabet=HARMLESS, quotes="'\"", several_lines=False, continued=False)
SYSTEMD = Kind(continued=False)
"""A comment that ends in a backslash goes on in the next line up to systemd 253, and no longer since 254."""

Load = Callable[[Sequence[str]], list[Values | None]]


def modelled(name: str, text: str) -> Loaded:
    return dialect(name).load(text, ENVIRONMENT)


def values(loaded: Loaded) -> Values:
    return {
        name: reading.value.reveal()
        for name, reading in loaded.readings.items()
        if name in NAMES and reading.value is not None
    }


def compared(name: str, load: Load, kind: Kind, seed: int) -> int:
    """Compare over ``COUNT`` files and return how many values were the same; a difference fails with the file."""
    written = texts(seed, COUNT, kind)
    expected = [values(modelled(name, text)) for text in written]
    found = load(written)
    assert [row for row in zip(written, expected, found, strict=True) if row[1] != row[2]][:3] == []
    return sum(map(len, expected))


def own_samples(name: str, load: Load, leave_out: str = "") -> None:
    """The lines of the table in the documentation."""
    for sample in SAMPLES:
        text = re.sub(r"\bA\b", NAMES[0], sample)
        loaded = modelled(name, text)
        unknown = any(reading.refusal.startswith("expands") for reading in loaded.readings.values())
        if set(text) & set(leave_out) or unknown:
            continue
        whole = loaded.refusal and name in ("docker", "compose")
        assert load([text]) == [None if whole else values(loaded)], sample


def refusing(name: str, load: Load, seed: int) -> int:
    """As ``compared``, for a loader that refuses whole files: those apart, one by one, and fewer of them."""
    written = texts(seed, COUNT, Kind())
    refused = [text for text in written if modelled(name, text).refusal]
    taken = [text for text in written if not modelled(name, text).refusal]
    expected = [values(modelled(name, text)) for text in taken]
    assert [row for row in zip(taken, expected, load(taken), strict=True) if row[1] != row[2]][:3] == []
    assert [text for text in refused[:REFUSED] if load([text]) != [None]] == []
    assert len(refused) >= REFUSED
    return sum(map(len, expected))


@pytest.fixture
def loaders_folder() -> Path:
    """The folder of the loaders with their npm packages installed."""
    return packages(env_loaders.FOLDER)


@pytest.mark.parametrize("seed", [1, 2])
def test_python_dotenv_is_read_as_python_dotenv_reads(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "dotenv.main")

    assert compared("python-dotenv", env_loaders.python_dotenv, Kind(), seed) > COUNT


@needs("npm")
@pytest.mark.parametrize("version", ["node22", "node24"])
def test_node_is_read_as_node_reads(version: str, loaders_folder: Path) -> None:
    node = loaders_folder / "node_modules" / version / "bin" / "node"
    if not node.exists():
        skip_without(version)

    def load(written: Sequence[str]) -> list[Values | None]:
        return env_loaders.node(node, written)

    assert compared("node", load, Kind(), 3) > COUNT
    own_samples("node", load)


@needs("npm")
def test_the_option_env_file_of_node_is_the_parser_that_is_compared(loaders_folder: Path, tmp_path: Path) -> None:
    node = loaders_folder / "node_modules" / "node24" / "bin" / "node"
    if not node.exists():
        skip_without("node24")
    print_it = f"console.log(JSON.stringify([process.env.{NAMES[0]} ?? null]))"

    for sample in SAMPLES:
        text = re.sub(r"\bA\b", NAMES[0], sample)
        (tmp_path / "f").write_bytes(text.encode())
        done = subprocess.run(
            [node, f"--env-file={tmp_path / 'f'}", "-e", print_it],
            capture_output=True,
            env=ENVIRONMENT,
            timeout=120,
            check=True,
        )
        assert env_loaders.decoded(done.stdout) == [values(modelled("node", text)).get(NAMES[0])], sample


@needs("node", "npm")
def test_npm_dotenv_is_read_as_npm_dotenv_reads(node: str, loaders_folder: Path) -> None:
    def load(written: Sequence[str]) -> list[Values | None]:
        return env_loaders.npm_dotenv(node, written)

    assert compared("dotenv", load, Kind(), 4) > COUNT
    own_samples("dotenv", load)


@needs("bash")
def test_bash_is_read_as_bash_reads(tmp_path: Path) -> None:
    def load(written: Sequence[str]) -> list[Values | None]:
        return env_loaders.bash(program("bash"), written, tmp_path)

    same = 0
    left_out = 0
    written = texts(5, COUNT, BASH)
    for text, found in zip(written, load(written), strict=True):
        loaded = modelled("bash", text)
        unknown = {
            name for name, reading in loaded.readings.items() if reading.refusal.startswith(("expands", "reads"))
        }
        if "`${`" in loaded.refusal:  # whether the shell or only the file ends there hangs on what follows
            left_out += 1
            continue
        assert found is not None
        real = {name: value for name, value in found.items() if name not in unknown}
        mine = values(loaded)
        assert mine == real, text
        same += len(mine)
    assert same > COUNT / 2
    assert left_out < COUNT / 20
    own_samples("bash", load, leave_out="`;&|<>()")


@needs("libsystemd-shared")
def test_systemd_is_read_as_systemd_reads(tmp_path: Path) -> None:
    def load(written: Sequence[str]) -> list[Values | None]:
        return env_loaders.systemd(program("libsystemd-shared"), written, tmp_path)

    assert compared("systemd", load, SYSTEMD, 6) > COUNT
    own_samples("systemd", load)


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[env_loaders.Docker]:
    loader = env_loaders.Docker(program("docker"), tmp_path_factory.mktemp("d"))
    yield loader
    loader.close()


@needs("docker")
def test_docker_is_read_as_docker_reads(docker: env_loaders.Docker) -> None:
    assert refusing("docker", docker.load, 7) > COUNT / 2
    own_samples("docker", docker.load)


def test_compose_is_read_as_compose_reads(tmp_path: Path) -> None:
    compose = env_loaders.compose_program(env_loaders.FOLDER / "compose")
    if compose is None:
        skip_without("docker-compose")

    def load(written: Sequence[str]) -> list[Values | None]:
        return env_loaders.compose(compose, written, tmp_path)

    assert refusing("compose", load, 8) > COUNT / 2
    own_samples("compose", load)


def test_a_difference_does_not_pass() -> None:
    def wrong(written: Sequence[str]) -> list[Values | None]:
        made: list[Mapping[str, str] | None] = list(env_loaders.python_dotenv(written))
        made[-1] = {**(made[-1] or {}), NAMES[0]: "another"}
        return made

    with pytest.raises(AssertionError):
        compared("python-dotenv", wrong, Kind(), 9)

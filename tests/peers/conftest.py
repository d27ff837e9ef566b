"""Listeners and clients that tests share, Node for the clients that need it, and programs that are run to their end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.needs import program
from tests.peers.clients import Client, Driver
from tests.peers.installing import packages
from tests.peers.listeners import Keys, Listener, clean_environment, listening
from tests.peers.programs import Run

FOLDER = Path(__file__).parent
NODE = FOLDER / "node"
RUN_SECONDS = 300


@pytest.fixture(scope="session")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Listener]]:
    """Gives the running listener with these options: one for all tests that ask for the same."""
    running: dict[tuple[tuple[str, ...], bool, Keys | None], Listener] = {}
    with ExitStack() as stack:

        def give(*options: str, tls: bool = False, keys: Keys | None = None) -> Listener:
            asked = (options, tls, keys)
            if asked not in running:
                folder = tmp_path_factory.mktemp("listener")
                running[asked] = stack.enter_context(listening(folder, *options, tls=tls, keys=keys))
            return running[asked]

        yield give


@pytest.fixture
def listen(listeners: Callable[..., Listener]) -> Callable[..., Listener]:
    """The same for one test: a listener that it asks for has told nothing yet, whatever it told others."""
    asked: set[int] = set()

    def give(*options: str, tls: bool = False, keys: Keys | None = None) -> Listener:
        at = listeners(*options, tls=tls, keys=keys)
        if id(at) not in asked:
            asked.add(id(at))
            at.heard()
        return at

    return give


@pytest.fixture(scope="session")
def driver() -> Iterator[Callable[[Client, str, Listener], Driver]]:
    """Gives the running driver of a client with a clock that trusts a listener: one for all tests that ask for it."""
    running: dict[tuple[str, str, str], Driver] = {}

    def give(client: Client, clock: str, at: Listener) -> Driver:
        known = (client.name, clock, at.ca_file)
        if known not in running:
            if client.driver.endswith(".mjs"):
                command = [program("node"), str(packages(NODE) / client.driver)]
            else:
                command = [sys.executable, str(FOLDER / "python" / client.driver)]
            running[known] = Driver(command, clock, at.ca_file)
        return running[known]

    yield give
    for started in running.values():
        started.close()


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a program to its end and returns what it said; it fails on its own time-out only."""

    def run_it(*command: str | Path, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            input=said,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=RUN_SECONDS,
            env=clean_environment(**environment),
            check=False,
        )

    return run_it


@pytest.fixture
def node() -> str:
    """The Node program, for a test that asks for it."""
    return program("node")


@pytest.fixture
def node_folder() -> Path:
    """The folder of the Node drivers with their packages installed, for a test that asks for npm."""
    return packages(NODE)

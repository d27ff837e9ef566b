"""Env-file dialects: what each common loader makes of the same file.

Every dialect is a pure function from a file's text and an environment to what the loader would give to each name. No
file is executed and no other program is started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from okx_doctor.credentials.dialects import bash, compose, docker, node, npm_dotenv, python_dotenv, systemd
from okx_doctor.credentials.dialects.reading import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A loader. ``load`` never raises and takes time proportional to the text.

    ``compared_with`` is the real loader that tests compare it with.
    """

    id: str
    title: str
    load: Callable[[str, Mapping[str, str]], Loaded]
    source: str
    compared_with: str


DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(
        id="python-dotenv",
        title="python-dotenv",
        load=python_dotenv.load,
        source="the library itself reads the file",
        compared_with="python-dotenv",
    ),
    Dialect(
        id="node",
        title="node --env-file",
        load=node.load,
        source="Node's src/node_dotenv.cc and what util.parseEnv does",
        compared_with="Node 22 and 24",
    ),
    Dialect(
        id="dotenv",
        title="npm dotenv",
        load=npm_dotenv.load,
        source="the package's README and what dotenv.parse does",
        compared_with="dotenv 18",
    ),
    Dialect(
        id="docker",
        title="docker run --env-file",
        load=docker.load,
        source="the rules in docker's own package kvfile",
        compared_with="docker 28",
    ),
    Dialect(
        id="compose",
        title="Docker Compose",
        load=compose.load,
        source="Docker's page on env files and compose-go's dotenv",
        compared_with="Docker Compose 2.40",
    ),
    Dialect(
        id="bash",
        title="bash source",
        load=bash.load,
        source="bash's manual and what bash does",
        compared_with="bash 5.2",
    ),
    Dialect(
        id="systemd",
        title="systemd EnvironmentFile",
        load=systemd.load,
        source="systemd.exec(5) and systemd's load_env_file",
        compared_with="load_env_file of libsystemd 252",
    ),
)

DEFAULT: Final = DIALECTS[0]
IDS: Final = tuple(dialect.id for dialect in DIALECTS)


def dialect(name: str) -> Dialect:
    """The dialect of an id. Raises ``KeyError``."""
    return {known.id: known for known in DIALECTS}[name]

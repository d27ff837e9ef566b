"""Env-file dialects: what each common loader makes of the same file.

Every dialect is a pure function from a file's text and an environment to what the loader would give to each name. No
file is executed and no other program is started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from msgspec import Struct

from okx_doctor.credentials.dialects.reading import Loaded

Load = Callable[[str, Mapping[str, str]], Loaded]


class Dialect(Struct, frozen=True, kw_only=True):
    """A loader. ``load`` never raises and takes time proportional to the text.

    ``compared_with`` is the real loader that tests compare it with.
    """

    id: str
    title: str
    load: Load
    source: str
    compared_with: str


def _model(module: str) -> Load:
    """The ``load`` of a module beside this one, imported when it is first asked: many runs read no env file."""

    def load(text: str, environ: Mapping[str, str]) -> Loaded:
        loaded: Loaded = import_module(f"{__name__}.{module}").load(text, environ)
        return loaded

    return load


DIALECTS: Final[tuple[Dialect, ...]] = (
    Dialect(
        id="python-dotenv",
        title="python-dotenv",
        load=_model("python_dotenv"),
        source="the library itself reads the file",
        compared_with="python-dotenv",
    ),
    Dialect(
        id="node",
        title="node --env-file",
        load=_model("node"),
        source="Node's src/node_dotenv.cc and what util.parseEnv does",
        compared_with="Node 22 and 24",
    ),
    Dialect(
        id="dotenv",
        title="npm dotenv",
        load=_model("npm_dotenv"),
        source="the package's README and what dotenv.parse does",
        compared_with="dotenv 18",
    ),
    Dialect(
        id="docker",
        title="docker run --env-file",
        load=_model("docker"),
        source="the rules in docker's own package kvfile",
        compared_with="docker 28",
    ),
    Dialect(
        id="compose",
        title="Docker Compose",
        load=_model("compose"),
        source="Docker's page on env files and compose-go's dotenv",
        compared_with="Docker Compose 2.40",
    ),
    Dialect(
        id="bash",
        title="bash source",
        load=_model("bash"),
        source="bash's manual and what bash does",
        compared_with="bash 5.2",
    ),
    Dialect(
        id="systemd",
        title="systemd EnvironmentFile",
        load=_model("systemd"),
        source="systemd.exec(5) and systemd's load_env_file",
        compared_with="load_env_file of libsystemd 252",
    ),
)

DEFAULT: Final = DIALECTS[0]
IDS: Final = tuple(dialect.id for dialect in DIALECTS)


def dialect(name: str) -> Dialect:
    """The dialect of an id. Raises ``KeyError``."""
    return {known.id: known for known in DIALECTS}[name]

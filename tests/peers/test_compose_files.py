"""What a container gets from a Compose file, beside what Compose itself prints: the same values, the same refusals."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from okx_doctor.credentials.documents import compose
from okx_doctor.credentials.files import UnusableFile
from tests.needs import skip_without
from tests.peers import env_loaders
from tests.peers.compose_files import Service, project, services
from tests.peers.env_loaders import ENVIRONMENT, SECONDS, Values

pytestmark = pytest.mark.peer

COUNT = 3000
REFUSED = 40
"""Services that the reader says Compose refuses; each costs a process of its own."""


@pytest.fixture(scope="module")
def program() -> Path:
    """Compose itself."""
    found = env_loaders.compose_program(env_loaders.FOLDER / "compose")
    if found is None:
        skip_without("docker-compose")
    return found


def by_compose(program: Path, folder: Path, text: str) -> Mapping[str, Values] | None:
    """What each service's container gets; ``None`` where Compose refuses the file. Compose prints ``$`` as ``$$``."""
    path = folder / "compose.yaml"
    path.write_text(text)
    command = [str(program), "-f", str(path), "-p", "p", "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, cwd=folder, timeout=SECONDS, check=False)
    if done.returncode:
        return None
    found: Mapping[str, Mapping[str, Mapping[str, str | None]]] = json.loads(done.stdout)["services"]
    return {
        name: {
            key: value.replace("$$", "$")
            for key, value in (parts.get("environment") or {}).items()
            if value is not None
        }
        for name, parts in found.items()
    }


def by_reader(folder: Path, text: str) -> Mapping[str, Values] | None:
    """The same, as it is read here. A variable that Compose hands on without having it is told and has no value."""
    found: dict[str, dict[str, str]] = {}
    try:
        leaves = compose.leaves(text, "compose.yaml", folder, ENVIRONMENT, every=True)
    except UnusableFile:
        return None
    for leaf in leaves:
        if leaf.text or leaf.change is None or "has no value here" not in leaf.change.what:
            found.setdefault(leaf.path[1], {})[leaf.path[-1]] = leaf.text.reveal()
    return found


def test_containers_get_what_compose_gives_them(program: Path, tmp_path: Path) -> None:
    asked = services(1, COUNT)
    taken: list[Service] = []
    refused: list[Service] = []
    for service in asked:
        (refused if by_reader(tmp_path, project(tmp_path, [service])) is None else taken).append(service)
    text = project(tmp_path, taken)
    ours, theirs = by_reader(tmp_path, text), by_compose(program, tmp_path, text)

    assert ours is not None and theirs is not None
    assert len(taken) > COUNT / 2 and len(refused) > REFUSED
    wrong = [
        (taken[int(name[1:])], row, ours.get(name, {})) for name, row in theirs.items() if row != ours.get(name, {})
    ]
    assert wrong[:3] == []
    assert [
        one for one in refused[:REFUSED] if by_compose(program, tmp_path, project(tmp_path, [one])) is not None
    ] == []


BOT = "services:\n  s0:\n    image: i\n    environment:"
PROJECTS: Sequence[tuple[str, str]] = (
    (
        "a map that is merged in, and overridden",
        "x-okx: &okx {OKX_API_KEY: a, OKX_PASSPHRASE: b}\nservices:\n  s0:\n    image: i\n"
        "    environment: {<<: *okx, OKX_PASSPHRASE: c}\n",
    ),
    (
        "several merged maps",
        "x-a: &a {OKX_API_KEY: 1a}\nx-b: &b {OKX_API_KEY: 1b, OKX_PASSPHRASE: p}\nservices:\n  s0:\n    image: i\n"
        "    environment: {<<: [*a, *b]}\n",
    ),
    (
        "a service that extends another",
        "services:\n  base:\n    image: i\n    environment: [OKX_API_KEY=a, OKX_PASSPHRASE=b]\n"
        "  s0:\n    extends: {service: base}\n    environment: {OKX_PASSPHRASE: $$c}\n"
        "  s1:\n    extends: base\n",
    ),
    (
        "a block with its newline",
        f"{BOT}\n      OKX_PASSPHRASE: |\n        a\n",
    ),
    (
        "an anchor on a value",
        f"{BOT} {{OKX_API_KEY: &k ab, OKX_PASSPHRASE: *k}}\n",
    ),
    ("a key twice", "services:\n  s0:\n    image: i\n    environment: {OKX_API_KEY: a, OKX_API_KEY: b}\n"),
    ("a cycle", "services:\n  s0:\n    extends: s1\n  s1:\n    extends: s0\n"),
    ("a date", "services:\n  s0:\n    image: i\n    environment: {OKX_PASSPHRASE: 2026-01-01}\n"),
    ("no reference", "services:\n  s0:\n    image: i\n    environment: {OKX_PASSPHRASE: 'a${'}\n"),
    ("a list for a text", "services:\n  s0:\n    image: i\n    environment: {OKX_PASSPHRASE: [a]}\n"),
)


@pytest.mark.parametrize(("what", "text"), PROJECTS, ids=[what for what, _ in PROJECTS])
def test_forms_of_a_file_are_read_alike(what: str, text: str, program: Path, tmp_path: Path) -> None:
    ours, theirs = by_reader(tmp_path, text), by_compose(program, tmp_path, text)

    assert ours == theirs


def test_the_env_file_beside_it_fills_references_and_the_environment_wins(program: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DOT='a$b'\nSET=hidden\nOKX_API_KEY=passed-on\n")
    (tmp_path / "raw.env").write_text('OKX_SECRET_KEY="$SET"\n')
    text = (
        "services:\n  s0:\n    image: i\n"
        "    env_file: [{path: raw.env, format: raw}, {path: no.env, required: false}]\n"
        "    environment:\n      OKX_PASSPHRASE: ${DOT}-$SET\n      OKX_API_KEY:\n"
    )
    ours, theirs = by_reader(tmp_path, text), by_compose(program, tmp_path, text)

    assert (
        ours
        == theirs
        == {"s0": {"OKX_PASSPHRASE": "a$b-from-outside", "OKX_API_KEY": "passed-on", "OKX_SECRET_KEY": '"$SET"'}}
    )

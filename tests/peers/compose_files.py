"""Compose files at random, from a seed: services with an environment of both forms, and env files beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.peers.env_loaders import NAMES

_SIGNS: Final = "abX9-_=#'\"$ {}:!~%@*?,./+&|"
_SCALARS: Final = (
    *("0123", "1e5", "yes", "No", "true", "1_000", "1.50", ".5", "-0", "0o17", "0x1F", "08", "1e999"),
    *("12345678901234567890", "~", "null", "", "'My$Bot#2026!'", "My$$Bot", "${NOPE:-dflt}", "${SET}", "$SET"),
    *('"a\\tb"', "'it''s'", "a #b", "a#b", "1e21", "0.00001", "0.0001", "+1", "0b11", "1_", ".inf", ".nan"),
    *("-.5", "1.", "!!str 0123", '"$SET$$"', "=", "12:30:45"),
)


class Service(Struct, frozen=True):
    """The lines below a service's name, and the env files that it names, relative to ``FOLDER``."""

    rows: tuple[str, ...]
    env_files: tuple[str, ...]


def services(seed: int, count: int) -> list[Service]:
    """So many, the same for the same seed."""
    dice = random.Random(seed)
    return [_service(dice) for _ in range(count)]


def project(folder: Path, asked: Sequence[Service]) -> str:
    """A Compose file with these services, ``s0`` the first, its env files written into the folder."""
    lines = ["services:"]
    for number, service in enumerate(asked):
        lines += [f"  s{number}:", "    image: i"]
        for at, text in enumerate(service.env_files):
            (folder / f"e{number}-{at}").write_text(text)
        lines += [row.replace("FOLDER/", f"{folder}/e{number}-") for row in service.rows]
    return "\n".join(lines) + "\n"


def _service(dice: random.Random) -> Service:
    env_files = tuple(_env_file(dice) for _ in range(dice.randrange(3)))
    rows: list[str] = []
    if env_files:
        rows += ["    env_file:", *(f"      - FOLDER/{number}" for number in range(len(env_files)))]
    entries = [(dice.choice(NAMES), _scalar(dice)) for _ in range(dice.randrange(1, 3))]
    rows.append("    environment:")
    if dice.random() < 0.5:
        rows += [f"      {name}: {value}" for name, value in dict(entries).items()]
    else:
        listed = [dice.choice((f"{name}={value}", f"{name}={value}", name)) for name, value in entries]
        rows += [f"      - {row}" for row in dict.fromkeys(listed)]
    return Service(tuple(rows), env_files)


def _scalar(dice: random.Random) -> str:
    if dice.random() < 0.6:
        return dice.choice(_SCALARS)
    body = "".join(dice.choice(_SIGNS) for _ in range(dice.randrange(1, 10)))
    return dice.choice((body, "'" + body.replace("'", "''") + "'", "x" + body))


def _env_file(dice: random.Random) -> str:
    values = ("plain", "'a$SET'", '"a$SET"', "a$SET", "${OKX_API_KEY}", "a #b", "$$x", "${SET:-d}")
    return "".join(f"{dice.choice(NAMES)}={dice.choice(values)}\n" for _ in range(dice.randrange(1, 3)))

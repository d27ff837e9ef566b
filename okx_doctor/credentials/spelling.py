"""The spellings of a value in an env file, tried on the models of the loaders: what to write, without the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from okx_doctor.credentials.dialects import DIALECTS, Dialect
from okx_doctor.secrets.secret import Secret


def spellings(value: str) -> tuple[tuple[str, str], ...]:
    """The ways to write a value on one line, in words and as text.

    Single quotes come before no quotes: where both suit equally many loaders, a shell may run a bare value.
    """
    if not value or any(char in value for char in "\r\n"):
        return ()
    escaped = "".join(f"\\{char}" if char in '\\"$`' else char for char in value)
    return (
        ("in single quotes", f"'{value}'"),
        ("without quotes", value),
        ("in double quotes", f'"{value}"'),
        ('in double quotes with a backslash before each \\, ", $ and `', f'"{escaped}"'),
    )


_SHOWN: Final = {"in single quotes": "'…'", "without quotes": "…"}


def line_for(name: str, meant: Secret, loaders: Sequence[Dialect]) -> str:
    """How a line should read for these loaders, the one that matters most first, with ``…`` for the value.

    The spelling that every loader there is reads alike, else the one that suits all of these, else the first alone.
    """
    suits: list[tuple[str, list[Dialect]]] = []
    for style, written in spellings(meant.reveal()):
        reading = [known for known in DIALECTS if _reads(known, name, written, meant)]
        suits.append((style, reading))
    wanted = (list(DIALECTS), list(loaders), list(loaders[:1]))
    for number, asked in enumerate(wanted):
        for style, reading in suits:
            if all(loader in reading for loader in asked):
                others = " and ".join(loader.title for loader in loaders[1:] if loader not in reading)
                clash = f"; {others} reads that otherwise, and no spelling suits both" if number == 2 and others else ""
                return f"{_line(name, style)} for {loaders[0].title}{clash}" if number else _line(name, style)
    return f"no spelling of {name} gives this value to {loaders[0].title}: hand it over in another way"


def _reads(loader: Dialect, name: str, written: str, meant: Secret) -> bool:
    return loader.load(f"{name}={written}\n", {}).of(name, 1).value == meant


def _line(name: str, style: str) -> str:
    how = style.partition("with a")[2]
    words = " without quotes" if style == "without quotes" else f" with a{how}" if how else ""
    shown = _SHOWN.get(style, '"…"')
    return f"{name}={shown}{words}"

"""The form of a file of credentials, by its name or else by its look, and the reader for it.

A reader's libraries are loaded only for a file of its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final, Literal

from okx_doctor.credentials.env_file import EnvFile, parse_env_file
from okx_doctor.credentials.homes.home import Home
from okx_doctor.credentials.homes.sections import home

Form = Literal["env", "toml", "json", "yaml"]

_BY_SUFFIX: Final[Mapping[str, Form]] = {
    ".env": "env",
    ".toml": "toml",
    ".json": "json",
    ".jsonc": "json",
    ".json5": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_BY_LOOK: Final[tuple[tuple[Form, re.Pattern[str]], ...]] = (
    ("json", re.compile(r"\s*(?:\{|//|/\*)")),
    ("toml", re.compile(r"(?m)\A(?:\s*(?:#.*)?\n|[\w.-]+[ \t]*=.*\n)*\s*\[[^\]\n]+\]")),
    ("env", re.compile(r"(?m)^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*=")),
    ("toml", re.compile(r"(?m)^[ \t]*[\w.-]+[ \t]*=")),
    ("yaml", re.compile(r"(?m)^[ \t]*[\"']?[\w.-]+[\"']?[ \t]*:(?:\s|$)")),
)


def form_of(name: str, text: str) -> Form:
    """The form of a file of this name with this text; an env file where nothing tells."""
    path = PurePath(name)
    if path.name.startswith(".env"):
        return "env"
    if path.suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix.lower()]
    return next((form for form, look in _BY_LOOK if look.search(text)), "env")


def read(text: str, label: str, profile: str | None, environ: Mapping[str, str]) -> EnvFile | Home:
    """The values in a file's text. Raises ``UnusableFile`` for text that is not of its form or holds none of OKX's."""
    match form_of(label, text):
        case "env":
            return parse_env_file(text, label, environ)
        case "toml":
            from okx_doctor.credentials.homes import toml

            return home(toml.leaves(text, label), label, profile, toml.quoted)
        case "json":
            from okx_doctor.credentials.homes import json

            return home(json.leaves(text, label), label, profile, json.quoted)
        case "yaml":
            from okx_doctor.credentials.homes import yaml

            return home(yaml.leaves(text, label), label, profile, yaml.quoted)

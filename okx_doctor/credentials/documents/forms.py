"""The form of a file of credentials, by its name or else by its look, and the reader for it.

A reader's libraries are loaded only for a file of its form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Final, Literal

from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.documents.home import Home, Leaf
from okx_doctor.credentials.documents.sections import home, profiles
from okx_doctor.credentials.env_file import EnvFile, parse_env_file

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
_ENV_LINE: Final = re.compile(r"(?:export\s+)?[A-Za-z_]\w*=")
_TOML_LINE: Final = re.compile(r"[\w.\"'-]+[ \t]*=")
_YAML_LINE: Final = re.compile(r"(?:-[ \t]+)*[\"']?[\w.-]+[\"']?[ \t]*:(?:\s|$)|---")


def form_of(name: str, text: str) -> Form:
    """The form of a file of this name with this text; an env file where nothing tells."""
    path = PurePath(name)
    if path.name.startswith(".env"):
        return "env"
    if path.suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix.lower()]
    return _by_look([line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#")])


def _by_look(lines: Sequence[str]) -> Form:
    """The form by the first line that says something; a table of TOML below tells it from an env file."""
    first = lines[0] if lines else ""
    if first.startswith(("{", "//", "/*")):
        return "json"
    if first.startswith("[") or (_TOML_LINE.match(first) and any(line.startswith("[") for line in lines)):
        return "toml"
    if _ENV_LINE.match(first):
        return "env"
    if _TOML_LINE.match(first):
        return "toml"
    return "yaml" if _YAML_LINE.match(first) else "env"


def read(
    text: str, label: str, profile: str | None, environ: Mapping[str, str], dialect: Dialect = DEFAULT
) -> EnvFile | Home:
    """The values in a file's text; those of an env file as a dialect's loader reads it.

    Raises ``UnusableFile`` for text that is not of its form or holds none of OKX's.
    """
    form = form_of(label, text)
    if form == "env":
        return parse_env_file(text, label, environ, dialect)
    leaves, quoted = _document(form)
    return home(leaves(text, label), label, profile, quoted)


def profiles_in(text: str, label: str) -> tuple[str, ...]:
    """The profiles of a file's text; none of an env file. Raises ``UnusableFile`` for text that is not of its form."""
    form = form_of(label, text)
    return () if form == "env" else profiles(_document(form)[0](text, label))


def _document(form: Form) -> tuple[Callable[[str, str], Sequence[Leaf]], Callable[[str], str]]:
    """The reader of a form, and how a line is written in it. Its library is loaded here and nowhere else."""
    match form:
        case "toml":
            from okx_doctor.credentials.documents import toml

            return toml.leaves, toml.quoted
        case "json":
            from okx_doctor.credentials.documents import json

            return json.leaves, json.quoted
        case _:
            from okx_doctor.credentials.documents import yaml

            return yaml.leaves, yaml.quoted

"""The form of a file of credentials, by its name or else by its look, and the reader for it.

A reader's libraries are loaded only for a file of its form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final, Literal

from msgspec.structs import replace

from okx_doctor.credentials.beside import in_container
from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.dialects import dialect as dialect_of
from okx_doctor.credentials.documents.closed import closed
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.documents.sections import home, profiles, slot_of
from okx_doctor.credentials.env_file import EnvFile, parse_env_file
from okx_doctor.credentials.files import UnusableFile

Form = Literal["env", "envrc", "toml", "json", "yaml", "compose", "kubernetes", "unit", "plist"]

_BY_SUFFIX: Final[Mapping[str, Form]] = {
    ".env": "env",
    ".toml": "toml",
    ".json": "json",
    ".jsonc": "json",
    ".json5": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".service": "unit",
    ".plist": "plist",
}
_UNIT_LINE: Final = re.compile(r"^\[(?:Service|Unit|Install)\][ \t]*$", re.MULTILINE)
_COMPOSE_LINE: Final = re.compile(
    r"""(?:^[ \t]+|[{,]\s*)["']?(?:image|build|environment|env_file|extends)["']?[ \t]*:""", re.MULTILINE
)
_SERVICES_LINE: Final = re.compile(r"""(?:^|\A\s*\{\s*)["']?(?:services|include)["']?[ \t]*:""", re.MULTILINE)
_KIND: Final = re.compile(r"""["' \t{,]?kind["']?[ \t]*:[ \t]*["']?(\w+)""")
_SECRETS: Final = {"Secret", "List", "SecretList", "SealedSecret", *("ExternalSecret", "ClusterExternalSecret")}
_ENV_LINE: Final = re.compile(r"(?:export\s+)?[A-Za-z_]\w*=")
_TOML_LINE: Final = re.compile(r"[\w.\"'-]+[ \t]*=")
_YAML_LINE: Final = re.compile(r"(?:-[ \t]+)*[\"']?[\w.-]+[\"']?[ \t]*:(?:\s|$)|---")


def form_of(name: str, text: str) -> Form:
    """The form of a file of this name with this text; an env file where nothing tells."""
    path = PurePath(name)
    if path.name == ".envrc":
        return "envrc"
    if path.name.startswith(".env"):
        return "env"
    form = _BY_SUFFIX.get(path.suffix.lower())
    if form is None and _UNIT_LINE.search(text):
        return "unit"
    if form is None:
        form = _by_look([line for each in text.splitlines() if (line := each.strip()) and not line.startswith("#")])
    return _of_a_program(text) or form if form in ("yaml", "json") else form


def _of_a_program(text: str) -> Form | None:
    """The program whose manifest a YAML or JSON text is."""
    if "services" in text and _COMPOSE_LINE.search(text) and _SERVICES_LINE.search(text):
        return "compose"
    kinds = set(_KIND.findall(text)) if "apiVersion" in text else set()
    return "kubernetes" if kinds & _SECRETS else None


def _by_look(lines: Sequence[str]) -> Form:
    """The form by the first line that says something; a table of TOML below tells it from an env file."""
    first = lines[0] if lines else ""
    if first.startswith(("{", "//", "/*")):
        return "json"
    if first.startswith(("<?xml", "<!DOCTYPE plist", "<plist")):
        return "plist"
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
    if what := closed(label, text):
        raise UnusableFile(f"{label} {what}")
    folder = PurePath(label).parent
    match form_of(label, text):
        case "env":
            return parse_env_file(text, label, environ, dialect)
        case "envrc":
            return _envrc(text, label, environ)
        case "toml":
            from okx_doctor.credentials.documents import toml

            return home(toml.leaves(text, label), label, profile, toml.quoted)
        case "json":
            from okx_doctor.credentials.documents import json

            return home(json.leaves(text, label), label, profile, json.quoted)
        case "compose":
            from okx_doctor.credentials.documents import compose

            found = compose.leaves(text, label, Path(folder), environ, profile, every=profile is not None)
            service = home(found, label, profile, compose.quoted, only_ours=True)
            return replace(service, beside=tuple(map(in_container, service.beside)))
        case "kubernetes":
            from okx_doctor.credentials.documents import kubernetes

            return home(kubernetes.leaves(text, label), label, profile, kubernetes.quoted, only_ours=True)
        case "unit":
            from okx_doctor.credentials.documents import unit

            rows = unit.directives(text, label)
            return home(unit.leaves(rows, label, Path(folder), environ), label, profile, unit.quoted, only_ours=True)
        case "plist":
            from okx_doctor.credentials.documents import plist

            return home(plist.leaves(text, label), label, profile, plist.quoted, only_ours=True)
        case "yaml":
            from okx_doctor.credentials.documents import yaml

            return home(yaml.leaves(text, label), label, profile, yaml.quoted)


def profiles_in(text: str, label: str) -> tuple[str, ...]:
    """The profiles in a TOML, JSON or YAML text; none of another form. Raises ``UnusableFile`` for a broken one."""
    match form_of(label, text):
        case "toml":
            from okx_doctor.credentials.documents import toml

            return tuple(profiles(toml.leaves(text, label)))
        case "json":
            from okx_doctor.credentials.documents import json

            return tuple(profiles(json.leaves(text, label)))
        case "yaml":
            from okx_doctor.credentials.documents import yaml

            return tuple(profiles(yaml.leaves(text, label)))
        case _:
            return ()


def _envrc(text: str, label: str, environ: Mapping[str, str]) -> EnvFile:
    """direnv runs it in bash; a file that it loads by direnv's own functions is named instead."""
    file = parse_env_file(text, label, environ, dialect_of("bash"))
    if any(slot_of(name) for name in file.lines):
        return file
    loads = re.search(
        r"^[ \t]*(dotenv(?:_if_exists)?|source_env(?:_if_exists)?|source_up)\b[ \t]*(\S*)", text, re.MULTILINE
    )
    if loads:
        line = text.count("\n", 0, loads.start()) + 1
        raise UnusableFile(f"{label} line {line} loads another file ({loads.group(1)}); name that one with --env-file")
    return file

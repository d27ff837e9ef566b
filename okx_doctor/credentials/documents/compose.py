"""Docker Compose: what each service's container gets, from ``environment``, ``env_file`` and the ``.env`` beside it.

Source of the facts: Docker's reference of Compose files and what ``docker compose config`` of Compose 2.40 prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import yaml
from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.credentials.beside import is_setting
from okx_doctor.credentials.dialects import Dialect
from okx_doctor.credentials.dialects import dialect as dialect_of
from okx_doctor.credentials.dialects.compose import expand, load
from okx_doctor.credentials.dialects.reading import SIZE_LIMIT, Act, Refused
from okx_doctor.credentials.documents import go_yaml
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.env_file import Line, parse_env_file
from okx_doctor.credentials.files import UnusableFile, read_text
from okx_doctor.credentials.mangling import LoaderChange, mangling, unfilled
from okx_doctor.credentials.references import Reference, reference
from okx_doctor.secrets.secret import Secret, shows_only

_MERGE: Final = "tag:yaml.org,2002:merge"
_TAGGED: Final = re.compile(r"(?:&\S+\s+)?!\S")
_MAX_DEPTH: Final = 50
_MAX_PAIRS: Final = 20_000
_MAX_FILES: Final = 100
_FOREIGN_EXCHANGE: Final = re.compile(r"(?!(?:my)?okx(?:us)?$).+", re.IGNORECASE)

Pairs = Sequence[tuple[str, int, yaml.Node]]
"""Key, line and value of a mapping, merged keys among them; the last of two equal keys counts."""


@shows_only("named")
class _Beside(Struct, frozen=True, kw_only=True):
    """The file's text, the environment that references are resolved from, and the folder that paths start from."""

    text: str
    folder: Path
    environ: Mapping[str, str]
    named: str


@shows_only("name", "line", "corrected")
class _Entry(Struct, frozen=True, kw_only=True):
    """One variable of a service. ``value`` is ``None`` where Compose takes it from its own environment, and finds
    nothing there."""

    name: str
    line: int
    value: str | None
    change: LoaderChange | None = None
    corrected: str = ""
    unfilled: Reference | None = None


def leaves(
    text: str, named: str, folder: Path, environ: Mapping[str, str], asked: str | None = None, *, every: bool = False
) -> list[Leaf]:
    """The variables of each service that are OKX's, as its container gets them; of one service where it is asked for.

    A service with the credentials of an earlier one is left out, unless ``every`` is wanted. Raises ``UnusableFile``
    that begins with ``named`` where Compose refuses the file or its values are elsewhere.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:  # its text quotes the line; only the place is taken from it
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnusableFile(f"{named} is not YAML{where}; a text stands in single quotes") from None
    except (yaml.reader.ReaderError, RecursionError):
        raise UnusableFile(f"{named} is not YAML that Compose reads") from None
    beside = _Beside(text=text, folder=folder, environ={**_dot_env(folder, environ), **environ}, named=named)
    top = {key: node for key, _, node in _pairs(root, named)}
    services = {name: node for name, _, node in _pairs(top.get("services"), named)}
    found: dict[str, list[Leaf]] = {}
    known: set[frozenset[tuple[str, Secret]]] = set()
    for name in [asked] if asked in services else services:
        rows = _service(name, services, beside, ())
        values = frozenset((leaf.path[-1], leaf.text) for leaf in rows)
        if any(slot_of(leaf.path[-1]) for leaf in rows) and (every or values not in known):
            found[name] = rows
            known.add(values)
    if not found and "include" in top:
        raise UnusableFile(
            f"{named} holds no credentials and includes other files; name one of these, or run "
            "docker compose config | okx-doctor check --credentials -"
        )
    return [leaf for rows in found.values() for leaf in rows]


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f"{key}: '…', with $$ for each $"


def _dot_env(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The ``.env`` of the project; one that cannot be read is no matter here."""
    try:
        file = parse_env_file(
            read_text(folder / ".env", "env file", SIZE_LIMIT), ".env", environ, dialect_of("compose")
        )
    except UnusableFile:
        return {}
    return {name: line.value.reveal() for name, line in file.lines.items() if line.value is not None}


def _service(name: str, services: Mapping[str, yaml.Node], beside: _Beside, above: tuple[str, ...]) -> list[Leaf]:
    """A service's leaves: those of what it extends, of its env files, of its own environment, in the order to win."""
    if name in above or len(above) > _MAX_DEPTH:
        raise UnusableFile(f"{beside.named}: the service {name} extends itself; Compose refuses the file")
    if name not in services:
        raise UnusableFile(f"{beside.named}: the service {above[-1]} extends {name}, which is not there")
    parts = {key: node for key, _, node in _pairs(services[name], beside.named)}
    rows: list[Leaf] = []
    if base := _extended(parts.get("extends"), name, beside):
        rows = [_moved(leaf, name) for leaf in _service(base, services, beside, (*above, name))]
    entries = list(_environment(parts.get("environment"), beside))
    last_own = {entry.name: entry.value for entry in entries}
    own = {key: value for key, value in last_own.items() if value is not None}
    earlier: dict[str, str] = {}
    for path, dialect in _env_files(parts.get("env_file"), beside):
        read = _of_env_file(path, dialect, name, beside, own, earlier)
        earlier |= {leaf.path[-1]: leaf.text.reveal() for leaf in read}
        rows += read
    unset = {key for key, value in last_own.items() if value is None}
    rows = [leaf for leaf in rows if leaf.path[-1] not in unset]
    rows += [
        Leaf(
            path=("services", name, "environment", entry.name),
            text=Secret(entry.value or ""),
            line=entry.line,
            change=entry.change,
            corrected=entry.corrected,
            unfilled=entry.unfilled,
        )
        for entry in entries
        if entry.value is not None or entry.change is not None
    ]
    last = {leaf.path[-1]: leaf for leaf in rows}
    exchange = last.get("FREQTRADE__EXCHANGE__NAME")
    other = exchange is not None and _FOREIGN_EXCHANGE.fullmatch(exchange.text.reveal().strip()) is not None
    return [leaf for leaf in last.values() if not (other and leaf.path[-1].startswith("FREQTRADE__"))]


def _moved(leaf: Leaf, service: str) -> Leaf:
    return Leaf(
        path=("services", service, "environment", leaf.path[-1]),
        text=leaf.text,
        line=leaf.line,
        change=leaf.change,
        file=leaf.file,
        corrected=leaf.corrected,
        unfilled=leaf.unfilled,
    )


def _extended(node: yaml.Node | None, service: str, beside: _Beside) -> str:
    """The service of this file that another extends; empty where it extends none."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    asked = {key: inner.value for key, _, inner in _pairs(node, beside.named) if isinstance(inner, yaml.ScalarNode)}
    if "file" in asked:
        raise UnusableFile(
            f"{beside.named}: the service {service} extends one of another file; run "
            "docker compose config | okx-doctor check --credentials -"
        )
    return str(asked.get("service", ""))


def _pairs(node: yaml.Node | None, named: str, depth: int = 0) -> list[tuple[str, int, yaml.Node]]:
    """A mapping's keys, merged ones first: its own keys override them, and the first of several merges wins."""
    if not isinstance(node, yaml.MappingNode):
        return []
    if depth > _MAX_DEPTH:
        raise UnusableFile(f"{named} is nested too deeply")
    found: list[tuple[str, int, yaml.Node]] = []
    for key, inner in node.value:
        if key.tag == _MERGE:
            parts = inner.value if isinstance(inner, yaml.SequenceNode) else [inner]
            for part in reversed(parts):
                found += _pairs(part, named, depth + 1)
        if len(found) > _MAX_PAIRS:
            raise UnusableFile(f"{named} holds more than {_MAX_PAIRS} values")
    seen: set[str] = set()
    for key, inner in node.value:
        if key.tag == _MERGE or not isinstance(key, yaml.ScalarNode):
            continue
        if key.value in seen:
            raise UnusableFile(f"{named} line {key.start_mark.line + 1}: a key stands twice; Compose refuses the file")
        seen.add(key.value)
        found.append((key.value, key.start_mark.line + 1, inner))
    return found


def _env_files(node: yaml.Node | None, beside: _Beside) -> Iterator[tuple[Path, Dialect]]:
    """The env files of a service with the loader that reads each, in the order in which the last wins."""
    rows = node.value if isinstance(node, yaml.SequenceNode) else [node] if node is not None else []
    if len(rows) > _MAX_FILES:
        raise UnusableFile(f"{beside.named} names more than {_MAX_FILES} env files in one service")
    for row in rows:
        parts = {key: inner for key, _, inner in _pairs(row, beside.named)}
        path = parts.get("path", row)
        if not isinstance(path, yaml.ScalarNode):
            continue
        loader, needed = parts.get("format"), parts.get("required")
        raw = isinstance(loader, yaml.ScalarNode) and loader.value == "raw"
        there = beside.folder / _filled(path.value, beside, path.start_mark.line + 1, [])
        if isinstance(needed, yaml.ScalarNode) and needed.value.lower() == "false" and not there.exists():
            continue
        yield there, dialect_of("docker" if raw else "compose")


def _of_env_file(
    path: Path,
    dialect: Dialect,
    service: str,
    beside: _Beside,
    own: Mapping[str, str],
    earlier: Mapping[str, str],
) -> list[Leaf]:
    text = read_text(path, f"env file that {beside.named} names,", SIZE_LIMIT, keep_mark=True)
    if dialect.id == "compose":
        dialect = replace(dialect, load=partial(load, earlier=earlier))
    file = parse_env_file(text, str(path), {**own, **beside.environ}, dialect)
    return [
        Leaf(
            path=("services", service, "environment", line.name),
            text=line.value or Secret(""),
            line=line.number,
            change=mangling(line),
            unfilled=unfilled(line),
            file=str(path),
            corrected=_env_line(line, dialect),
        )
        for line in file.lines.values()
        if _ours(line.name)
    ]


def _env_line(line: Line, dialect: Dialect) -> str:
    return f"{line.name}=… without quotes" if dialect.id == "docker" else f"{line.name}='…'"


def _ours(name: str) -> bool:
    return slot_of(name) is not None or name.startswith("OK") or is_setting(name)


def _environment(node: yaml.Node | None, beside: _Beside) -> Iterator[_Entry]:
    """The variables of ``environment``, a map or a list, that are OKX's."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if not isinstance(item, yaml.ScalarNode):
                where = f"{beside.named} line {item.start_mark.line + 1}"
                raise UnusableFile(f"{where} is no text: Compose refuses the file; write the row in single quotes")
            if _ours(item.value.partition("=")[0]):
                yield _listed(item, beside)
    for name, line, inner in _pairs(node, beside.named):
        if _ours(name):
            yield _mapped(name, line, inner, beside)


def _mapped(name: str, line: int, node: yaml.Node, beside: _Beside) -> _Entry:
    if not isinstance(node, yaml.ScalarNode):
        raise UnusableFile(f"{beside.named} line {line}: {name} is no text; Compose refuses the file")
    written = node.value
    if node.style is None and not _TAGGED.match(beside.text, node.start_mark.index):
        try:
            read = go_yaml.plain(written)
        except go_yaml.NoScalar:
            raise UnusableFile(
                f"{beside.named} line {line}: {name} is a date to Compose, which refuses the file; write it in quotes"
            ) from None
        if read is None:
            return _passed_on(name, line, beside)
        if read != written:
            what = "is not quoted, so Compose reads a number or a truth value and not text"
            change = LoaderChange(character="", what=what, meant=Secret(written))
            return _Entry(name=name, line=line, value=read, change=change, corrected=quoted(name))
    return _text(name, line, written, beside, quoted(name))


def _listed(item: yaml.ScalarNode, beside: _Beside) -> _Entry:
    """One row of the list form, where everything behind the first ``=`` is the value, quotes too."""
    line = item.start_mark.line + 1
    name, equals, written = item.value.partition("=")
    if not equals:
        return _passed_on(name, line, beside)
    corrected = f"- '{name}=…', with $$ for each $ and no quotes behind the ="
    entry = _text(name, line, written, beside, corrected)
    if entry.change is None and (inside := re.fullmatch(r"""(["'])(.*)\1""", entry.value or "", re.DOTALL)):
        what = "is in quotes behind the =, and in a list Compose keeps them as part of the value"
        change = LoaderChange(character=inside.group(1), what=what, meant=Secret(inside.group(2)))
        return _Entry(name=name, line=line, value=entry.value, change=change, corrected=corrected)
    return entry


def _passed_on(name: str, line: int, beside: _Beside) -> _Entry:
    """A name without a value: Compose hands on its own, and where it has none the container gets none."""
    value = beside.environ.get(name)
    change = None
    if value is None:
        what = "has no value here and none where Compose runs (its environment and the .env beside the file)"
        change = LoaderChange(character="", what=what, meant=Secret(""))
    return _Entry(name=name, line=line, value=value, change=change, corrected=f"{name}=… into the .env beside it")


def _text(name: str, line: int, written: str, beside: _Beside, corrected: str) -> _Entry:
    """A text with its references filled in, and whether its writer can have meant that."""
    acts: list[Act] = []
    value = _filled(written, beside, line, acts)
    references = re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", written.replace("$$", ""))
    unset = [found for found in references if not beside.environ.get(found)]
    whole = re.fullmatch(r"\s*\$\{([A-Z_][A-Z0-9_]*)[^{}]*\}\s*", written)
    change = None
    if value != written and not whole:
        change = LoaderChange(
            character="$",
            what="holds a $ that Compose expands; $$ stands for one",
            meant=Secret(written),
            suspected=bool(references) and (bool(unset) or "${" not in written),
        )
    empty = reference(written) if whole and unset and not value.strip() else None
    return _Entry(name=name, line=line, value=value, change=change, corrected=corrected, unfilled=empty)


def _filled(text: str, beside: _Beside, line: int, acts: list[Act]) -> str:
    try:
        return expand(text, beside.environ.get, line, acts)
    except Refused as refused:
        raise UnusableFile(f"{beside.named} line {line}: Compose refuses the file: {refused.what}") from None

"""The public interface, held against the list recorded at the last release: whatever differs is in the changelog.

``pytest tests/test_stability.py --update`` records the list anew, once for each version.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import click
import pytest
import yaml
from msgspec import Struct

import okx_doctor
from okx_doctor.catalogue.causes import ids
from okx_doctor.checking.checks import IDS as CHECK_IDS
from okx_doctor.cli import group
from okx_doctor.credentials.variables import VARIABLES
from tests.schemas import schema_names, schema_of

ROOT: Final = Path(__file__).parents[1]
RECORD: Final = ROOT / "tests/data/public.txt"
PAGE: Final = ROOT / "docs/stability.md"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
MODULES: Final = ("okx_doctor", "okx_doctor.testing")
REPORTS: Final = ("Report", "InspectionReport")
MEASURED: Final = "observations"
"""The field of a report whose content is no promise."""


class Item(Struct, frozen=True, order=True):
    """One public thing: its kind, where it belongs, its name there and, where it has one, its form."""

    kind: str
    owner: str
    name: str
    form: str = ""

    def __str__(self) -> str:
        return "\t".join((self.kind, self.owner, self.name, self.form)).rstrip("\t")


def commands() -> Iterator[Item]:
    for command_name in group.list_commands(click.Context(group)):
        yield Item("command", "okx-doctor", command_name)
        command = group.get_command(click.Context(group), command_name)
        assert command is not None
        for one in command.params:
            choices = one.type.choices if isinstance(one.type, click.Choice) else ()
            form = one.type.name
            form += (" repeated" if one.multiple or one.nargs == -1 else "") + (" required" if one.required else "")
            flag = isinstance(one, click.Option) and one.is_flag
            if isinstance(one, click.Option) and not one.hidden:
                for spelling in (*one.opts, *one.secondary_opts):
                    yield Item("option", command_name, spelling, "flag" if flag else form)
                    yield from (Item("choice", f"{command_name} {spelling}", str(choice)) for choice in choices)
            elif isinstance(one, click.Argument):
                yield Item("argument", command_name, str(one.human_readable_name), form)


def statuses() -> Iterator[Item]:
    """The rows of the page's table; what a command does for each is tested with the command."""
    for command, *cells in re.findall(r"(?m)^\| `(\S+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$", PAGE.read_text("utf-8")):
        for status, meaning in enumerate(cells):
            if meaning != "–":
                yield Item("status", command, str(status))


def fields(node: dict[str, Any], root: dict[str, Any], path: str = "") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every field of a schema by its path, with its form and, where they are listed, its values."""
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    for several in ("oneOf", "anyOf"):
        for one in node.get(several, ()):
            yield from fields(one, root, path)
    if path:
        values = tuple(map(str, node.get("enum", [node["const"]] if "const" in node else [])))
        form = "one of these" if values else node.get("type", "any")
        yield path, form if isinstance(form, str) else "|".join(form), values
    for name, inner in node.get("properties", {}).items():
        if name != MEASURED:
            yield from fields(inner, root, f"{path}.{name}".removeprefix("."))
    if "items" in node:
        yield from fields(node["items"], root, f"{path}[]")
    if isinstance(every := node.get("additionalProperties"), dict):
        yield from fields(every, root, f"{path}.*")


def documents() -> Iterator[Item]:
    for document in schema_names():
        schema = schema_of(document)
        for path, form, values in fields(schema, schema):
            yield Item("field", document, path, form)
            yield from (Item("value", f"{document} {path}", value) for value in values)


def python_names() -> Iterator[Item]:
    for module in map(import_module, MODULES):
        for name in module.__all__:
            there = getattr(module, name)
            yield Item("name", module.__name__, name)
            if inspect.isfunction(there):
                for parameter in inspect.signature(there).parameters.values():
                    form = parameter.kind.description
                    needed = " required" if parameter.default is parameter.empty else ""
                    yield Item("parameter", name, parameter.name, form + needed)
            elif inspect.isclass(there) and not issubclass(there, BaseException):
                for record in records(there):
                    shown = (attribute for attribute in dir(record) if not attribute.startswith("_"))
                    yield from (Item("attribute", record.__name__, attribute) for attribute in shown)


def records(one: Any) -> set[type]:
    """A class; of a report every record in it too, at any depth."""
    found: set[type] = set()
    left = [one]
    while left:
        here = left.pop()
        left += get_args(here)
        if here in found or (here is not one and not (isinstance(here, type) and issubclass(here, Struct))):
            continue
        found.add(here)
        if one.__name__ in REPORTS:
            left += [kind for name, kind in get_type_hints(here).items() if name != MEASURED]
    return found


def public() -> set[Item]:
    """All that is promised, as the code has it now."""
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return {
        *commands(),
        *statuses(),
        *documents(),
        *python_names(),
        *(Item("cause", "", cause) for cause in ids()),
        *(Item("check", "", check) for check in CHECK_IDS),
        *(Item("variable", slot, name) for slot, names in VARIABLES.items() for name in names),
        *(Item("input", "action", name) for name in inputs["inputs"]),
        *(Item("output", "action", name) for name in inputs["outputs"]),
        Item("fixture", "pytest", "okx_exchange"),
    }


def recorded() -> tuple[str, set[Item]]:
    """The version that the list was recorded for, and the list."""
    version, *rows = RECORD.read_text("utf-8").splitlines()
    return version.removeprefix("# "), {Item(*row.split("\t")) for row in rows}


def news(changelog: str) -> str:
    """What the changelog says of the package's own version, and of what comes after it."""
    own = rf"(?:Unreleased|{re.escape(okx_doctor.__version__)} - \S+)"
    return "".join(re.findall(rf"^## {own}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL))


def untold(before: set[Item], now: set[Item], text: str) -> list[str]:
    """What differs between two lists and is not named between backticks in the news.

    What is gone, or has another form, has to be named under "Removed" or "Changed". A new field of a JSON document
    needs no line: whoever reads one passes over what it does not know.
    """
    breaking = "".join(re.findall(r"^### (?:Removed|Changed)\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL))

    def named(item: Item, where: str) -> bool:
        word = re.escape(re.split(r"[.\]]", item.name)[-1] if item.kind == "field" else item.name)
        return any(re.search(rf"(?<![\w-]){word}(?![\w-])", code) for code in re.findall(r"`([^`]+)`", where))

    gone = [f"gone: {item}" for item in sorted(before - now) if not named(item, breaking)]
    new = [f"new: {item}" for item in sorted(now - before) if item.kind != "field" and not named(item, text)]
    return gone + new


def test_whatever_differs_from_the_last_release_is_named_in_the_changelog(update: bool) -> None:
    now = public()
    if update:
        rows = "".join(f"{item}\n" for item in sorted(now))
        RECORD.write_text(f"# {okx_doctor.__version__}\n{rows}", "utf-8", newline="\n")
    _, before = recorded()
    assert untold(before, now, news(CHANGELOG.read_text("utf-8"))) == [], "name it in CHANGELOG.md"


def test_the_list_is_that_of_the_version() -> None:
    assert recorded()[0] == okx_doctor.__version__, "a new version: pytest tests/test_stability.py --update"


OPTION: Final = Item("option", "check", "--site", "text")
CAUSE: Final = Item("cause", "", "clock-drift")
FIELD: Final = Item("field", "report", "verdict.causes[].id", "string")


@pytest.mark.parametrize(
    ("before", "now", "text", "asked_for"),
    [
        ({OPTION}, {OPTION}, "", 0),
        (set(), {OPTION}, "", 1),
        (set(), {OPTION}, "### Added\n- `check --site` names it.\n", 0),
        (set(), {OPTION}, "### Added\n- `check --site-of` names it.\n", 1),
        (set(), {OPTION}, "### Added\n- The option --site.\n", 1),
        ({OPTION}, set(), "", 1),
        ({OPTION}, set(), "### Added\n- `--site`\n", 1),
        ({OPTION}, set(), "### Added\n- One\n\n### Removed\n- `--site`\n", 0),
        ({OPTION}, {Item("option", "check", "--site", "global|eea")}, "### Added\n- `--site`\n", 1),
        ({OPTION}, {Item("option", "check", "--site", "global|eea")}, "### Changed\n- `--site`\n", 0),
        ({CAUSE}, {Item("cause", "", "clock-drifting")}, "### Removed\n- `clock-drift`\n", 1),
        (set(), {FIELD}, "", 0),
        ({FIELD}, set(), "### Changed\n- a title\n", 1),
        ({FIELD}, set(), "### Removed\n- `id` of a cause\n", 0),
    ],
)
def test_what_is_new_is_asked_for_and_what_is_gone_more_strictly(
    before: set[Item], now: set[Item], text: str, asked_for: int
) -> None:
    assert len(untold(before, now, text)) == asked_for


def test_the_page_has_the_statuses_of_every_command() -> None:
    assert {item.owner for item in statuses()} == set(group.list_commands(click.Context(group)))


def test_every_kind_of_thing_is_on_the_list() -> None:
    count = {kind: sum(item.kind == kind for item in public()) for kind in ("field", "option", "cause", "attribute")}
    assert all(number > 30 for number in count.values()), count

"""Which part may import which, held by reading the sources; nothing of the package is imported for it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import okx_doctor
from tests.cli.running import unmeasured

pytestmark = pytest.mark.slow

ROOT = Path(okx_doctor.__file__).parent
LAYERS: tuple[tuple[str, ...], ...] = (
    ("model",),
    ("observations", "secrets", "protocol", "confining", "deadline", "repository", "shortage"),
    ("catalogue",),
    ("credentials",),
    ("settings", "peeling"),
    ("probes", "causes", "gate", "forensics"),
    ("surveying",),
    ("report", "decoding", "listening", "leaks"),
    ("checking",),
    ("testing", "watching"),
    ("cli", "__main__"),
)
LEVEL: Mapping[str, int] = {part: level for level, parts in enumerate(LAYERS) for part in parts}
BLIND = ({"probes", "causes", "gate", "forensics"}, {"model", "secrets"})
"""Parts that know nothing of one another although they stand side by side."""

NETWORK = {"httpx", "httpcore", "h11", "requests", "urllib3", "aiohttp", "websockets", "ntplib", "socket", "ssl"}
IO = NETWORK | {"subprocess", "asyncio", "http", "urllib.request", "tempfile", "shutil", "multiprocessing", "select"}
WRITING = {"write_text", "write_bytes", "mkdir", "unlink", "rename", "touch", "rmdir", "symlink_to", "open", "chmod"}


@cache
def _sources() -> Mapping[str, ast.Module]:
    """Every module of the package by its dotted name, without the leading ``okx_doctor.``."""
    found: dict[str, ast.Module] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name] = ast.parse(path.read_text("utf-8"), filename=str(path))
    return found


MODULES = sorted(_sources())


@cache
def _imports(name: str) -> frozenset[str]:
    """Full names of all that a module imports, wherever in it; ``okx_doctor.`` is cut off its own."""
    found: set[str] = set()
    for node in ast.walk(_sources()[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _own(name: str) -> frozenset[str]:
    """The package's own modules that a module imports."""
    prefix = "okx_doctor."
    return frozenset(
        short for full in _imports(name) if full.startswith(prefix) and (short := full[len(prefix) :]) in _sources()
    ) - {name}


def _foreign(name: str) -> set[str]:
    """What a module imports from outside, by full name and by its top."""
    outside = {full for full in _imports(name) if full.partition(".")[0] != "okx_doctor"}
    return outside | {full.partition(".")[0] for full in outside}


def _part(name: str) -> str:
    return name.partition(".")[0]


def _reach(name: str, seen: set[str] | None = None) -> set[str]:
    """A module and all of the package's own that it imports, directly or not."""
    seen = set() if seen is None else seen
    if name not in seen:
        seen.add(name)
        for other in _own(name):
            _reach(other, seen)
    return seen


def test_every_module_has_its_place_in_a_layer() -> None:
    assert {_part(name) for name in MODULES if name} <= set(LEVEL)


def test_the_page_on_architecture_draws_these_layers_and_names_files_that_are_there() -> None:
    page = (ROOT.parent / "docs" / "architecture.md").read_text("utf-8")
    drawing = page.split("```")[1]
    drawn = [set(re.findall(r"^  (\w+)(?:/|\.py) ", layer, re.MULTILINE)) for layer in drawing.split("\n\n")]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", page)

    assert drawn[::-1] == [set(parts) - {"__main__"} for parts in LAYERS]
    assert [path for path in named if not any((root / path).exists() for root in (ROOT, ROOT.parent))] == []


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_a_module_imports_downwards_or_beside_itself(name: str) -> None:
    upward = {other for other in _own(name) if LEVEL.get(_part(other), 0) > LEVEL.get(_part(name), 0)}

    assert upward == set()


@pytest.mark.parametrize("name", [name for name in MODULES if any(_part(name) in parts for parts in BLIND)])
def test_parts_that_are_blind_to_one_another_import_nothing_of_one_another(name: str) -> None:
    others = next(parts for parts in BLIND if _part(name) in parts) - {_part(name)}

    assert {other for other in _own(name) if _part(other) in others} == set()


def test_the_ground_imports_nothing_of_the_package_but_what_lies_below() -> None:
    assert _own("model") == _own("secrets.secret") == frozenset()
    assert _own("observations") <= {"model"}


def test_nothing_imports_itself_through_others() -> None:
    def cycle(name: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if name in path:
            yield (*path[path.index(name) :], name)
            return
        for other in sorted(_own(name)):
            if not name.startswith(f"{other}."):  # a package's own front door is no cycle
                yield from cycle(other, (*path, name))

    assert next((found for name in MODULES if name for found in cycle(name, ())), None) is None


@pytest.mark.parametrize("name", [name for name in MODULES if _part(name) == "causes"])
def test_judging_touches_no_network_no_process_and_no_file(name: str) -> None:
    for reached in _reach(name):
        assert _foreign(reached) & IO == set(), reached
    assert _calls(name) & (WRITING | {"open"}) == set()


@pytest.mark.parametrize("name", [name for name in MODULES if _part(name) in ("protocol", "model", "observations")])
def test_the_wire_contract_knows_neither_network_nor_clock(name: str) -> None:
    assert _foreign(name) & (IO | {"time"}) == set()
    assert _calls(name) & {"now", "utcnow", "today", "open", *WRITING} == set()


def _called(name: str) -> list[ast.expr]:
    return [node.func for node in ast.walk(_sources()[name]) if isinstance(node, ast.Call)]


def _builtins(name: str) -> set[str]:
    """Names that a module calls as they stand."""
    return {func.id for func in _called(name) if isinstance(func, ast.Name)}


def _calls(name: str) -> set[str]:
    """Names of everything that a module calls, methods included."""
    return _builtins(name) | {func.attr for func in _called(name) if isinstance(func, ast.Attribute)}


@pytest.mark.parametrize("library", sorted(NETWORK))
def test_only_probes_and_the_gate_speak_to_a_network(library: str) -> None:
    users = {_part(name) for name in MODULES if library in _foreign(name)}

    # "checking" stages dead ports, "confining" binds inside the seal, "watching" binds where its metrics are served
    others = {"checking", "confining", "watching"} if library == "socket" else set()
    assert users <= {"probes", "gate"} | others


@pytest.mark.parametrize("name", MODULES)
def test_no_socket_is_read_and_written_by_two_threads(name: str) -> None:
    assert not [one for one in _foreign(name) if one.startswith("websockets.sync")]


def test_only_the_text_report_and_the_progress_line_know_rich() -> None:
    users = {name for name in MODULES if "rich" in _foreign(name)}

    assert "report.text" in users
    assert users <= {"report.text", "cli.progress"}


def test_only_the_command_line_knows_click() -> None:
    assert {_part(name) for name in MODULES if "click" in _foreign(name)} <= {"cli"}


@pytest.mark.parametrize("name", [name for name in MODULES if _part(name) not in ("cli", "__main__")])
def test_only_the_command_line_prints_or_exits(name: str) -> None:
    assert _builtins(name) & {"print", "input", "exit", "quit"} == set()
    child = {"_exit"} if name == "confining.command" else set()  # a forked process that is never okx-doctor again
    assert _calls(name) & {"exit", "_exit"} <= child


@pytest.mark.parametrize("name", [name for name in MODULES if _part(name) == "confining"])
def test_the_seal_is_made_of_the_standard_library_and_itself_alone(name: str) -> None:
    outside = {full.partition(".")[0] for full in _foreign(name)} - {""}

    assert outside <= sys.stdlib_module_names
    assert {_part(other) for other in _own(name)} <= {"confining"}


@pytest.mark.parametrize("name", [name for name in MODULES if not name.rpartition(".")[2].startswith("_")])
def test_every_public_module_says_what_it_is(name: str) -> None:
    assert ast.get_docstring(_sources()[name])


@pytest.mark.parametrize("name", [name for name in okx_doctor.__all__ if name != "__version__"])
def test_a_public_name_leads_to_something_of_this_package_that_is_described(name: str) -> None:
    found = getattr(okx_doctor, name)

    assert found.__module__.startswith("okx_doctor.")
    assert found.__name__ == name
    assert found.__doc__


@pytest.mark.parametrize("name", ["examine", "Check", "_private"])
def test_a_name_that_is_not_public_is_not_there(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(okx_doctor, name)


def _loaded(code: str) -> set[str]:
    """The top-level modules that are loaded after running some code in a Python of its own."""
    script = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=ROOT.parent, env=unmeasured(), capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_no_library() -> None:
    libraries = {"httpx", "click", "rich", "websockets", "h11", "msgspec", "trustme", "dotenv", "ntplib", "ssl"}

    assert _loaded("import okx_doctor; okx_doctor.__version__").isdisjoint(libraries)


def test_judging_a_report_loads_no_client_and_no_console() -> None:
    loaded = _loaded("import okx_doctor.causes.engine, okx_doctor.report.json")

    assert loaded.isdisjoint({"httpx", "click", "rich", "websockets", "ssl", "socket", "ntplib", "trustme"})


@pytest.mark.parametrize("name", MODULES)
def test_no_module_makes_a_tls_context_that_logs_its_keys(name: str) -> None:
    """Python's default context, and httpx's, write the keys of every connection where ``SSLKEYLOGFILE`` says."""
    called = {node.attr for node in ast.walk(_sources()[name]) if isinstance(node, ast.Attribute)}

    assert called.isdisjoint({"create_default_context", "create_ssl_context", "_create_stdlib_context"})

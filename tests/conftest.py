"""No test reads this machine's OKX settings, reaches another machine, or runs a program that may not be here."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from okx_doctor.protocol.sites import is_loopback
from tests import needs, quick
from tests.programs import PACKAGES

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write golden texts and generated pages instead of comparing"
    )
    parser.addoption("--all", action="store_true", help="run every test; without it, paths or -m the quick part alone")


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Whether golden texts and generated pages are to be written anew."""
    return bool(pytestconfig.getoption("--update"))


@pytest.fixture(scope="session")
def is_kept(update: bool) -> Callable[[Path, str], None]:
    """Compare a text with the file that keeps it, or write that file."""

    def compare(file: Path, text: str) -> None:
        if update:
            file.write_text(text, "utf-8", newline="\n")
        assert text == file.read_text("utf-8"), f"{file} is no longer this text; --update writes it anew"

    return compare


def pytest_configure(config: pytest.Config) -> None:
    config.option.quick = quick.is_asked_for(config)

    def stop(event: str, what: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            needs.stop_what_was_not_asked_for((what[1],) if isinstance(what[1], str | os.PathLike) else what[1])

    sys.addaudithook(stop)
    # A shell that does not wait for a job has it ignore Ctrl-C and Ctrl-\, nohup has it ignore the end of the terminal;
    # every program of a test would ignore them as well.
    usual = (("SIGINT", signal.default_int_handler), ("SIGQUIT", signal.SIG_DFL), ("SIGHUP", signal.SIG_DFL))
    for name, as_usual in usual:
        number = getattr(signal, name, None)  # Windows has neither SIGQUIT nor SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, as_usual)


def pytest_report_header(config: pytest.Config) -> str | None:
    return "the quick part; pytest --all runs every test" if config.option.quick else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.option.quick and quick.has_none_of(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.quick:
        items[:], left = quick.split(items)
        config.hook.pytest_deselected(items=left)
    needs.skip_what_lacks_programs(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    needs.now_runs(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests each missing program has cost, and how to have them all."""
    skipped = terminalreporter.stats.get("skipped", [])
    counts = needs.skipped_by_program(report.longrepr[2] for report in skipped)
    if counts:
        terminalreporter.section("skipped for want of a program")
        terminalreporter.line(", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
        packages = sorted({PACKAGES[name] for name in counts if name in PACKAGES})
        if packages:
            terminalreporter.line(f"on Debian: apt-get install {' '.join(packages)}")


@pytest.fixture(autouse=True, scope="module")
def own_leaks() -> Iterator[None]:
    """A file or a process that a module's tests leave open is told in that module, not in whichever comes next."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def shut_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clear OKX and proxy variables; connecting or resolving beyond loopback fails the test.

    A test that wants another ``getaddrinfo`` stages its own.
    """
    if request.node.get_closest_marker("live"):
        yield
        return
    for name in tuple(os.environ):
        if name.upper().startswith(("OKX_", "OKEX_", "OK_ACCESS_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    strays: list[str] = []

    def watch(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _stop_strays(address[0], strays)
            return real(self, address)

        return connect

    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *rest: Any, **options: Any) -> Any:
        _stop_strays(host, strays)
        return real_lookup(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", watch(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", watch(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield
    if strays:
        pytest.fail(f"this test tried to leave the machine: {', '.join(strays)}")


def _stop_strays(host: object, strays: list[str]) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "localhost")
    if not is_loopback(name) and name not in ("0.0.0.0", "::"):
        strays.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "no test leaves this machine")

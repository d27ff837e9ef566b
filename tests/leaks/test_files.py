"""Files as they come: of any size, of any kind, in any encoding."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from okx_doctor.leaks.files import Known, Unreadable, leaks_in_file
from okx_doctor.leaks.find import Leak
from tests.leaks.corpus import SECRET, THREE, filled
from tests.memory import peak

pytestmark = pytest.mark.slow

ENV = filled(THREE["an env file"][1])
LOADED: Known = {SECRET.encode(): ("secret", "a copy of OKX_SECRET_KEY")}


def found(path: Path, known: Known | None = None) -> list[tuple[int, str]]:
    return [(leak.line, leak.slot) for leak in leaks_in_file(str(path), known or {})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_is_read_however_it_is_encoded(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(f"# Schlüssel\n{ENV}".encode(encoding))
    assert found(file) == [(2, "api_key"), (3, "secret"), (4, "passphrase")]


def test_a_loaded_value_is_found_in_a_binary_file_and_nothing_else_is(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_bytes(b"\0\1\2" * 100 + b"\n" + ENV.encode() + b"\0")
    assert found(file) == []
    assert leaks_in_file(str(file), LOADED) == (Leak(line=3, slot="secret", variable="a copy of OKX_SECRET_KEY"),)


def test_a_loaded_value_is_found_under_any_name(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text(f"\n\nmy thing: {SECRET}, {SECRET}\n")
    assert found(file) == []
    assert found(file, LOADED) == [(3, "secret")]


def test_what_is_loaded_and_what_looks_like_it_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{ENV}\n\ncopied: {SECRET}\n")
    assert found(file, LOADED) == [(1, "api_key"), (2, "secret"), (3, "passphrase"), (6, "secret")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("lines", [0, 500_000])
def test_a_loaded_value_and_a_named_one_are_found_in_utf_16_of_any_size(
    encoding: str, lines: int, tmp_path: Path
) -> None:
    file = tmp_path / ".env"
    mark = "" if encoding == "utf-16" else "\ufeff"
    text = f"copied: {SECRET}\n{ENV}"
    file.write_bytes((mark + "# Grüße \u0a0a\n" * lines + text).encode(encoding))
    named = [(lines + 2, "api_key"), (lines + 3, "secret"), (lines + 4, "passphrase")]
    assert found(file) == named
    assert found(file, LOADED) == [(lines + 1, "secret"), *named]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(f"# Schlüssel 钥匙\r\n{ENV}".encode(encoding))
    assert found(file) == [(2, "api_key"), (3, "secret"), (4, "passphrase")]


@pytest.mark.parametrize("begun", [b"", b"\0", b"\0\0" * 50, bytes(range(256)) * 8, b"a\0\0\0" * 50])
def test_what_is_no_text_is_not_taken_for_utf_16(begun: bytes, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(begun + b"\0\0\0\n" + ENV.encode())
    assert found(file) == []


@pytest.mark.parametrize("before", [4 * 2**20 - 40, 4 * 2**20 + 7, 9 * 2**20, 4 * 2**20 - len(ENV)])
def test_a_large_file_is_read_to_its_end_and_its_lines_are_counted_right(before: int, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    lines = before // 32
    file.write_text(("x" * 31 + "\n") * lines + "y" * (before % 32) + "\n" + ENV)
    assert found(file) == [(lines + 2, "api_key"), (lines + 3, "secret"), (lines + 4, "passphrase")]


def test_a_huge_file_is_read_with_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "huge.log"
    with file.open("wb") as stream:
        stream.write(b"\n")
        stream.truncate(300 * 2**20)
    leaked, memory = peak(lambda: found(file, LOADED))
    assert leaked == []
    assert memory < 50 * 2**20


def test_one_endless_line_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bundle.js"
    file.write_text("x;" * 3_000_000 + filled("okx={apiKey:'{key}',secret:'{secret}'}") + "y;" * 3_000_000)
    assert found(file) == [(1, "api_key"), (1, "secret")]


def test_a_symbolic_link_holds_no_credential(tmp_path: Path) -> None:
    (tmp_path / "target").write_text(ENV)
    (tmp_path / ".env").symlink_to("target")
    (tmp_path / "round").symlink_to("round")
    assert found(tmp_path / ".env") == found(tmp_path / "round") == []


@pytest.mark.parametrize("what", ["missing", "fifo", "folder", "nul\0"])
def test_what_cannot_be_read_says_why_and_hangs_nothing(what: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unreadable, match=r"No such file|regular file|directory|no file can"):
        leaks_in_file(f"{tmp_path}/{what}", {})


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert found(tmp_path / "empty") == []


@pytest.mark.parametrize("package", ["okx", "ccxt.okx", "ccxt.async_support.okx", "requests", "click", "lxml", "yaml"])
def test_libraries_hold_no_credentials(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin)
    files = sorted(home.parent.rglob("*")) if home.name == "__init__.py" else [home]
    assert [(file, found(file)) for file in files if file.is_file() and found(file)] == []

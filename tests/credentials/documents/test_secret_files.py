from __future__ import annotations

import os
from pathlib import Path

import pytest

from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.documents.secret_files import from_directory, from_variables
from okx_doctor.credentials.files import UnusableFile


def _values(home: Home | None) -> list[tuple[str, str]]:
    assert home is not None
    return [(entry.slot, entry.value.reveal()) for entry in home.found]


def test_a_directory_s_files_are_found_by_their_names(tmp_path: Path) -> None:
    for name, text in {"okx_api_key": "a", "OKX_SECRET_KEY": "b", "passphrase.txt": "c", "ca.crt": "d"}.items():
        (tmp_path / name).write_text(text)

    home = from_directory(tmp_path)

    assert sorted(_values(home)) == [("api_key", "a"), ("passphrase", "c"), ("secret", "b")]
    assert {entry.source.file for entry in home.found} == {
        str(tmp_path / name) for name in ("okx_api_key", "OKX_SECRET_KEY", "passphrase.txt")
    }


def test_a_mount_of_kubernetes_is_followed_through_its_links(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_22").mkdir()
    (tmp_path / "..2026_11_22" / "OKX_PASSPHRASE").write_text("Abc-12345")
    (tmp_path / "..data").symlink_to("..2026_11_22")
    (tmp_path / "OKX_PASSPHRASE").symlink_to("..data/OKX_PASSPHRASE")

    assert _values(from_directory(tmp_path)) == [("passphrase", "Abc-12345")]


@pytest.mark.parametrize("raw", ["Abc-12345\n", "Abc-12345\r\n", " Abc-12345", "Abc\n12345", "", "\n"])
def test_a_file_s_text_is_the_value_to_the_last_character(tmp_path: Path, raw: str) -> None:
    (tmp_path / "OKX_PASSPHRASE").write_bytes(raw.encode())

    assert _values(from_directory(tmp_path)) == [("passphrase", raw)]
    assert _values(from_variables({"OKX_PASSPHRASE_FILE": str(tmp_path / "OKX_PASSPHRASE")})) == [("passphrase", raw)]


def test_the_usual_name_stands_first(tmp_path: Path) -> None:
    (tmp_path / "OKX_PASSWORD").write_text("second")
    (tmp_path / "OKX_PASSPHRASE").write_text("first")

    assert [text for _, text in _values(from_directory(tmp_path))] == ["first", "second"]


def test_a_directory_without_such_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()

    with pytest.raises(UnusableFile, match="holds no file called as a variable"):
        from_directory(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFO in the file system")
def test_a_secret_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "OKX_SECRET_KEY")

    with pytest.raises(UnusableFile, match="not a regular file"):
        from_directory(tmp_path)


def test_a_variable_s_file_that_is_missing_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="OKX_API_SECRET_FILE names"):
        from_variables({"OKX_API_SECRET_FILE": str(tmp_path / "gone")})


def test_without_such_a_variable_there_is_nothing() -> None:
    assert from_variables({"OKX_PASSPHRASE": "x", "OKX_PASSPHRASE_FILE": "", "OKX_FILE": "x"}) is None

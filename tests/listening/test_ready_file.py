"""The file that tells where the listener is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NoReturn

import click
import pytest

from okx_doctor.cli.ready_file import ReadyFile

pytestmark = pytest.mark.slow


def test_a_ready_file_is_whole_private_and_gone_at_the_end_and_a_stale_one_is_gone_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text('{"url": "http://127.0.0.1:1"}')

    ready = ReadyFile.claimed(str(path))
    assert list(tmp_path.iterdir()) == []
    ready.write({"url": "x"})

    assert path.read_text() == '{\n  "url": "x"\n}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    ready.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_ready_file_of_another_listener_stays(tmp_path: Path) -> None:
    first = ReadyFile.claimed(str(tmp_path / "ready.json"))
    first.write({"url": "first"})
    second = ReadyFile.claimed(str(tmp_path / "ready.json"))
    second.write({"url": "second"})

    first.remove()

    assert json.loads((tmp_path / "ready.json").read_text()) == {"url": "second"}


def test_without_a_name_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ready = ReadyFile.claimed(None)
    ready.write({"url": "x"})
    ready.remove()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["folder", "link", "pipe"])
def test_what_is_no_regular_file_is_not_taken_away(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "link").symlink_to("precious")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(click.UsageError, match="something other than a regular file is there"):
        ReadyFile.claimed(str(tmp_path / what))

    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "precious").read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "why"), [("no/such/file", "No such file or directory"), ("precious/file", "Not a directory"), ("a\0b", "")]
)
def test_a_place_where_no_file_can_be_is_told_with_its_reason(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(click.UsageError) as raised:
        ReadyFile.claimed(f"{tmp_path}/{name}")

    assert raised.value.message == f"cannot write {tmp_path}/{name}: {why or 'no file can be called so'}"


def test_a_place_that_was_taken_meanwhile_is_told_and_nothing_lies_about(tmp_path: Path) -> None:
    ready = ReadyFile.claimed(str(tmp_path / "ready.json"))
    (tmp_path / "ready.json").mkdir()
    with pytest.raises(click.UsageError, match=r"cannot write .*ready.json: Is a directory"):
        ready.write({"url": "x"})
    ready.remove()

    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]


def test_one_that_was_never_written_is_not_taken_away(tmp_path: Path) -> None:
    ready = ReadyFile.claimed(str(tmp_path / "ready.json"))
    (tmp_path / "ready.json").write_text("of another")
    ready.remove()

    assert (tmp_path / "ready.json").read_text() == "of another"


def test_an_interrupted_write_leaves_nothing_lying(tmp_path: Path) -> None:
    class Interrupted(dict[str, object]):
        def items(self) -> NoReturn:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ReadyFile.claimed(str(tmp_path / "ready.json")).write(Interrupted(secret="x"))

    assert list(tmp_path.iterdir()) == []

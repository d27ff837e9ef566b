"""The file that tells where the listener is."""

from __future__ import annotations

import json
from pathlib import Path

from okx_doctor.cli.ready_file import ReadyFile


def test_a_ready_file_is_whole_private_and_gone_at_the_end_and_a_stale_one_is_gone_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text('{"url": "http://127.0.0.1:1"}')

    ready = ReadyFile.claimed(str(path))
    assert list(tmp_path.iterdir()) == []
    ready.write({"url": "x"})

    assert json.loads(path.read_text()) == {"url": "x"}
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

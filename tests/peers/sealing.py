"""Programs under ``okx-doctor run``, as they stand, with a line of JSON for each thing that they send."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.peers.listeners import clean_environment

SECONDS = 300


def run_sealed(
    command: Sequence[str], folder: Path, variables: Mapping[str, str]
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """The ended process, and the lines about what it sent."""
    line = [sys.executable, "-m", "okx_doctor", "run", "--no-env-file", "--format", "json", "--output", "out", "--"]
    done = subprocess.run(
        [*line, *command],
        env=clean_environment(**variables),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    rows = [json.loads(text) for text in (folder / "out").read_text("utf-8").splitlines()]
    return done, rows[:-1]

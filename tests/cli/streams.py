"""Runs command lines whose streams are closed, full, or read by nobody, one after the other in one process.

Reads ``[{"arguments": [...], "env": {...}, "out": STATE, "err": STATE}, ...]`` from stdin and writes one JSON object
per run to the descriptor that its first argument names. A state is ``caught``, ``closed``, ``full`` or ``left``.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import tempfile
from contextlib import suppress
from typing import IO, TextIO

from okx_doctor import cli

NOWHERE = os.open(os.devnull, os.O_WRONLY)


def stream(number: int, state: str, caught: IO[bytes]) -> TextIO | None:
    """Descriptor ``number`` in that state, and the stream that Python would make of it when it starts."""
    os.close(number)
    match state:
        case "closed":
            return None
        case "full":
            made = os.open("/dev/full", os.O_WRONLY)
        case "left":
            reading, made = os.pipe()
            os.close(reading)
        case _:
            made = os.dup(caught.fileno())
    if made != number:
        os.dup2(made, number)
        os.close(made)
    buffered = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    errors = "strict" if number == 1 else "backslashreplace"
    return io.TextIOWrapper(buffered, "utf-8", errors, line_buffering=number == 2)


def one(arguments: list[str], env: dict[str, str], out: str, err: str) -> dict[str, object]:
    """One run, its streams in the state that is asked for."""
    os.environ.clear()
    os.environ.update(env)
    sys.argv[1:] = arguments
    with tempfile.TemporaryFile() as caught_out, tempfile.TemporaryFile() as caught_err:
        sys.stdout, sys.stderr = stream(1, out, caught_out), stream(2, err, caught_err)
        status = cli.run()
        for number, each in ((1, sys.stdout), (2, sys.stderr)):
            if each is not None:
                with suppress(OSError, AttributeError):  # click puts a wrapper around what is none
                    each.flush()
                os.dup2(NOWHERE, number)  # or what is still held is complained of when the stream is collected
        caught = []
        for file in (caught_out, caught_err):
            file.seek(0)
            caught.append(base64.b64encode(file.read()).decode())
    return {"status": status, "out": caught[0], "err": caught[1]}


def main() -> None:
    told = os.fdopen(int(sys.argv[1]), "w")
    for run in json.load(sys.stdin):
        for number in (1, 2):  # or a file of the run's own might become one of them
            os.dup2(NOWHERE, number)
        told.write(json.dumps(one(run["arguments"], run["env"], run["out"], run["err"])) + "\n")
        told.flush()
    os._exit(0)


main()
